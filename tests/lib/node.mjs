/** A running node: its process, its log, its RPC. */

import { nodeBinary } from './binary.mjs';
import { freePort } from './ports.mjs';
import { Program } from './program.mjs';

/** How long a node may take until its RPC answers on a busy machine. */
const START_SECONDS = 180;

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
export class ChainNode extends Program {
  /**
   * @param {object} settings
   * @param {string} settings.name unique in the test file; names the log
   * @param {string} settings.directory where the log goes
   * @param {string[]} settings.args beside the ports, which are chosen here
   * @param {string[]} [settings.wrapper] a program, with arguments, that starts the node
   */
  constructor({ name, directory, args, wrapper = [] }) {
    super({ name, directory });
    this.args = args;
    this.wrapper = wrapper;
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
    await this.launch(program, args, START_SECONDS, () => this.#answers());
  }

  async #answers() {
    try {
      return await this.rpc('system_health');
    } catch (error) {
      if (error instanceof RpcError) throw error;
      return false;
    }
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
}
