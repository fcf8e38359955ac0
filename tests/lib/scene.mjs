/** What a test file works with: a temporary folder, its nodes, and the connections to them. */

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { Agent } from './agent.mjs';
import { connect } from './client.mjs';
import { ChainNode } from './node.mjs';

/** The stage of one test file. Everything on it is cleared away after the file's tests. */
export class Scene {
  /** @param {string} name names the temporary folder */
  constructor(name) {
    this.directory = mkdtempSync(join(tmpdir(), `loopin-${name}-`));
    /** @type {import('./program.mjs').Program[]} nodes and agents */
    this.nodes = [];
    /** @type {import('./mounts.mjs').PrivateMount[]} */
    this.mounts = [];
    this.apis = [];
    this.failed = false;
    after(() => this.#clear());
  }

  /**
   * A path in the temporary folder.
   *
   * @param {...string} parts
   * @returns {string}
   */
  path(...parts) {
    return join(this.directory, ...parts);
  }

  /**
   * A new folder in the temporary folder.
   *
   * @param {string} name
   * @returns {string}
   */
  folder(name) {
    const path = this.path(name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /**
   * A node that is yet to be started.
   *
   * @param {string} name
   * @param {string[]} args
   * @param {string[]} [wrapper]
   * @returns {ChainNode}
   */
  node(name, args, wrapper) {
    const node = new ChainNode({ name, args, wrapper, directory: this.directory });
    this.nodes.push(node);
    return node;
  }

  /**
   * An agent of the cpu backend that is yet to be started.
   *
   * @param {string} name
   * @param {string[]} args
   * @returns {Agent}
   */
  agent(name, args) {
    const agent = new Agent({ name, args: ['--backend', 'cpu', ...args], directory: this.directory });
    this.nodes.push(agent);
    return agent;
  }

  /**
   * A connection of @polkadot/api to a node that runs.
   *
   * @param {ChainNode} node
   * @param {import('@polkadot/api/types').ApiOptions} [options]
   * @returns {Promise<import('@polkadot/api').ApiPromise>}
   */
  async connect(node, options) {
    const api = await connect(node.wsUrl, options);
    this.apis.push(api);
    return api;
  }

  /**
   * Ends a connection, before its node is stopped: otherwise it would keep trying to reconnect.
   *
   * @param {import('@polkadot/api').ApiPromise} api
   */
  async disconnect(api) {
    this.apis = this.apis.filter((other) => other !== api);
    await api.disconnect();
  }

  /**
   * A test whose failure shows the end of the logs of all nodes.
   *
   * @param {string} name a sentence that says what holds
   * @param {[options: import('node:test').TestOptions, body: Function] | [body: Function]} rest as for `test` of
   *   node:test
   */
  test(name, ...rest) {
    const body = rest.pop();
    return test(name, rest[0] ?? {}, async (context) => {
      try {
        await body(context);
      } catch (error) {
        this.failed = true;
        for (const node of this.nodes) {
          if (node.child) context.diagnostic(node.logTail());
        }
        throw error;
      }
    });
  }

  /**
   * A test that builds on those before it, and fails at once where one of them has failed.
   *
   * @param {string} name
   * @param {(context: import('node:test').TestContext) => Promise<void>} body
   */
  stage(name, body) {
    return this.test(name, (context) => {
      if (this.failed) throw new Error('an earlier stage has failed');
      return body(context);
    });
  }

  async #clear() {
    await Promise.all(this.apis.map((api) => api.disconnect()));
    await Promise.all(this.nodes.map((node) => node.kill()));
    await Promise.all(this.mounts.map((mount) => mount.end()));
    if (this.failed) {
      console.error(`the logs and data of the failed tests are kept in ${this.directory}`);
    } else {
      rmSync(this.directory, { recursive: true, force: true });
    }
  }
}
