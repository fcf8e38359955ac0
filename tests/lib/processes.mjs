/** Child processes that never outlive the tests. */

import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';

/** Linux ends a child whose parent is gone when the child is started through this program (util-linux). */
const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => {
  try {
    accessSync(path, constants.X_OK);
    return process.platform === 'linux';
  } catch {
    return false;
  }
});

const running = new Set();

/**
 * Starts a child that is killed when this process ends, however it ends.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {import('node:child_process').ChildProcess}
 */
export function spawnGuarded(program, args, options) {
  const child = SETPRIV
    ? spawn(SETPRIV, ['--pdeathsig', 'KILL', '--', program, ...args], options)
    : spawn(program, args, options);
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

function killAll() {
  for (const child of running) child.kill('SIGKILL');
}

process.once('exit', killAll);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    // Whoever listens as well ends them in its own way.
    if (process.listenerCount(signal) === 0) process.exit(1);
  });
}
