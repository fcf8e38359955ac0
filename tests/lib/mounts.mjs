/** Disks of our own making: tiny ones and read-only ones. */

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';

import { runProgram } from './binary.mjs';
import { spawnGuarded } from './processes.mjs';
import { within } from './wait.mjs';

/** How a private mount namespace is made: by root, or where allowed by anybody in a user namespace. */
const WAYS = [
  { unshare: ['--mount'], nsenter: ['--mount'] },
  { unshare: ['--user', '--map-root-user', '--mount'], nsenter: ['--user', '--mount', '--preserve-credentials'] },
];

const way = WAYS.find(({ unshare }) => {
  const probe = spawnSync('unshare', [...unshare, 'mount', '-t', 'tmpfs', 'probe', '/mnt'], { stdio: 'ignore' });
  return probe.status === 0;
});

/** Why a test that mounts something cannot run here, or false where it can. */
export const cannotMount = way ? false : 'this user can mount nothing here: it needs root or user namespaces';

/** A shell that has mounted something where nobody else sees it. It ends with the scene, and the mount with it. */
export class PrivateMount {
  #shell;

  /**
   * @param {import('./scene.mjs').Scene} scene
   * @param {string} script what to mount; runs in a POSIX shell
   * @returns {Promise<PrivateMount>}
   */
  static async make(scene, script) {
    const mount = new PrivateMount();
    scene.mounts.push(mount);
    // The last command waits until its input is closed.
    mount.#shell = spawnGuarded('unshare', [...way.unshare, 'sh', '-ec', `${script}\necho mounted\nexec cat`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ready = Promise.race([
      once(mount.#shell.stdout, 'data'),
      once(mount.#shell, 'exit').then(([code]) => {
        throw new Error(`mounting failed with ${code}: ${script}`);
      }),
    ]);
    await within(`mounting: ${script}`, 60, ready);
    return mount;
  }

  /**
   * A folder that is a disk of its own, with so little room.
   *
   * @param {import('./scene.mjs').Scene} scene
   * @param {string} folder
   * @param {number} megabytes
   */
  static tiny(scene, folder, megabytes) {
    return PrivateMount.make(scene, `mount -t tmpfs -o size=${megabytes}m tiny '${folder}'`);
  }

  /**
   * A folder with all that is in it, to be read only.
   *
   * @param {import('./scene.mjs').Scene} scene
   * @param {string} folder
   */
  static readOnly(scene, folder) {
    return PrivateMount.make(scene, `mount --bind '${folder}' '${folder}' && mount -o remount,bind,ro '${folder}'`);
  }

  /** @returns {string[]} what to put before a command so that it sees the mount */
  get wrapper() {
    return ['nsenter', '--target', `${this.#shell.pid}`, ...way.nsenter, '--'];
  }

  /**
   * Runs a script that sees the mount; it must succeed.
   *
   * @param {string} script for a POSIX shell
   */
  async run(script) {
    const [program, ...args] = this.wrapper;
    const outcome = await runProgram(program, [...args, 'sh', '-ec', script]);
    if (outcome.code !== 0) throw new Error(`${script}: ${outcome.stderr}`);
  }

  /** Undoes the mount, once nobody uses it any more. */
  async end() {
    if (this.#shell.exitCode !== null || this.#shell.signalCode !== null) return;
    const ended = once(this.#shell, 'exit');
    this.#shell.stdin.end();
    await within('unmounting', 60, ended);
  }
}
