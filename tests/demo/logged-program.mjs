/** A program whose output goes to a file, and line by line to whoever listens. */

import { once } from 'node:events';
import { openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

import { spawnGuarded } from '../lib/processes.mjs';

/** How much of the log is kept at hand, for the case that the program ends. */
const LAST_LINES = 12;

/** Runs from the beginning until it ends, or is stopped. */
export class LoggedProgram {
  #child;
  #log;
  #last = [];

  /**
   * @param {object} settings
   * @param {string} settings.name what to call it
   * @param {string[]} settings.command the program and its arguments
   * @param {string} settings.logPath
   * @param {(line: string) => void} settings.onLine
   */
  constructor({ name, command: [program, ...args], logPath, onLine }) {
    this.name = name;
    this.logPath = logPath;
    this.#log = openSync(logPath, 'a');
    // Ctrl-C in a terminal goes to its whole group of processes. This one is to be stopped in its turn.
    this.#child = spawnGuarded(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#last = [...this.#last, line].slice(-LAST_LINES);
        this.note(line);
        onLine(line);
      });
    }
    /** @type {Promise<string>} how it ended, when it has, and all that it printed has been read */
    this.ended = once(this.#child, 'close').then(([code, signal]) => (signal ? `by ${signal}` : `with status ${code}`));
  }

  /** @returns {number} */
  get pid() {
    return this.#child.pid;
  }

  /** @returns {string[]} the last lines that it printed */
  get lastLines() {
    return this.#last;
  }

  /** Adds a line to its log, which may be somebody else's. */
  note(line) {
    writeSync(this.#log, `${line}\n`);
  }

  /** Asks it to end, and makes it end after so many seconds. */
  async stop(seconds) {
    this.#child.kill('SIGTERM');
    await Promise.race([this.ended, sleep(seconds * 1000, undefined, { ref: false })]);
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}
