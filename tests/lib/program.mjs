/** A program that runs for as long as a test needs it, with its log. */

import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { spawnGuarded } from './processes.mjs';
import { until, within } from './wait.mjs';

/** How long a program may take to end after a signal on a busy machine. */
const STOP_SECONDS = 60;
/** How much of a log an error shows. */
const TAIL_LINES = 40;

/** A program that can be started, stopped and killed, again and again. All its runs share one log. */
export class Program {
  /**
   * @param {object} settings
   * @param {string} settings.name unique in the test file; names the log
   * @param {string} settings.directory where the log goes
   */
  constructor({ name, directory }) {
    this.name = name;
    this.logPath = join(directory, `${name}.log`);
    this.child = null;
  }

  /** @returns {boolean} */
  get isRunning() {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }

  /**
   * Starts the program and waits until it answers.
   *
   * @param {string} program
   * @param {string[]} args
   * @param {number} seconds how long that may take
   * @param {() => Promise<unknown>} answers an error that it throws ends the wait, and the program
   */
  async launch(program, args, seconds, answers) {
    const log = openSync(this.logPath, 'a');
    this.child = spawnGuarded(program, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    try {
      await until(`${this.name} answers`, seconds, () => {
        if (!this.isRunning) throw new Error(`${this.name} ended while it started\n${this.logTail()}`);
        return answers();
      });
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  /**
   * Asks the program to end, and waits until it has.
   *
   * @returns {Promise<number | null>} the exit status
   */
  async stop() {
    return this.#end('SIGTERM');
  }

  /** Ends the program without giving it a chance to clean up. */
  async kill() {
    await this.#end('SIGKILL');
  }

  async #end(signal) {
    const { child } = this;
    if (!this.isRunning) return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill(signal);
    const [code] = await within(`${this.name} ends after ${signal}`, STOP_SECONDS, ended);
    return code;
  }

  /**
   * Waits for the program to end by itself.
   *
   * @param {number} seconds
   * @returns {Promise<number | null>} the exit status
   */
  async ended(seconds) {
    await until(`${this.name} ends by itself`, seconds, () => !this.isRunning);
    return this.child.exitCode;
  }

  /** @returns {string} everything that the program has printed, in all its runs; nothing where it never ran */
  log() {
    return existsSync(this.logPath) ? readFileSync(this.logPath, 'utf8') : '';
  }

  /** @returns {string} the end of the log, with a heading */
  logTail() {
    const lines = this.log().trimEnd().split('\n').slice(-TAIL_LINES);
    return [`--- last lines of ${this.logPath}`, ...lines, '---'].join('\n');
  }
}
