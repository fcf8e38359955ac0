/** Accounts that others act for: proxies and multisigs. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { createKeyMulti, encodeAddress, sortAddresses } from '@polkadot/util-crypto';

import { LOOPIN, SS58_PREFIX, bob, charlie, dave, eve, ferdie, newAccount } from '../lib/accounts.mjs';
import { balanceOf, describeError, onlyEvent, submit, submitOk } from '../lib/client.mjs';
import { Scene } from '../lib/scene.mjs';

const scene = new Scene('shared-accounts');
const node = scene.node('dev', ['--dev', '--base-path', scene.path('data'), '--sealing=instant']);
let api;

before(async () => {
  await node.start();
  api = await scene.connect(node);
});

scene.test('a proxy acts for an account until it is removed', async () => {
  const recipient = newAccount('from a proxy');
  const start = await balanceOf(api, eve.address);
  const added = await submitOk(api, api.tx.proxy.addProxy(ferdie.address, 'Any', 0), eve);
  const { proxyDepositBase, proxyDepositFactor } = api.consts.proxy;
  const deposit = proxyDepositBase.toBigInt() + proxyDepositFactor.toBigInt();
  const during = await balanceOf(api, eve.address);
  assert.equal(during.reserved - start.reserved, deposit);
  assert.equal(during.free, start.free - deposit - added.fee);

  const transfer = api.tx.balances.transferKeepAlive(recipient.address, 7n * LOOPIN);
  const acted = api.tx.proxy.proxy(eve.address, null, transfer);
  const receipt = await submitOk(api, acted, ferdie);
  assert.equal((await balanceOf(api, recipient.address)).free, 7n * LOOPIN);
  // The account pays the value, its proxy the fee.
  assert.equal((await balanceOf(api, eve.address)).free, during.free - 7n * LOOPIN);
  assert.ok(receipt.fee > 0n);

  const removed = await submitOk(api, api.tx.proxy.removeProxy(ferdie.address, 'Any', 0), eve);
  const end = await balanceOf(api, eve.address);
  assert.equal(end.reserved, start.reserved);
  assert.equal(end.free, start.free - added.fee - 7n * LOOPIN - removed.fee);
  assert.equal((await submit(api, acted, ferdie)).error, 'proxy.NotProxy');
});

scene.test('a proxy for everything but transfers cannot transfer', async () => {
  await submitOk(api, api.tx.proxy.addProxy(ferdie.address, 'NonTransfer', 0), dave);
  const transfer = api.tx.balances.transferKeepAlive(ferdie.address, LOOPIN);
  const refused = await submit(api, api.tx.proxy.proxy(dave.address, null, transfer), ferdie);
  const { result } = onlyEvent(refused, api.events.proxy.ProxyExecuted);
  assert.equal(describeError(api, result.asErr).name, 'system.CallFiltered');

  const remark = api.tx.system.remarkWithEvent('0x1234');
  const receipt = await submitOk(api, api.tx.proxy.proxy(dave.address, null, remark), ferdie);
  assert.equal(onlyEvent(receipt, api.events.system.Remarked).sender.toString(), dave.address);
});

scene.test('a multisig of two out of three acts when the second one approves', async () => {
  const members = [bob, charlie, dave].map(({ address }) => address);
  const multisig = encodeAddress(createKeyMulti(members, 2), SS58_PREFIX);
  const others = (signer) => sortAddresses(members.filter((member) => member !== signer.address), SS58_PREFIX);
  const recipient = newAccount('from a multisig');
  await submitOk(api, api.tx.balances.transferKeepAlive(multisig, 10n * LOOPIN), bob);
  const call = api.tx.balances.transferKeepAlive(recipient.address, 4n * LOOPIN);
  const { weight } = await call.paymentInfo(multisig);

  const start = await balanceOf(api, bob.address);
  const first = await submitOk(api, api.tx.multisig.asMulti(2, others(bob), null, call, weight), bob);
  const { depositBase, depositFactor } = api.consts.multisig;
  const deposit = depositBase.toBigInt() + 2n * depositFactor.toBigInt();
  assert.equal((await balanceOf(api, bob.address)).reserved - start.reserved, deposit);
  assert.equal((await balanceOf(api, recipient.address)).free, 0n, 'one approval moves nothing');

  const waiting = (await api.query.multisig.multisigs(multisig, call.method.hash)).unwrap();
  assert.deepEqual(waiting.approvals.map(String), [bob.address]);
  const second = api.tx.multisig.asMulti(2, others(charlie), waiting.when, call, weight);
  const receipt = await submitOk(api, second, charlie);
  assert.equal(onlyEvent(receipt, api.events.multisig.MultisigExecuted).multisig.toString(), multisig);
  assert.equal((await balanceOf(api, recipient.address)).free, 4n * LOOPIN);
  assert.equal((await balanceOf(api, multisig)).free, 6n * LOOPIN);

  const end = await balanceOf(api, bob.address);
  assert.equal(end.reserved, start.reserved, 'the deposit is returned');
  assert.equal(end.free, start.free - first.fee);
});
