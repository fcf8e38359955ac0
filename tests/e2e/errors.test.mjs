/** A transaction that is going to fail says why before it is sent, in words. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { LOOPIN, alice, bob, newAccount } from '../lib/accounts.mjs';
import { describeError, submit, submitOk } from '../lib/client.mjs';
import { Scene } from '../lib/scene.mjs';

const scene = new Scene('errors');
const node = scene.node('dev', ['--dev', '--base-path', scene.path('data'), '--sealing=instant']);
let api;

before(async () => {
  await node.start();
  api = await scene.connect(node);
  // The first block, without which there is no state to try a transaction on.
  await submitOk(api, api.tx.system.remark('0x00'), bob);
});

/**
 * What a transaction would do. It is signed without an end: a dry run tries it on the state of the best block, which
 * does not know that block's own hash yet, so one that is valid from that block on would seem to start nowhere.
 */
const dryRun = (transaction, signer) => transaction.dryRun(signer, { era: 0 });

scene.test('a dry run shows the error that the transaction then has', async () => {
  const cases = [
    [api.tx.assets.transferOwnership(404, alice.address), 'assets.Unknown'],
    [api.tx.validators.bond(20_000n * LOOPIN), 'validators.SessionKeysMissing'],
    [api.tx.validators.withdraw(bob.address), 'validators.NotUnbonding'],
    [api.tx.proxy.removeProxy(alice.address, 'Any', 0), 'proxy.NotFound'],
    [api.tx.nfts.burn(404, 1), 'nfts.UnknownItem'],
    [api.tx.sudo.sudo(api.tx.system.remark('0x00')), 'sudo.RequireSudo'],
    [api.tx.council.propose(1, api.tx.system.remark('0x00'), 100), null],
  ];
  for (const [transaction, expected] of cases) {
    const result = await dryRun(transaction, bob);
    assert.ok(result.isOk, `${expected}: the transaction is valid`);
    if (expected === null) {
      assert.ok(result.asOk.isOk);
      continue;
    }
    const { name, docs } = describeError(api, result.asOk.asErr);
    assert.equal(name, expected);
    assert.match(docs, /\w+ \w+/, `${name} has documentation`);
    assert.equal((await submit(api, transaction, bob)).error, expected);
  }
});

scene.test('an error of the validators says what to do', async () => {
  const { docs } = api.errors.validators.SessionKeysMissing.meta;
  assert.match(docs.join(' '), /session\.setKeys/);
});

scene.test('a dry run changes nothing', async () => {
  const account = newAccount('dry');
  const best = await node.bestNumber();
  const result = await dryRun(api.tx.balances.transferKeepAlive(account.address, LOOPIN), bob);
  assert.ok(result.isOk && result.asOk.isOk);
  assert.ok((await api.query.system.account(account.address)).data.free.isZero());
  assert.equal(await node.bestNumber(), best);
});

scene.test('a dry run of what cannot be paid says so', async () => {
  const result = await dryRun(api.tx.system.remark('0x00'), newAccount('without funds'));
  assert.ok(result.isErr);
  assert.equal(result.asErr.asInvalid.type, 'Payment');
});

scene.test('a transaction with a nonce that was used is refused', async () => {
  await assert.rejects(
    submit(api, api.tx.system.remark('0x00'), bob, { nonce: 0 }),
    /1010: Invalid Transaction: Transaction is outdated/,
  );
});
