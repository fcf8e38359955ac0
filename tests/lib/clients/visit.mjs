/** What every client is asked to do with a chain, and what it reports. `visit.py` does the same in Python. */

import { within } from '../wait.mjs';

const VISIT_SECONDS = 120;

/**
 * What a client is asked to do: read all of a block's state, and make a transfer of Ferdie's.
 *
 * @typedef {object} Order
 * @property {string} url of the node's RPC, by WebSocket
 * @property {string} blockHash the block whose state is read
 * @property {[pallet: string, name: string][]} plain the storage items that hold one value
 * @property {[pallet: string, name: string][]} maps the storage items that are maps
 * @property {[pallet: string, name: string][]} constants
 * @property {string} recipient its address
 * @property {string} value what it gets, in planck
 */

/**
 * What a client reports. Items are named as in `System.Account`; amounts are in planck, in decimal digits.
 *
 * @typedef {object} Report
 * @property {Record<string, string | null>} plain the value of each item where that is a whole number, and null for others
 * @property {Record<string, number>} maps how many entries each map has; all were decoded
 * @property {Record<string, string | null>} constants as `plain`
 * @property {string} blockHash the block with the transfer
 * @property {number} extrinsic the transfer's index there
 * @property {Happening[]} events all of that block
 * @property {Record<'sender' | 'recipient', [before: string, after: string]>} free the balances before and after it
 */

/**
 * An event as a client sees it.
 *
 * @typedef {object} Happening
 * @property {number | null} extrinsic the transaction's index; null for what no transaction did
 * @property {string} name such as `Balances.Transfer`
 * @property {any} fields as the client shows them
 */

/**
 * A client written in JavaScript.
 *
 * @typedef {object} Client
 * @property {(blockHash: string, item: [string, string]) => Promise<unknown>} plain
 * @property {(blockHash: string, item: [string, string]) => Promise<unknown[]>} entries
 * @property {(item: [string, string]) => Promise<unknown>} constant
 * @property {(recipient: string, value: bigint) => Promise<{ blockHash: string, extrinsic: number }>} transfer
 * @property {(blockHash: string) => Promise<Happening[]>} events
 * @property {(blockHash: string, address: string) => Promise<bigint>} free
 * @property {() => Promise<void> | void} disconnect
 */

/**
 * @param {unknown} value
 * @returns {string | null} its decimal digits where it is a whole number
 */
export function digits(value) {
  return typeof value === 'bigint' || Number.isInteger(value) ? String(value) : null;
}

/** Reads each of these items, and names the one that cannot be read. */
async function readEach(items, read) {
  const report = {};
  for (const item of items) {
    const name = item.join('.');
    try {
      report[name] = await read(item);
    } catch (error) {
      throw new Error(`${name}: ${error.message}`, { cause: error });
    }
  }
  return report;
}

/**
 * Does with a client what the order says.
 *
 * @param {Client} client
 * @param {Order} order
 * @param {string} sender whose key the client has
 * @returns {Promise<Report>}
 */
async function carryOut(client, order, sender) {
  const at = order.blockHash;
  const plain = await readEach(order.plain, async (item) => digits(await client.plain(at, item)));
  const maps = await readEach(order.maps, async (item) => (await client.entries(at, item)).length);
  const constants = await readEach(order.constants, async (item) => digits(await client.constant(item)));

  const { blockHash, extrinsic } = await client.transfer(order.recipient, BigInt(order.value));
  const events = await client.events(blockHash);
  const balances = async (address) => [
    String(await client.free(at, address)),
    String(await client.free(blockHash, address)),
  ];
  const free = { sender: await balances(sender), recipient: await balances(order.recipient) };
  return { plain, maps, constants, blockHash, extrinsic, events, free };
}

/**
 * Does what the order says with a client that is connected for it.
 *
 * @param {(url: string) => Promise<Client>} connect
 * @param {Order} order
 * @param {string} sender whose key the client has
 * @returns {Promise<Report>}
 */
export async function visit(connect, order, sender) {
  const client = await within('connecting', VISIT_SECONDS, connect(order.url));
  try {
    return await within('the end of the visit', VISIT_SECONDS, carryOut(client, order, sender));
  } finally {
    await client.disconnect();
  }
}
