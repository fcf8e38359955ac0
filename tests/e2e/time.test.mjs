/** Development chains that make blocks on demand and jump ahead in time. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { LOOPIN, alice, bob, newAccount } from '../lib/accounts.mjs';
import { balanceOf, submitOk } from '../lib/client.mjs';
import { Scene } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

const DAY = 24 * 60 * 60;

const scene = new Scene('time');
const chain = (name, sealing) => scene.node(name, ['--dev', '--base-path', scene.path(name), `--sealing=${sealing}`]);
const manual = chain('manual', 'manual');
const instant = chain('instant', 'instant');
const interval = chain('interval', '250');

before(async () => {
  await Promise.all([manual, instant, interval].map((node) => node.start()));
});

const createBlock = (node, { empty = true, finalize = true, parent } = {}) =>
  node.rpc('engine_createBlock', empty, finalize, ...(parent ? [parent] : []));

/** The time of a block, in Unix milliseconds. */
async function timeAt(api, blockHash) {
  return (await (await api.at(blockHash)).query.timestamp.now()).toNumber();
}

scene.test('with manual sealing a block is made when it is asked for, and only then', async () => {
  const api = await scene.connect(manual);
  const recipient = newAccount('manual');
  const best = await manual.bestNumber();
  const submitted = submitOk(api, api.tx.balances.transferKeepAlive(recipient.address, LOOPIN), bob);
  await until('the transaction is in the pool', 60, async () => (await manual.rpc('author_pendingExtrinsics')).length === 1);
  assert.equal(await manual.bestNumber(), best);

  const { hash } = await createBlock(manual, { finalize: false });
  assert.equal((await submitted).blockHash, hash);
  assert.equal(await manual.bestNumber(), best + 1);
  assert.equal(await manual.finalizedNumber(), best);
  await createBlock(manual);
  assert.equal(await manual.finalizedNumber(), best + 2);
  assert.equal((await balanceOf(api, recipient.address)).free, LOOPIN);
  await scene.disconnect(api);
});

scene.test('with manual sealing a block can be made on a chosen parent', async () => {
  await createBlock(manual);
  const parent = await manual.rpc('chain_getFinalizedHead');
  const made = [];
  for (let index = 0; index < 2; index += 1) {
    const { hash } = await createBlock(manual, { finalize: false, parent });
    made.push(hash);
  }
  const headers = await Promise.all(made.map((hash) => manual.rpc('chain_getHeader', hash)));
  assert.deepEqual(headers.map(({ parentHash }) => parentHash), [parent, parent]);
  assert.notEqual(made[0], made[1]);
});

scene.test('with instant sealing a transaction makes its block, which is final', async () => {
  const api = await scene.connect(instant);
  const best = await instant.bestNumber();
  const receipt = await submitOk(api, api.tx.system.remark('0x00'), bob, { finalized: true });
  assert.equal(receipt.blockNumber, best + 1);
  assert.equal(await instant.finalizedNumber(), best + 1);
  await scene.disconnect(api);
});

scene.test('with instant sealing transactions that come together all get in', async () => {
  const api = await scene.connect(instant);
  const { nonce } = await api.query.system.account(bob.address);
  const transactions = [...Array(20).keys()].map((index) => [index, newAccount(`together ${index}`)]);
  await Promise.all(
    transactions.map(([index, { address }]) =>
      submitOk(api, api.tx.balances.transferKeepAlive(address, LOOPIN), bob, { nonce: nonce.toNumber() + index }),
    ),
  );
  for (const [, { address }] of transactions) assert.equal((await balanceOf(api, address)).free, LOOPIN);
  await scene.disconnect(api);
});

scene.test('with an interval blocks come by themselves', async () => {
  const best = await interval.bestNumber();
  await until('twelve more blocks', 60, async () => (await interval.finalizedNumber()) >= best + 12);
});

