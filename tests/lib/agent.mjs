/** A device agent that runs, and the keys with which agents and verifiers sign. */

import { accessSync, constants } from 'node:fs';
import { dirname, join } from 'node:path';

import { nodeBinary, runProgram } from './binary.mjs';
import { freePort } from './ports.mjs';
import { Program } from './program.mjs';

/** How long an agent may take until it answers on a busy machine. */
const START_SECONDS = 60;

/**
 * The agent under test: `LOOPIN_AGENT`, or the one beside the node.
 *
 * @returns {string} its path
 */
export function agentBinary() {
  const path = process.env.LOOPIN_AGENT ?? join(dirname(nodeBinary()), 'loopin-agent');
  try {
    accessSync(path, constants.X_OK);
  } catch {
    throw new Error(`there is no agent at ${path}: build it with \`cargo build --release\`, or set LOOPIN_AGENT`);
  }
  return path;
}

/**
 * Makes a key for an agent of the cpu backend.
 *
 * @param {string} file where it goes
 * @returns {Promise<{ agentKey: string, gpuId: string }>} what to register a device with
 */
export async function makeKey(file) {
  await runAgent('key', 'generate', '--file', file);
  const shown = await runAgent('key', 'inspect', '--file', file, '--backend', 'cpu');
  const [, agentKey] = /agentKey: (0x[0-9a-f]{64})/.exec(shown);
  const [, gpuId] = /gpuId: +(0x[0-9a-f]{64})/.exec(shown);
  return { agentKey, gpuId };
}

async function runAgent(...args) {
  const { code, stdout, stderr } = await runProgram(agentBinary(), args);
  if (code !== 0) throw new Error(`loopin-agent ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** An agent that can be started, stopped and killed, again and again. */
export class Agent extends Program {
  /**
   * @param {object} settings
   * @param {string} settings.name unique in the test file; names the log
   * @param {string} settings.directory where the log goes
   * @param {string[]} settings.args beside the address, which is chosen here
   */
  constructor({ name, directory, args }) {
    super({ name, directory });
    this.args = args;
    this.port = null;
  }

  /** Chooses the port, which stays the same over restarts, so that the device can be registered before. */
  async choosePort() {
    this.port ??= await freePort();
    return this.url;
  }

  /** @returns {string} where it answers: the endpoint to register */
  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the agent and waits until it answers. */
  async start() {
    await this.choosePort();
    const args = ['run', '--listen', `127.0.0.1:${this.port}`, ...this.args];
    await this.launch(agentBinary(), args, START_SECONDS, () => this.#answers());
  }

  async #answers() {
    try {
      const response = await fetch(`${this.url}/health`, { signal: AbortSignal.timeout(5_000) });
      return response.ok;
    } catch {
      return false;
    }
  }
}
