/** All that the chain stores, fixes and answers can be read, and is read right. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { u8aToHex } from '@polkadot/util';

import { populate } from '../lib/populate.mjs';
import { Scene } from '../lib/scene.mjs';

/** How many entries of a map are read. */
const PAGE = 50;

const scene = new Scene('decode');
const node = scene.node('dev', ['--dev', '--base-path', scene.path('data'), '--sealing=instant']);
let api;

before(async () => {
  await node.start();
  api = await scene.connect(node);
  await populate(api, node);
});

/** The bytes of a decoded storage value, as they are stored. */
function encode(value, { isOptional }) {
  return u8aToHex(isOptional ? value.unwrap().toU8a() : value.toU8a());
}

/** Reads all entries, up to a limit, of one storage item in one block. Returns how many there are. */
async function readItem(item, blockHash) {
  const { meta, section, method } = item.creator;
  const where = `${section}.${method}`;
  const stored = (key) => node.rpc('state_getStorage', key, blockHash);
  const isOptional = meta.modifier.isOptional;

  if (meta.type.isPlain) {
    const value = await item();
    const raw = await stored(item.key());
    if (raw !== null) assert.equal(encode(value, { isOptional }), raw, where);
    else if (isOptional) assert.ok(value.isNone, where);
    else assert.equal(u8aToHex(value.toU8a()), u8aToHex(meta.fallback.toU8a(true)), where);
    return raw === null ? 0 : 1;
  }

  const keys = await item.keysPaged({ args: [], pageSize: PAGE });
  const entries = await item.entriesPaged({ args: [], pageSize: PAGE });
  assert.deepEqual(entries.map(([key]) => key.toHex()), keys.map((key) => key.toHex()), where);
  const readable = meta.type.asMap.hashers.every((hasher) => hasher.isBlake2128Concat || hasher.isTwox64Concat || hasher.isIdentity);
  for (const [key, value] of entries) {
    assert.equal(encode(value, { isOptional }), await stored(key.toHex()), where);
    if (readable) assert.equal(item.key(...key.args), key.toHex(), `key of ${where}`);
  }
  return entries.length;
}

scene.test('every storage item decodes to exactly what is stored', async (context) => {
  const blockHash = await node.rpc('chain_getBlockHash');
  const state = await api.at(blockHash);
  const counts = {};
  for (const [section, items] of Object.entries(state.query)) {
    // Well-known keys such as the code: bytes without a length, not of any pallet.
    if (section === 'substrate') continue;
    for (const [name, item] of Object.entries(items)) {
      counts[`${section}.${name}`] = await readItem(item, blockHash);
    }
  }
  const items = Object.keys(counts);
  const filled = items.filter((name) => counts[name] > 0);
  context.diagnostic(`${items.length} items, ${filled.length} of them with content`);

  const inMetadata = api.runtimeMetadata.asLatest.pallets
    .map(({ storage }) => (storage.isSome ? storage.unwrap().items.length : 0))
    .reduce((sum, count) => sum + count, 0);
  // polkadot-js adds the version of each pallet's storage, which the metadata does not list.
  assert.equal(items.filter((name) => !name.endsWith('.palletVersion')).length, inMetadata);
  const expected = [
    'assets.account', 'assets.approvals', 'assets.asset', 'assets.metadata', 'babe.authorities',
    'balances.holds', 'balances.locks', 'convictionVoting.classLocksFor', 'convictionVoting.votingFor',
    'council.proposalOf', 'council.voting', 'multisig.multisigs', 'nfts.account', 'nfts.attribute',
    'nfts.collection', 'nfts.item', 'nfts.itemMetadataOf', 'nfts.itemPriceOf', 'parameters.parameters',
    'preimage.preimageFor', 'preimage.requestStatusFor', 'proxy.announcements', 'proxy.proxies',
    'referenda.referendumInfoFor', 'scheduler.agenda', 'scheduler.lookup', 'session.nextKeys', 'sudo.key',
    'system.account', 'treasury.spends', 'validators.candidates', 'validators.exposures',
    'validators.invulnerables', 'validators.unbonding', 'vesting.vesting',
  ];
  assert.deepEqual(expected.filter((name) => !filled.includes(name)), [], 'items that should have content');
});

scene.test('every constant decodes to exactly what the metadata holds', () => {
  let count = 0;
  for (const { name, constants } of api.runtimeMetadata.asLatest.pallets) {
    const section = name.toString()[0].toLowerCase() + name.toString().slice(1);
    for (const constant of constants) {
      const method = Object.keys(api.consts[section]).find((key) => api.consts[section][key].meta.name.eq(constant.name));
      const decoded = api.consts[section][method];
      assert.equal(u8aToHex(decoded.toU8a()), u8aToHex(constant.value.toU8a(true)), `${section}.${method}`);
      assert.notEqual(decoded.toHuman(), undefined);
      count += 1;
    }
  }
  assert.ok(count > 50, `${count} constants`);
});

scene.test('every runtime API without arguments answers, and the answer decodes to exactly what was sent', async (context) => {
  // The end of making a block: no question, and no answer outside of one.
  const exceptions = ['blockBuilder.finalizeBlock'];
  const called = [];
  const blockHash = await node.rpc('chain_getBlockHash');
  const state = await api.at(blockHash);
  for (const [section, methods] of Object.entries(state.call)) {
    for (const [name, method] of Object.entries(methods)) {
      const where = `${section}.${name}`;
      if (method.meta.params.length > 0 || exceptions.includes(where)) continue;
      const answer = await method();
      // The metadata is bytes in bytes, which polkadot-js takes apart only once.
      const bytes = answer.toU8a(where === 'metadata.metadata');
      assert.equal(u8aToHex(bytes), await node.rpc('state_call', method.meta.name, '0x', blockHash), where);
      called.push(where);
    }
  }
  context.diagnostic(called.join(', '));
  const expected = [
    'babeApi.configuration', 'babeApi.currentEpoch', 'babeApi.currentEpochStart', 'babeApi.nextEpoch',
    'core.version', 'genesisBuilder.presetNames', 'grandpaApi.currentSetId', 'grandpaApi.grandpaAuthorities',
    'metadata.metadata', 'metadata.metadataVersions',
  ];
  assert.deepEqual(expected.filter((name) => !called.includes(name)), []);
});

/** How polkadot-js encodes a transaction: those without a signature, as verifiers send them, it wraps a second time. */
const encoded = (extrinsic, sent) => {
  const hex = extrinsic.toHex();
  return hex.endsWith(sent.slice(2)) ? sent : hex;
};

scene.test('every event and transaction of the chain so far decodes', async () => {
  const best = await node.bestNumber();
  assert.ok(best > 20);
  for (let number = 1; number <= best; number += 1) {
    const hash = await node.blockHash(number);
    const { block } = await api.rpc.chain.getBlock(hash);
    const { extrinsics } = (await node.rpc('chain_getBlock', hash)).block;
    assert.deepEqual(block.extrinsics.map((extrinsic, index) => encoded(extrinsic, extrinsics[index])), extrinsics);
    const events = await (await api.at(hash)).query.system.events();
    assert.ok(events.length >= block.extrinsics.length, `block ${number}`);
  }
});
