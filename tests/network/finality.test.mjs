/**
 * Of three validators one stops for long: nothing is final without it, and all else goes on as fast as two can make
 * blocks. It comes back, and then stops for good. The nodes' clock is fast: a slot lasts a second.
 */

import assert from 'node:assert/strict';
import { before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { LOOPIN, alice, bob, charlie, newAccount } from '../lib/accounts.mjs';
import { authorship, balanceOf, submitOk } from '../lib/client.mjs';
import { fastClock } from '../lib/fast-clock.mjs';
import { Network, assertSameFinalizedChain, authorsSince, progress, untilAuthored, untilFinal } from '../lib/network.mjs';
import { Scene } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

/**
 * Two of three fill 72 slots of a hundred, so that some hundred and fifty blocks are not final in the end: with the SDK's
 * default, validators begin to leave slots empty after fifty.
 */
const OUTAGE_SLOTS = 200;
/** The pace is that of the last of them. */
const MEASURED_SLOTS = 100;
/** Blocks that they bring at least. Fewer than that come about by chance once in a million times. */
const LEAST_BLOCKS = 50;
/** Blocks in which every node is to hear of validators that were changed by force. */
const FORCED_AFTER_BLOCKS = 5;
const PAYMENT = 5n * LOOPIN;

const scene = new Scene('finality');
const network = new Network(scene, 'local');
const payee = newAccount('paid without finality').address;
/** @type {import('../lib/node.mjs').ChainNode[]} */
const three = [];
let api;

before(async () => {
  const clock = await fastClock(scene);
  for (const { meta } of [alice, bob, charlie]) {
    const { name } = meta;
    const others = three.flatMap((other) => ['--bootnodes', network.address(other)]);
    const node = await network.node(name, ['--validator', ...others], clock);
    await network.insertKeys(name, { babe: `//${name}`, grandpa: `//${name}` });
    await node.start();
    three.push(node);
  }
  api = await scene.connect(three[0]);
});

const currentSlot = async () => (await api.query.babe.currentSlot()).toNumber();
const currentRound = async () => (await api.query.verification.currentRound()).toNumber();

scene.stage('three validators make a block a second and finalise them', async () => {
  await untilFinal(three, 10, 90);
  progress(`final for all: block ${await assertSameFinalizedChain(three)}`);
});

scene.stage('one is killed: without finality the others go on filling their slots, and rounds go on', async () => {
  const [first, second, third] = three;
  await third.kill();
  const killed = await authorship(api, await first.rpc('chain_getBlockHash'));
  progress(`${third.name} was killed after block ${killed.number}`);
  await sleep((OUTAGE_SLOTS - MEASURED_SLOTS) * 1_000);
  const [start, round] = [await currentSlot(), await currentRound()];
  await sleep(MEASURED_SLOTS * 1_000);

  const blocks = await authorsSince(api, first, killed.number);
  const measured = blocks.filter(({ slot }) => slot > start && slot <= start + MEASURED_SLOTS);
  progress(`${blocks.length} blocks are not final; the last ${MEASURED_SLOTS} slots brought ${measured.length}`);
  assert.ok(measured.length >= LEAST_BLOCKS, `${measured.length} blocks in ${MEASURED_SLOTS} slots`);
  assert.deepEqual(new Set(measured.map(({ author }) => author)), new Set([alice.address, bob.address]));
  assert.ok((await currentRound()) >= round + 2, 'devices are challenged');
  for (const node of [first, second]) {
    assert.ok((await node.finalizedNumber()) <= killed.number, 'two of three finalise nothing new');
  }
  await submitOk(api, api.tx.balances.transferKeepAlive(payee, PAYMENT), bob);
});

scene.stage('a node that is restarted meanwhile makes blocks again', async () => {
  const [first, second] = three;
  assert.equal(await second.stop(), 0);
  const best = await first.bestNumber();
  await second.start();
  const number = await untilAuthored(api, first, bob.address, best, 90);
  progress(`${second.name} made block ${number}`);
});

scene.stage('the third comes back: all of it becomes final', async () => {
  const [first, , third] = three;
  const best = await first.bestNumber();
  await third.start();
  progress(`${third.name} is back at block ${best}`);
  await untilFinal(three, best, 180);
  progress(`block ${best} is final`);
  const number = await untilAuthored(api, first, charlie.address, best, 90);
  await untilFinal(three, number, 60);
  await until('finality keeps up', 60, async () => (await first.bestNumber()) - (await first.finalizedNumber()) < 10);
  await assertSameFinalizedChain(three);
  assert.equal((await balanceOf(api, payee, await first.rpc('chain_getFinalizedHead'))).free, PAYMENT);
});

scene.stage('it stops for good: governance names the others, and they finalise without it', async () => {
  const two = three.slice(0, 2);
  await three[2].kill();
  const best = await three[0].bestNumber();
  const sudo = (call) => submitOk(api, api.tx.sudo.sudo(call), alice);
  await sudo(api.tx.validators.setInvulnerables([alice.address, bob.address]));
  await until('the next session has two validators', 120, async () => (await api.query.session.queuedKeys()).length === 2);
  const final = await three[0].finalizedNumber();
  assert.ok(final <= best, 'two of three finalise nothing new');
  await sudo(api.tx.grandpa.noteStalled(FORCED_AFTER_BLOCKS, final));
  const noted = await three[0].bestNumber();
  await untilFinal(two, noted, 120);
  progress(`block ${noted} is final without ${three[2].name}`);
  await assertSameFinalizedChain(two);
  for (const node of three) assert.doesNotMatch(node.log(), /panicked at/, node.name);
});
