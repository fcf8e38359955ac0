/** What a node must do with bad input: end soon, with one clear line, and harm nothing. */

import assert from 'node:assert/strict';

import { nodeBinary, refusalSeconds, runProgram } from './binary.mjs';
import { freePort } from './ports.mjs';

/** Traces of a crash, which nobody should ever see. */
const CRASH = /panicked at|stack backtrace|RUST_BACKTRACE|thread '[^']*' \(?\d*\)? ?panicked|SIGSEGV|core dumped/i;
/** Rust's debug format, which is for programmers. */
const DEBUG_FORMAT = /^error: \w+(\(|::|\s*\{)/i;

/**
 * Checks that a run ended as bad input must end.
 *
 * @param {import('./binary.mjs').Outcome} outcome
 * @param {RegExp[]} says what the one line of the error must say: what is wrong, and what to do
 */
export function assertClearFailure(outcome, says) {
  const shown = `\`${outcome.command}\`:\n${outcome.stderr}`;
  assert.equal(outcome.timedOut, false, `did not end in time: ${shown}`);
  assert.notEqual(outcome.code, null, `was ended by ${outcome.signal}: ${shown}`);
  assert.notEqual(outcome.code, 0, `succeeded: ${shown}`);
  assert.doesNotMatch(outcome.stdout + outcome.stderr, CRASH, shown);

  const errors = outcome.stderr.split('\n').filter((line) => /^error: /i.test(line));
  assert.equal(errors.length, 1, `${errors.length} lines with an error: ${shown}`);
  const [line] = errors;
  assert.doesNotMatch(line, DEBUG_FORMAT);
  for (const pattern of says) assert.match(line, pattern, shown);
}

/**
 * Checks that clap refuses a command line, and points to the help.
 *
 * @param {import('./binary.mjs').Outcome} outcome
 * @param {RegExp[]} says
 */
export function assertWrongUsage(outcome, says) {
  assertClearFailure(outcome, says);
  assert.equal(outcome.code, 2, outcome.stderr);
  assert.match(outcome.stderr, /--help/, outcome.stderr);
}

/**
 * Runs a node that should not start: on free ports, unless the arguments say otherwise.
 *
 * @param {string[]} args
 * @param {string[]} [wrapper] a program, with arguments, that starts the node
 * @returns {Promise<import('./binary.mjs').Outcome>}
 */
export async function runBadNode(args, wrapper = []) {
  const ports = [];
  for (const option of ['--rpc-port', '--port', '--prometheus-port']) {
    if (!args.includes(option)) ports.push(option, `${await freePort()}`);
  }
  const [program, ...rest] = [...wrapper, nodeBinary(), ...args, ...ports];
  return runProgram(program, [...rest, '--no-mdns', '--no-telemetry', '--disable-log-color'], {
    seconds: refusalSeconds(),
  });
}
