/** Other people's clients understand the chain from its metadata alone. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { stringCamelCase } from '@polkadot/util';
import { encodeAddress } from '@polkadot/util-crypto';

import { LOOPIN, SS58_PREFIX, ferdie, newAccount } from '../lib/accounts.mjs';
import { generalTransaction } from '../lib/attest.mjs';
import * as dedot from '../lib/clients/dedot.mjs';
import * as polkadotApi from '../lib/clients/polkadot-api.mjs';
import { visitInPython } from '../lib/clients/python.mjs';
import { digits, visit } from '../lib/clients/visit.mjs';
import { populate } from '../lib/populate.mjs';
import { Scene } from '../lib/scene.mjs';

/** More than any map here has, so that all of it is one page. */
const PAGE = 1_000;
const VALUE = 3n * LOOPIN + 7n;

const scene = new Scene('clients');
// Without the transactions of a verifier no block is made but for the test's: dedot reads maps in the newest block, whatever
// block it was asked for, and polkadot-api misses a transaction whose block is followed by a final one in milliseconds.
const node = scene.node('dev', ['--dev', '--base-path', scene.path('data'), '--sealing=instant', '--offchain-worker=never']);
let api;

before(async () => {
  await node.start();
  api = await scene.connect(node);
  await populate(api, node);
});

/** What @polkadot/api decoded, as a client reports it. */
function digitsOf(value) {
  const inner = value.isSome ? value.unwrap() : value;
  return digits(inner.toBigInt?.() ?? null);
}

/** What a client is asked to do, and what it has to report of the state before it. */
async function orderFor(recipient) {
  const blockHash = await node.rpc('chain_getBlockHash');
  const state = await api.at(blockHash);
  const order = { url: node.wsUrl, blockHash, plain: [], maps: [], constants: [], recipient, value: String(VALUE) };
  const expected = { plain: {}, maps: {}, constants: {} };
  for (const { name: pallet, storage, constants } of api.runtimeMetadata.asLatest.pallets) {
    const section = stringCamelCase(pallet);
    for (const { name, type } of storage.isSome ? storage.unwrap().items : []) {
      const item = state.query[section][stringCamelCase(name)];
      order[type.isPlain ? 'plain' : 'maps'].push([`${pallet}`, `${name}`]);
      if (type.isPlain) expected.plain[`${pallet}.${name}`] = digitsOf(await item());
      else expected.maps[`${pallet}.${name}`] = (await node.rpc('state_getKeysPaged', item.keyPrefix(), PAGE, null, blockHash)).length;
    }
    for (const { name } of constants) {
      order.constants.push([`${pallet}`, `${name}`]);
      expected.constants[`${pallet}.${name}`] = digitsOf(state.consts[section][stringCamelCase(name)]);
    }
  }
  return { order, expected };
}

/** The address of an account as a client shows it: dedot by an object, and without the chain's own prefix. */
const address = (account) => encodeAddress(account.address?.() ?? account, SS58_PREFIX);

/** Checks what a client reports against what @polkadot/api and the node's RPC say. */
async function check(name, work) {
  const recipient = newAccount(name).address;
  const { order, expected } = await orderFor(recipient);
  const report = await work(order);
  const { plain, maps, constants, blockHash, extrinsic, events, free } = report;
  assert.deepEqual({ plain, maps, constants }, expected);

  const records = await (await api.at(blockHash)).query.system.events();
  const phases = records.map(({ phase }) => (phase.isApplyExtrinsic ? phase.asApplyExtrinsic.toNumber() : null));
  const names = records.map(({ event }) => `${event.section}.${event.method}`);
  const pascal = (text) => text[0].toUpperCase() + text.slice(1);
  assert.deepEqual(events.map((event) => event.extrinsic), phases);
  assert.deepEqual(events.map((event) => event.name), names.map(pascal));

  const own = events.filter((event) => event.extrinsic === extrinsic);
  const fieldsOf = (name) => own.filter((event) => event.name === name).map(({ fields }) => fields);
  assert.equal(own.at(-1).name, 'System.ExtrinsicSuccess');
  const transfers = fieldsOf('Balances.Transfer').map(({ from, to, amount }) => [address(from), address(to), BigInt(amount)]);
  assert.deepEqual(transfers, [[ferdie.address, recipient, VALUE]]);
  const [paid] = fieldsOf('TransactionPayment.TransactionFeePaid');
  assert.equal(address(paid.who), ferdie.address);
  const fee = BigInt(paid.actual_fee ?? paid.actualFee);
  const [sent, received] = [free.sender, free.recipient].map(([before, after]) => BigInt(after) - BigInt(before));
  assert.equal(received, VALUE);
  assert.equal(sent, -VALUE - fee);
  assert.ok(fee > 0n);
  return report;
}

scene.test('the types of the outer enums stand where foreign clients look for them', () => {
  const paths = api.runtimeMetadata.asLatest.lookup.types.map(({ type }) => type.path.join('::'));
  for (const name of ['RuntimeCall', 'RuntimeEvent', 'RuntimeError', 'RuntimeHoldReason', 'OriginCaller']) {
    assert.deepEqual(paths.filter((path) => path.endsWith(`::${name}`)), [`loopin_runtime::${name}`]);
  }
});

scene.test('polkadot-api reads all storage and constants, transfers, and reads the events', async () => {
  await check('polkadot-api', (order) => visit(polkadotApi.connect, order, ferdie.address));
});

scene.test('dedot reads all storage and constants, transfers, and reads the events', async () => {
  await check('dedot', (order) => visit(dedot.connect, order, ferdie.address));
});

scene.test('py-substrate-interface reads all storage and constants, transfers, and reads the events', async () => {
  const general = generalTransaction(api.tx.system.remarkWithEvent('0x01').method);
  const report = await check('py-substrate-interface', (order) => visitInPython({ ...order, general }));
  // It takes whatever no account signs for a bare transaction, and so the extensions of a general one, all zeros, for a call.
  assert.equal(report.general, 'System.remark');
});
