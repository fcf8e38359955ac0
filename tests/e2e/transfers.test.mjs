/** Moving LOOPIN: exact balances, fees to the author, batches, and the edges of the existential deposit. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { EXISTENTIAL_DEPOSIT, LOOPIN, alice, bob, newAccount, palletAccount } from '../lib/accounts.mjs';
import { authorship, balanceOf, describeError, onlyEvent, submit, submitOk } from '../lib/client.mjs';
import { Scene } from '../lib/scene.mjs';

const scene = new Scene('transfers');
const node = scene.node('dev', ['--dev', '--base-path', scene.path('data'), '--sealing=instant']);
let api;

before(async () => {
  await node.start();
  api = await scene.connect(node);
});

/** What the block of a receipt changed in an account's free balance, in planck. */
async function gain(receipt, { address }) {
  const [before, after] = await Promise.all([
    balanceOf(api, address, receipt.parentHash),
    balanceOf(api, address, receipt.blockHash),
  ]);
  return after.free - before.free;
}

/** All the LOOPIN there is after a block, in planck. */
async function totalIssuance(blockHash) {
  return (await (await api.at(blockHash)).query.balances.totalIssuance()).toBigInt();
}

/** An account with this balance, in planck. */
async function funded(name, value) {
  const account = newAccount(name);
  await submitOk(api, api.tx.balances.transferKeepAlive(account.address, value), bob);
  return account;
}

/** What a transaction of this sender would cost now, in planck. */
async function estimatedFee(transaction, sender) {
  return (await transaction.paymentInfo(sender)).partialFee.toBigInt();
}

scene.test('a transfer moves the value, and the fee goes to the author of the block', async () => {
  const recipient = newAccount('recipient');
  const transfer = api.tx.balances.transferKeepAlive(recipient.address, 5n * LOOPIN);
  const estimate = await estimatedFee(transfer, bob);
  const receipt = await submitOk(api, transfer, bob);

  assert.ok(receipt.fee > 0n);
  assert.equal(receipt.fee, estimate, 'the fee is what was announced');
  assert.equal((await authorship(api, receipt.blockHash)).author, alice.address);
  assert.equal(await gain(receipt, recipient), 5n * LOOPIN);
  assert.equal(await gain(receipt, bob), -5n * LOOPIN - receipt.fee);
  assert.equal(await gain(receipt, alice), receipt.fee);
  assert.equal(await totalIssuance(receipt.blockHash), await totalIssuance(receipt.parentHash));
});

scene.test('a tip goes to the author too', async () => {
  const tip = 3n * LOOPIN;
  const receipt = await submitOk(api, api.tx.system.remark('0x00'), bob, { tip });
  assert.equal(onlyEvent(receipt, api.events.transactionPayment.TransactionFeePaid).tip.toBigInt(), tip);
  assert.ok(receipt.fee > tip);
  assert.equal(await gain(receipt, bob), -receipt.fee);
  assert.equal(await gain(receipt, alice), receipt.fee);
});

scene.test('a batch stops at the call that fails and keeps what was done before', async () => {
  const [first, last] = [newAccount('batch first'), newAccount('batch last')];
  const batch = api.tx.utility.batch([
    api.tx.balances.transferKeepAlive(first.address, LOOPIN),
    api.tx.assets.mint(404, bob.address, 1),
    api.tx.balances.transferKeepAlive(last.address, LOOPIN),
  ]);
  const receipt = await submit(api, batch, bob);

  assert.equal(receipt.error, null);
  const { index, error } = onlyEvent(receipt, api.events.utility.BatchInterrupted);
  assert.equal(index.toNumber(), 1);
  assert.equal(describeError(api, error).name, 'Token.UnknownAsset');
  assert.equal(await gain(receipt, first), LOOPIN);
  assert.equal(await gain(receipt, last), 0n);
  assert.equal(await gain(receipt, bob), -LOOPIN - receipt.fee);
});

scene.test('a batchAll with a call that fails changes nothing but the fee', async () => {
  const first = newAccount('batchAll first');
  const batch = api.tx.utility.batchAll([
    api.tx.balances.transferKeepAlive(first.address, LOOPIN),
    api.tx.assets.mint(404, bob.address, 1),
  ]);
  const receipt = await submit(api, batch, bob);

  assert.equal(receipt.error, 'Token.UnknownAsset');
  assert.equal(await gain(receipt, first), 0n);
  assert.equal(await gain(receipt, bob), -receipt.fee);
  assert.equal(await gain(receipt, alice), receipt.fee);
});

scene.test('less than the existential deposit cannot make an account, exactly as much can', async () => {
  const account = newAccount('minimum');
  const transfer = (value) => api.tx.balances.transferKeepAlive(account.address, value);

  const refused = await submit(api, transfer(EXISTENTIAL_DEPOSIT - 1n), bob);
  assert.equal(refused.error, 'Token.BelowMinimum');
  assert.equal(await gain(refused, bob), -refused.fee);

  const receipt = await submitOk(api, transfer(EXISTENTIAL_DEPOSIT), bob);
  assert.equal(onlyEvent(receipt, api.events.system.NewAccount).account.toString(), account.address);
  assert.equal(await gain(receipt, account), EXISTENTIAL_DEPOSIT);
});

scene.test('transferKeepAlive refuses to take an account below the existential deposit', async () => {
  const account = await funded('kept alive', LOOPIN);
  const transfer = (value) => api.tx.balances.transferKeepAlive(bob.address, value);
  const fee = await estimatedFee(transfer(LOOPIN), account);

  const refused = await submit(api, transfer(LOOPIN - fee - EXISTENTIAL_DEPOSIT + 1n), account);
  assert.equal(refused.error, 'Token.NotExpendable');
  assert.equal(refused.fee, fee);

  // The refused one cost its fee too.
  const receipt = await submitOk(api, transfer(LOOPIN - 2n * fee - EXISTENTIAL_DEPOSIT), account);
  assert.equal((await balanceOf(api, account.address, receipt.blockHash)).free, EXISTENTIAL_DEPOSIT);
});

scene.test('what is left below the existential deposit goes to the treasury, and the account ends', async () => {
  const account = await funded('reaped', LOOPIN);
  const treasury = { address: palletAccount(api.consts.treasury.palletId) };
  const transfer = (value) => api.tx.balances.transferAllowDeath(bob.address, value);
  const fee = await estimatedFee(transfer(LOOPIN), account);
  const dust = EXISTENTIAL_DEPOSIT - 1n;
  const receipt = await submitOk(api, transfer(LOOPIN - fee - dust), account);

  const lost = onlyEvent(receipt, api.events.balances.DustLost);
  assert.equal(lost.account.toString(), account.address);
  assert.equal(lost.amount.toBigInt(), dust);
  assert.equal(onlyEvent(receipt, api.events.system.KilledAccount).account.toString(), account.address);
  assert.equal(await gain(receipt, treasury), dust);
  assert.equal((await balanceOf(api, account.address, receipt.blockHash)).free, 0n);
  assert.equal((await api.query.system.account(account.address)).nonce.toNumber(), 0);
  assert.equal(await totalIssuance(receipt.blockHash), await totalIssuance(receipt.parentHash));
});

scene.test('who cannot pay the fee cannot send', async () => {
  const account = await funded('penniless', EXISTENTIAL_DEPOSIT);
  await assert.rejects(
    submit(api, api.tx.system.remarkWithEvent('0x00'.padEnd(4_000, '0')), account),
    /1010: Invalid Transaction: Inability to pay some fees/,
  );
});
