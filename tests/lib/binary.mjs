/** The node's binary: where it is, and one run of it from start to end. */

import { accessSync, constants } from 'node:fs';
import { availableParallelism, homedir, loadavg } from 'node:os';
import { join } from 'node:path';

import { spawnGuarded } from './processes.mjs';

/** How long bad input may take to be refused where nothing else runs. */
const REFUSAL_SECONDS = 30;
/** How long a command may take that should succeed, on a busy machine. */
const COMMAND_SECONDS = 120;

/**
 * How long bad input may take to be refused now: longer where several processes wait for each processor.
 *
 * @returns {number} seconds
 */
export function refusalSeconds() {
  const [busy] = loadavg();
  return REFUSAL_SECONDS * Math.max(1, busy / availableParallelism());
}

/**
 * The binary under test: `LOOPIN_NODE`, or the release build in cargo's target directory.
 *
 * @returns {string} its path
 */
export function nodeBinary() {
  const target = process.env.CARGO_TARGET_DIR ?? join(homedir(), '.cache/loopin/target');
  const path = process.env.LOOPIN_NODE ?? join(target, 'release/loopin-node');
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Error(`there is no node at ${path}: build it with \`cargo build --release\`, or set LOOPIN_NODE`);
  }
  return path;
}

/**
 * What came of a command.
 *
 * @typedef {object} Outcome
 * @property {string} command the command line
 * @property {number | null} code its exit status; null when a signal ended it
 * @property {string | null} signal the signal that ended it
 * @property {boolean} timedOut whether it was stopped because it did not end in time
 * @property {string} stdout
 * @property {string} stderr
 */

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{ seconds?: number, input?: string }} [options] `seconds`: when to stop it with SIGKILL
 * @returns {Promise<Outcome>}
 */
export function runProgram(program, args, { seconds = COMMAND_SECONDS, input = '' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawnGuarded(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8');
      child[stream].on('data', (text) => (output[stream] += text));
    }
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
    }, seconds * 1000);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ command: [program, ...args].join(' '), code, signal, timedOut, ...output });
    });
    // A program that ends without reading its input closes the pipe, which is no failure of the command.
    child.stdin.on('error', (error) => error.code === 'EPIPE' || reject(error));
    child.stdin.end(input);
  });
}

/**
 * Runs `loopin-node` with these arguments to its end.
 *
 * @param {string[]} args
 * @param {{ seconds?: number, input?: string }} [options]
 * @returns {Promise<Outcome>}
 */
export function runNode(args, options) {
  return runProgram(nodeBinary(), args, options);
}

/**
 * Runs `loopin-node`, which must succeed.
 *
 * @param {string[]} args
 * @returns {Promise<string>} its standard output
 */
export async function runNodeOk(args) {
  const outcome = await runNode(args);
  if (outcome.code !== 0) {
    throw new Error(`\`${outcome.command}\` ended with ${outcome.code ?? outcome.signal}:\n${outcome.stderr}`);
  }
  return outcome.stdout;
}
