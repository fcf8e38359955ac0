/** A running node: its process, its log, its RPC. */

import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { nodeBinary } from './binary.mjs';
import { freePort } from './ports.mjs';
import { spawnGuarded } from './processes.mjs';
import { until, within } from './wait.mjs';

/** How long a node may take until its RPC answers on a busy machine, and to end after SIGTERM. */
const START_SECONDS = 180;
const STOP_SECONDS = 60;
/** How much of a log an error shows. */
const TAIL_LINES = 40;

/** An error that a node answered with. */
export class RpcError extends Error {
  /** @param {string} method @param {{ code: number, message: string, data?: unknown }} error */
  constructor(method, { code, message, data }) {
    super(`${method}: ${message} (${code})${data === undefined ? '' : `: ${JSON.stringify(data)}`}`);
    this.code = code;
    this.data = data;
  }
}

/**
 * Calls a method by JSON-RPC over HTTP.
 *
 * @param {string} url
 * @param {string} method
 * @param {unknown[]} [params]
 * @returns {Promise<any>} the result
 */
export async function callRpc(url, method, params = []) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(120_000),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  const { result, error } = await response.json();
  if (error) throw new RpcError(method, error);
  return result;
}

/** A node that can be started, stopped and killed, again and again. */
export class ChainNode {
  /**
   * @param {object} settings
   * @param {string} settings.name unique in the test file; names the log
   * @param {string} settings.directory where the log goes
   * @param {string[]} settings.args beside the ports, which are chosen here
   * @param {string[]} [settings.wrapper] a program, with arguments, that starts the node
   */
  constructor({ name, directory, args, wrapper = [] }) {
    this.name = name;
    this.args = args;
    this.wrapper = wrapper;
    this.logPath = join(directory, `${name}.log`);
    this.child = null;
    this.ports = null;
  }

  /** @returns {string} the URL of the RPC over HTTP */
  get httpUrl() {
    return `http://127.0.0.1:${this.ports.rpc}`;
  }

  /** @returns {string} the URL of the RPC over WebSocket */
  get wsUrl() {
    return `ws://127.0.0.1:${this.ports.rpc}`;
  }

  /** @returns {boolean} */
  get isRunning() {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }

  /**
   * Starts the node and waits until its RPC answers. The ports stay the same over restarts.
   *
   * @param {string[]} [extra] arguments for this start only
   */
  async start(extra = []) {
    this.ports ??= { rpc: await freePort(), p2p: await freePort(), metrics: await freePort() };
    const [program, ...args] = [
      ...this.wrapper,
      nodeBinary(),
      ...this.args,
      ...extra,
      ...['--rpc-port', `${this.ports.rpc}`],
      ...['--port', `${this.ports.p2p}`],
      ...['--prometheus-port', `${this.ports.metrics}`],
      '--no-mdns',
      '--no-telemetry',
      '--disable-log-color',
    ];
    const log = openSync(this.logPath, 'a');
    this.child = spawnGuarded(program, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    try {
      await until(`the RPC of ${this.name} answers`, START_SECONDS, () => this.#answers());
    } catch (error) {
      await this.kill();
      throw error;
    }
  }

  async #answers() {
    if (!this.isRunning) throw new Error(`${this.name} ended while it started\n${this.logTail()}`);
    try {
      return await this.rpc('system_health');
    } catch (error) {
      if (error instanceof RpcError) throw error;
      return false;
    }
  }

  /**
   * Asks the node to end, and waits until it has.
   *
   * @returns {Promise<number | null>} the exit status
   */
  async stop() {
    return this.#end('SIGTERM');
  }

  /** Ends the node without giving it a chance to clean up. */
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
   * Waits for the node to end by itself.
   *
   * @param {number} seconds
   * @returns {Promise<number | null>} the exit status
   */
  async ended(seconds) {
    await until(`${this.name} ends by itself`, seconds, () => !this.isRunning);
    return this.child.exitCode;
  }

  /**
   * Calls a method of this node.
   *
   * @param {string} method
   * @param {...unknown} params
   * @returns {Promise<any>}
   */
  rpc(method, ...params) {
    return callRpc(this.httpUrl, method, params);
  }

  /** @returns {Promise<number>} the number of the best block */
  async bestNumber() {
    return Number((await this.rpc('chain_getHeader')).number);
  }

  /** @returns {Promise<number>} the number of the last finalised block */
  async finalizedNumber() {
    const hash = await this.rpc('chain_getFinalizedHead');
    return Number((await this.rpc('chain_getHeader', hash)).number);
  }

  /**
   * @param {number} number
   * @returns {Promise<string | null>} the hash of that block of the best chain
   */
  blockHash(number) {
    return this.rpc('chain_getBlockHash', number);
  }

  /** @returns {string} everything that the node has printed, in all its runs; nothing where it never ran */
  log() {
    return existsSync(this.logPath) ? readFileSync(this.logPath, 'utf8') : '';
  }

  /** @returns {string} the end of the log, with a heading */
  logTail() {
    const lines = this.log().trimEnd().split('\n').slice(-TAIL_LINES);
    return [`--- last lines of ${this.logPath}`, ...lines, '---'].join('\n');
  }
}