scene.test('a jump of seven days makes a block then, and the chain goes on from there', async () => {
  const api = await scene.connect(manual);
  await createBlock(manual);
  const before = await manual.rpc('chain_getFinalizedHead');
  const sessionSlots = api.consts.babe.epochDuration.toNumber();
  const epochBefore = (await (await api.at(before)).query.babe.epochIndex()).toNumber();

  const reported = await manual.rpc('dev_jumpForward', 7 * DAY);
  const after = await manual.rpc('chain_getFinalizedHead');
  assert.equal((await manual.rpc('chain_getHeader', after)).parentHash, before, 'the jump made one block');
  const [earlier, later] = [await timeAt(api, before), await timeAt(api, after)];
  assert.equal(later, reported);
  assert.ok(later - earlier >= 7 * DAY * 1_000, `jumped ${later - earlier} ms`);
  assert.ok(later - earlier < (7 * DAY + 60) * 1_000, `jumped ${later - earlier} ms`);

  // The epochs between were skipped, not lost count of.
  const epochAfter = (await (await api.at(after)).query.babe.epochIndex()).toNumber();
  const skipped = (7 * DAY) / (6 * sessionSlots);
  assert.ok(Math.abs(epochAfter - epochBefore - skipped) <= 2, `${epochBefore} to ${epochAfter}, ${skipped} expected`);

  // On through several more sessions, with transactions.
  const session = (await api.query.session.currentIndex()).toNumber();
  for (let index = 0; index < 3 * sessionSlots; index += 1) await createBlock(manual);
  assert.ok((await api.query.session.currentIndex()).toNumber() >= session + 2);
  const submitted = submitOk(api, api.tx.system.remark('0x00'), bob);
  await until('the transaction is in the pool', 60, async () => (await manual.rpc('author_pendingExtrinsics')).length === 1);
  await createBlock(manual);
  await submitted;
  await scene.disconnect(api);
});

scene.test('jumps of an hour, a day and a year, one after the other', async () => {
  const api = await scene.connect(instant);
  for (const seconds of [60 * 60, DAY, 365 * DAY]) {
    const before = await timeAt(api, await instant.rpc('chain_getBlockHash'));
    const after = await instant.rpc('dev_jumpForward', seconds);
    assert.ok(after - before >= seconds * 1_000, `${seconds} s: jumped ${after - before} ms`);
    await submitOk(api, api.tx.system.remark('0x00'), bob);
  }
  await scene.disconnect(api);
});

scene.test('what is scheduled for the block of a jump runs right after it, when the session has changed', async () => {
  const api = await scene.connect(instant);
  const recipient = newAccount('scheduled');
  const due = (await instant.bestNumber()) + 2;
  const call = api.tx.balances.forceSetBalance(recipient.address, 9n * LOOPIN);
  const scheduled = await submitOk(api, api.tx.sudo.sudo(api.tx.scheduler.schedule(due, null, 0, call)), alice);
  assert.equal(scheduled.blockNumber, due - 1);
  assert.equal((await balanceOf(api, recipient.address)).free, 0n);

  // A jump of days changes the session, which takes up the whole block.
  await instant.rpc('dev_jumpForward', 7 * DAY);
  assert.equal(await instant.bestNumber(), due);
  const { blockNumber, blockHash } = await submitOk(api, api.tx.system.remark('0x00'), bob);
  assert.equal(blockNumber, due + 1);
  const events = await (await api.at(blockHash)).query.system.events();
  const dispatched = events.map(({ event }) => event).filter((event) => api.events.scheduler.Dispatched.is(event));
  assert.equal(dispatched.length, 1);
  assert.ok(dispatched[0].data.result.isOk);
  assert.equal((await balanceOf(api, recipient.address)).free, 9n * LOOPIN);
  await scene.disconnect(api);
});

scene.test('a jump that is too far, or backward, is refused and changes nothing', async () => {
  const best = await manual.bestNumber();
  await assert.rejects(manual.rpc('dev_jumpForward', 100 * 365 * DAY), /ten years/);
  await assert.rejects(manual.rpc('dev_jumpForward', -1), { code: -32602 });
  await assert.rejects(manual.rpc('dev_jumpForward', 'tomorrow'), { code: -32602 });
  assert.equal(await manual.bestNumber(), best);
});

scene.test('a chain that jumped goes on after a restart', async () => {
  const best = await manual.bestNumber();
  const hash = await manual.blockHash(best);
  assert.equal(await manual.stop(), 0);
  await manual.start();
  assert.equal(await manual.blockHash(best), hash);

  const api = await scene.connect(manual);
  const before = await timeAt(api, hash);
  // The chain is ahead of the machine's clock, and a jump counts from where the chain is.
  const jumped = await manual.rpc('dev_jumpForward', DAY);
  assert.ok(jumped - before >= DAY * 1_000, `jumped ${jumped - before} ms`);
  const next = await manual.rpc('chain_getBlockHash');
  assert.equal((await manual.rpc('chain_getHeader', next)).parentHash, hash);
  assert.equal(await timeAt(api, next), jumped);
  await scene.disconnect(api);
});
