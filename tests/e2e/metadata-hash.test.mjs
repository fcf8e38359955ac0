/** Hardware wallets sign with a hash of the metadata, which proves to them what they show. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { merkleizeMetadata } from '@polkadot-api/merkleize-metadata';
import { u8aToHex } from '@polkadot/util';

import { LOOPIN, bob, newAccount } from '../lib/accounts.mjs';
import { balanceOf, submit, submitOk } from '../lib/client.mjs';
import { Scene } from '../lib/scene.mjs';

const scene = new Scene('metadata-hash');
const node = scene.node('dev', ['--dev', '--base-path', scene.path('data'), '--sealing=instant']);
let api;
let metadataHash;

before(async () => {
  await node.start();
  api = await scene.connect(node);
  const metadata = (await api.call.metadata.metadataAtVersion(15)).unwrap().toU8a(true);
  metadataHash = u8aToHex(merkleizeMetadata(metadata, { decimals: 12, tokenSymbol: 'LOOPIN' }).digest());
});

scene.test('a signature over the hash of the metadata is accepted', async () => {
  const recipient = newAccount('of a hardware wallet');
  const transfer = api.tx.balances.transferKeepAlive(recipient.address, LOOPIN);
  await submitOk(api, transfer, bob, { mode: 1, metadataHash });
  assert.equal((await balanceOf(api, recipient.address)).free, LOOPIN);
});

scene.test('a signature over another hash is refused', async () => {
  const wrong = metadataHash.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
  await assert.rejects(
    submit(api, api.tx.system.remark('0x00'), bob, { mode: 1, metadataHash: wrong }),
    /1010: Invalid Transaction: Transaction has a bad signature/,
  );
});

scene.test('a hash for another symbol or other decimals is refused', async () => {
  const metadata = (await api.call.metadata.metadataAtVersion(15)).unwrap().toU8a(true);
  for (const shown of [{ decimals: 10, tokenSymbol: 'LOOPIN' }, { decimals: 12, tokenSymbol: 'DOT' }]) {
    const wrong = u8aToHex(merkleizeMetadata(metadata, shown).digest());
    await assert.rejects(
      submit(api, api.tx.system.remark('0x00'), bob, { mode: 1, metadataHash: wrong }),
      /1010: Invalid Transaction: Transaction has a bad signature/,
    );
  }
});

scene.test('a signature without the hash is accepted where the hash is not announced', async () => {
  await submitOk(api, api.tx.system.remark('0x00'), bob, { mode: 0 });
});
