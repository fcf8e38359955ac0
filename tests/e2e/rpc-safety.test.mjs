/** RPC that changes the node is for the operator: it is refused to everybody who comes from outside. */

import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { before } from 'node:test';

import { callRpc } from '../lib/node.mjs';
import { Scene } from '../lib/scene.mjs';

/** Calls that only the operator may make, with arguments that are good. */
const UNSAFE = [
  ['author_rotateKeys'],
  ['author_rotateKeysWithOwner', `0x${'11'.repeat(32)}`],
  ['author_insertKey', 'babe', '//Mallory', `0x${'11'.repeat(32)}`],
  ['author_hasKey', `0x${'11'.repeat(32)}`, 'babe'],
  ['author_hasSessionKeys', `0x${'11'.repeat(64)}`],
  ['author_removeExtrinsic', []],
  ['offchain_localStorageGet', 'PERSISTENT', '0x01'],
  ['offchain_localStorageSet', 'PERSISTENT', '0x01', '0x02'],
  ['state_getPairs', '0x01'],
  ['system_addLogFilter', 'sync=debug'],
  ['system_addReservedPeer', '/ip4/192.0.2.1/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'],
  ['system_dryRun', '0x00'],
  ['system_peers'],
  ['system_removeReservedPeer', '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'],
  ['system_resetLogFilter'],
  ['system_unstable_networkState'],
];
const UNSAFE_WHEN_SEALING = [['dev_jumpForward', 1]];

/** What a node answers to an unsafe call from outside. */
const REFUSAL = /RPC call is unsafe to be called externally/;

/** What a node answers when it has no such method, in JSON-RPC. */
const METHOD_NOT_FOUND = -32601;

/** An address of this machine that is not the loopback: what the outside sees. */
const outside = Object.values(networkInterfaces())
  .flat()
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

const scene = new Scene('rpc-safety');
const dev = (name, ...args) => scene.node(name, ['--chain', 'dev', '--base-path', scene.path(name), ...args]);
const closed = dev('closed');
const open = dev('open', '--rpc-external', '--rpc-cors', 'all');
const safe = dev('safe', '--rpc-methods', 'safe');
const sealing = dev('sealing', '--sealing=manual', '--rpc-external', '--rpc-cors', 'all');

before(async () => {
  await Promise.all([closed, open, safe, sealing].map((node) => node.start()));
});

async function assertRefused(url, calls) {
  for (const [method, ...params] of calls) {
    await assert.rejects(callRpc(url, method, params), { name: 'Error', message: REFUSAL }, method);
  }
}

scene.test('from outside, a node with --rpc-external refuses all unsafe calls and answers safe ones', {
  skip: outside ? false : 'this machine has no address but the loopback',
}, async () => {
  const url = `http://${outside}:${open.ports.rpc}`;
  assert.equal(await callRpc(url, 'system_chain'), 'LooPIN Development');
  await assertRefused(url, UNSAFE);
});

scene.test('a node with --rpc-external refuses them on the loopback too', async () => {
  assert.equal(await open.rpc('system_chain'), 'LooPIN Development');
  await assertRefused(open.httpUrl, UNSAFE);
});

scene.test('a jump in time is refused from outside', async () => {
  await assertRefused(sealing.httpUrl, [...UNSAFE, ...UNSAFE_WHEN_SEALING]);
  assert.equal(await sealing.bestNumber(), 0);
});

scene.test('by default nobody from outside reaches the RPC', {
  skip: outside ? false : 'this machine has no address but the loopback',
}, async () => {
  assert.equal(await closed.rpc('system_chain'), 'LooPIN Development');
  await assert.rejects(callRpc(`http://${outside}:${closed.ports.rpc}`, 'system_chain'), (error) => {
    assert.equal(error.cause?.code, 'ECONNREFUSED');
    return true;
  });
});

scene.test('on the loopback the operator can make the same calls', async () => {
  for (const [method, ...params] of UNSAFE) {
    try {
      await closed.rpc(method, ...params);
    } catch (error) {
      // Some arguments name what does not exist, which is another answer than a refusal.
      assert.doesNotMatch(error.message, REFUSAL, method);
      assert.notEqual(error.code, METHOD_NOT_FOUND, method);
    }
  }
});

scene.test('--rpc-methods safe refuses them even on the loopback', async () => {
  await assertRefused(safe.httpUrl, UNSAFE);
});
