/** Networks of several validators on this machine, each with its own keys and database. */

import assert from 'node:assert/strict';

import { authorship } from './client.mjs';
import { runNode, runNodeOk } from './binary.mjs';
import { until } from './wait.mjs';

/** How long the change of a validator may take that is due two sessions later, on a busy machine. */
export const CHANGE_SECONDS = 240;

const started = Date.now();

/**
 * Tells the person who watches what is going on.
 *
 * @param {string} text
 */
export function progress(text) {
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`[${String(seconds).padStart(4)} s] ${text}`);
}

/**
 * What of a key the node's key commands print.
 *
 * @typedef {{ secretPhrase: string, publicKey: string, ss58PublicKey: string }} Key
 */

/**
 * New session keys, as an operator makes them.
 *
 * @returns {Promise<{ babe: Key, grandpa: Key }>}
 */
export async function generateSessionKeys() {
  const generate = async (scheme) =>
    JSON.parse(await runNodeOk(['key', 'generate', '--scheme', scheme, '--output-type', 'json']));
  return { babe: await generate('sr25519'), grandpa: await generate('ed25519') };
}

/** A network of a chain spec. */
export class Network {
  /**
   * @param {import('./scene.mjs').Scene} scene
   * @param {string} chain a chain that the node knows, or the path of a spec
   */
  constructor(scene, chain) {
    this.scene = scene;
    this.chain = chain;
    /** @type {Record<string, string>} the peer ids of all nodes, by name */
    this.peerIds = {};
  }

  /** @param {string} name @returns {string} */
  basePath(name) {
    return this.scene.path(name);
  }

  /**
   * A node of the network that is yet to be started, with a network key of its own.
   *
   * @param {string} name
   * @param {string[]} args
   * @param {string[]} [wrapper] a program, with arguments, that starts the node
   * @returns {Promise<import('./node.mjs').ChainNode>}
   */
  async node(name, args, wrapper) {
    const where = ['--chain', this.chain, '--base-path', this.basePath(name)];
    const outcome = await runNode(['key', 'generate-node-key', ...where]);
    assert.equal(outcome.code, 0, outcome.stderr);
    [, this.peerIds[name]] = /^(12D3Koo\w+)$/m.exec(outcome.stderr) ?? [];
    assert.ok(this.peerIds[name], outcome.stderr);
    return this.scene.node(name, [...where, '--name', name, ...args], wrapper);
  }

  /**
   * Puts session keys into the keystore of a node that does not run.
   *
   * @param {string} name
   * @param {{ babe: string, grandpa: string }} secrets the secret phrases
   */
  async insertKeys(name, { babe, grandpa }) {
    await this.insertKey(name, 'babe', 'sr25519', babe);
    await this.insertKey(name, 'gran', 'ed25519', grandpa);
  }

  /**
   * Puts a key into the keystore of a node that does not run.
   *
   * @param {string} name
   * @param {string} keyType such as `lpvf`, a verifier's
   * @param {string} scheme such as `sr25519`
   * @param {string} suri the secret phrase
   */
  async insertKey(name, keyType, scheme, suri) {
    await runNodeOk([
      ...['key', 'insert', '--chain', this.chain, '--base-path', this.basePath(name)],
      ...['--key-type', keyType, '--scheme', scheme, '--suri', suri],
    ]);
  }

  /**
   * Starts a development chain with a node for its own verifier, and one more for each of these.
   *
   * @param {import('@polkadot/keyring/types').KeyringPair[]} verifiers who sign with their keys `//verifier`
   * @returns {Promise<import('./node.mjs').ChainNode[]>} the chain's own first
   */
  async verifierNodes(verifiers) {
    const first = await this.node('alice', ['--alice', '--validator', '--force-authoring']);
    await first.start();
    const nodes = [first];
    for (const { meta } of verifiers) {
      const name = meta.name.toLowerCase();
      const node = await this.node(name, ['--bootnodes', this.address(first)]);
      await this.insertKey(name, 'lpvf', 'sr25519', `//${meta.name}//verifier`);
      await node.start();
      nodes.push(node);
    }
    return nodes;
  }

  /**
   * Where others reach a node that has been started.
   *
   * @param {import('./node.mjs').ChainNode} node
   * @returns {string}
   */
  address({ name, ports }) {
    return `/ip4/127.0.0.1/tcp/${ports.p2p}/p2p/${this.peerIds[name]}`;
  }
}

/**
 * Waits until all nodes have finalised a block of this number.
 *
 * @param {import('./node.mjs').ChainNode[]} nodes
 * @param {number} number
 * @param {number} seconds
 */
export async function untilFinal(nodes, number, seconds) {
  const names = nodes.map(({ name }) => name).join(', ');
  await until(`block ${number} is final for ${names}`, seconds, async () => {
    const finalized = await Promise.all(nodes.map((node) => node.finalizedNumber()));
    return Math.min(...finalized) >= number;
  });
}

/**
 * Checks that nodes agree on every block that all of them have finalised.
 *
 * @param {import('./node.mjs').ChainNode[]} nodes
 * @returns {Promise<number>} the number of the last block compared
 */
export async function assertSameFinalizedChain(nodes) {
  const last = Math.min(...(await Promise.all(nodes.map((node) => node.finalizedNumber()))));
  for (let number = 0; number <= last; number += 1) {
    const hashes = await Promise.all(nodes.map((node) => node.blockHash(number)));
    assert.ok(hashes[0], `block ${number}`);
    assert.deepEqual(new Set(hashes), new Set([hashes[0]]), `block ${number} on ${nodes.map(({ name }) => name)}`);
  }
  return last;
}

/**
 * Waits until a validator has made a block above this number on the best chain.
 *
 * @param {import('@polkadot/api').ApiPromise} api
 * @param {import('./node.mjs').ChainNode} node that the API is connected to
 * @param {string} address the validator
 * @param {number} above
 * @param {number} seconds
 * @returns {Promise<number>} the block's number
 */
export async function untilAuthored(api, node, address, above, seconds) {
  return until(`${address} makes a block above ${above}`, seconds, async () => {
    const authors = await authorsSince(api, node, above);
    return authors.find(({ author }) => author === address)?.number;
  });
}

/**
 * Who made the blocks of the best chain above a number.
 *
 * @param {import('@polkadot/api').ApiPromise} api
 * @param {import('./node.mjs').ChainNode} node that the API is connected to
 * @param {number} above
 * @returns {Promise<{ number: number, author: string }[]>} the newest first
 */
export async function authorsSince(api, node, above) {
  const blocks = [];
  let hash = await node.rpc('chain_getBlockHash');
  while (Number((await node.rpc('chain_getHeader', hash)).number) > above) {
    const block = await authorship(api, hash);
    blocks.push(block);
    hash = block.parentHash;
  }
  return blocks;
}
