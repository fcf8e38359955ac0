/** Stock @polkadot/api understands the chain from its metadata alone. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { Metadata, TypeRegistry } from '@polkadot/types';

import { EXISTENTIAL_DEPOSIT, LOOPIN, SS58_PREFIX, alice, bob, charlie } from '../lib/accounts.mjs';
import { authorship, balanceOf, submitOk } from '../lib/client.mjs';
import { Scene } from '../lib/scene.mjs';
import { until, within } from '../lib/wait.mjs';

const scene = new Scene('connect');
const node = scene.node('dev', ['--dev', '--base-path', scene.path('data')]);
let api;

before(async () => {
  await node.start();
  api = await scene.connect(node);
});

scene.test('connecting needs no custom types, and nothing is unknown that carries data', async (context) => {
  const warn = context.mock.method(console, 'warn', () => {});
  await scene.connect(node, { noInitWarn: false });
  const warnings = warn.mock.calls.map(({ arguments: parts }) => parts.slice(1).join(' ').trim());

  // Methods that polkadot-js has no sugar for can be called all the same. `AuthorizeCall` adds nothing to a
  // transaction, which is what polkadot-js assumes of an extension that it does not know.
  const expected = [/^API\/INIT: RPC methods not decorated: /, /^REGISTRY: Unknown signed extensions AuthorizeCall found, treating them as no-effect$/];
  for (const warning of warnings) {
    assert.ok(expected.some((pattern) => pattern.test(warning)), `unexpected warning: ${warning}`);
  }
  const extrinsic = api.registry.getSignedExtensionTypes();
  const payload = api.registry.getSignedExtensionExtra();
  assert.deepEqual(Object.keys(extrinsic).sort(), ['era', 'mode', 'nonce', 'tip']);
  assert.deepEqual(
    Object.keys(payload).sort(),
    ['blockHash', 'genesisHash', 'metadataHash', 'specVersion', 'transactionVersion'],
  );
});

scene.test('the token and the address format are those of LOOPIN', async () => {
  const properties = await api.rpc.system.properties();
  assert.deepEqual(properties.tokenSymbol.unwrap().map(String), ['LOOPIN']);
  assert.deepEqual(properties.tokenDecimals.unwrap().map(Number), [12]);
  assert.equal(properties.ss58Format.unwrap().toNumber(), SS58_PREFIX);
  assert.equal(api.consts.system.ss58Prefix.toNumber(), SS58_PREFIX);
  assert.equal(api.consts.balances.existentialDeposit.toBigInt(), EXISTENTIAL_DEPOSIT);
  // The chain's own prefix, in an address that the API prints.
  const [validator] = await api.query.session.validators();
  assert.equal(validator.toString(), alice.address);
});

scene.test('the chain has the pallets that its documentation names', () => {
  const pallets = [
    'assets', 'assetsFreezer', 'assetsHolder', 'authorship', 'babe', 'balances', 'convictionVoting', 'council',
    'grandpa', 'historical', 'multisig', 'nfts', 'offences', 'parameters', 'preimage', 'proxy', 'referenda',
    'scheduler', 'session', 'sudo', 'system', 'timestamp', 'transactionPayment', 'treasury', 'utility',
    'validators', 'vesting',
  ];
  const present = api.runtimeMetadata.asLatest.pallets.map(({ name }) => name.toString());
  const missing = pallets.filter((pallet) => !present.includes(pallet[0].toUpperCase() + pallet.slice(1)));
  assert.deepEqual(missing, []);
});

scene.test('metadata is served in the versions 14, 15 and 16', async () => {
  const versions = (await api.call.metadata.metadataVersions()).map(Number).filter((version) => version < 2 ** 31);
  assert.deepEqual(versions.sort(), [14, 15, 16]);
  for (const version of versions) {
    const opaque = (await api.call.metadata.metadataAtVersion(version)).unwrap();
    const registry = new TypeRegistry();
    const metadata = new Metadata(registry, opaque.toU8a(true));
    registry.setMetadata(metadata, undefined, undefined, true);
    assert.equal(metadata.version, version);
    assert.ok(metadata.asLatest.pallets.length > 20);
    // Throws where a type is named that the metadata does not define.
    metadata.getUniqTypes(true);
  }
});

scene.test('a block is made every six seconds and is final soon after', async () => {
  assert.equal(api.consts.babe.expectedBlockTime.toNumber(), 6_000);
  const heads = [];
  let stop;
  const followed = new Promise((resolve, reject) => {
    api.rpc.chain
      .subscribeFinalizedHeads((head) => heads.push(head.hash.toHex()) === 4 && resolve())
      .then((unsubscribe) => (stop = unsubscribe), reject);
  });
  await within('four final blocks', 120, followed);
  stop();

  const newest = await authorship(api, heads.at(-1));
  const blocks = [newest];
  while (blocks.length < 3) blocks.push(await authorship(api, blocks.at(-1).parentHash));
  for (const block of blocks) assert.equal(block.author, alice.address);
  const times = await Promise.all(
    blocks.slice(1).map(async ({ number }) => {
      const state = await api.at(await api.rpc.chain.getBlockHash(number));
      return (await state.query.timestamp.now()).toNumber();
    }),
  );
  // A slot can be missed on a busy machine, but none holds two blocks, and the time is that of the slot.
  for (const [index, block] of blocks.slice(1).entries()) {
    assert.ok(blocks[index].slot > block.slot, `slots ${blocks[index].slot} and ${block.slot}`);
    assert.equal(Math.floor(times[index] / 6_000), block.slot);
  }
  assert.ok(Math.abs(Date.now() - times[0]) < 60_000, 'the time of the chain is that of the machine');
});

scene.test('a transfer becomes final', async () => {
  const transfer = api.tx.balances.transferKeepAlive(charlie.address, LOOPIN);
  const receipt = await submitOk(api, transfer, bob, { finalized: true });
  const [before, after] = await Promise.all(
    [receipt.parentHash, receipt.blockHash].map((hash) => balanceOf(api, charlie.address, hash)),
  );
  assert.equal(after.free - before.free, LOOPIN);
  assert.equal(await node.blockHash(receipt.blockNumber), receipt.blockHash);
  assert.ok((await node.finalizedNumber()) >= receipt.blockNumber);
});

scene.test('the finalised head follows the best one', async () => {
  const best = await node.bestNumber();
  await until(`block ${best} is final`, 60, async () => (await node.finalizedNumber()) >= best);
});
