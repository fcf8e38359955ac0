/** What the exported chain specs hold, and what the production-shaped one must not. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { u8aToHex } from '@polkadot/util';
import { blake2AsHex, xxhashAsHex } from '@polkadot/util-crypto';

import { SS58_PREFIX, alice, bob, charlie, dave, eve, ferdie } from '../lib/accounts.mjs';
import { runNodeOk } from '../lib/binary.mjs';
import { Scene } from '../lib/scene.mjs';
import { readJson } from '../lib/specs.mjs';

const scene = new Scene('chain-specs');
/** Where the runtime is: `:code`. */
const CODE = '0x3a636f6465';
const WELL_KNOWN = [alice, bob, charlie, dave, eve, ferdie];
const plain = {};
const raw = {};

before(async () => {
  for (const chain of ['dev', 'local', 'production']) {
    const file = scene.path(`${chain}.json`);
    await runNodeOk(['export-chain-spec', '--chain', chain, '--output', file]);
    plain[chain] = readJson(file);
    await runNodeOk(['export-chain-spec', '--chain', chain, '--raw', '--output', file]);
    raw[chain] = readJson(file);
  }
});

const prefix = (pallet, item) => xxhashAsHex(pallet, 128) + xxhashAsHex(item, 128).slice(2);
const accountKey = ({ addressRaw }) =>
  prefix('System', 'Account') + blake2AsHex(addressRaw, 128).slice(2) + u8aToHex(addressRaw).slice(2);

scene.test('the development and the local chain have sudo and the well-known accounts', () => {
  for (const chain of ['dev', 'local']) {
    const { top } = raw[chain].genesis.raw;
    assert.equal(top[prefix('Sudo', 'Key')], u8aToHex(alice.addressRaw));
    for (const account of WELL_KNOWN) assert.ok(top[accountKey(account)], `${account.meta.name} on ${chain}`);
  }
});

scene.test('the production-shaped chain has no sudo key and none of the well-known accounts', () => {
  const { top } = raw.production.genesis.raw;
  assert.equal(top[prefix('Sudo', 'Key')], undefined);
  for (const account of WELL_KNOWN) assert.equal(top[accountKey(account)], undefined, account.meta.name);
  // Nor do their keys appear anywhere else, such as among validators or in the council. The runtime is the same for
  // all chains, and has the presets of the development chains in it.
  const { [CODE]: _code, ...others } = top;
  const state = Object.entries(others).flat().concat(JSON.stringify(plain.production.genesis.runtimeGenesis.patch ?? {}));
  for (const account of WELL_KNOWN) {
    const hex = u8aToHex(account.addressRaw).slice(2);
    assert.equal(state.find((text) => text.includes(hex) || text.includes(account.address)), undefined, account.meta.name);
  }
});

scene.test('a chain spec says what the token is, and a public chain is not the development one', () => {
  for (const chain of ['dev', 'local', 'production']) {
    const { properties } = raw[chain];
    assert.deepEqual(properties, { ss58Format: SS58_PREFIX, tokenDecimals: 12, tokenSymbol: 'LOOPIN' }, chain);
  }
  assert.deepEqual(
    ['dev', 'local', 'production'].map((chain) => raw[chain].chainType),
    ['Development', 'Local', 'Live'],
  );
  assert.equal(new Set(Object.values(raw).map(({ id }) => id)).size, 3);
});
