/** A chain that stood still for some epochs makes them up one by one; nothing is lost, and nothing is paid twice. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { LOOPIN, bob, charlie, dave, eve } from '../lib/accounts.mjs';
import { passes } from '../lib/attest.mjs';
import { RewardStory, verifier } from '../lib/reward-story.mjs';
import { HISTORY_EPOCHS, PARAMETERS } from '../lib/reward-reference.mjs';
import { Scene } from '../lib/scene.mjs';

const EPOCH_SECONDS = 300n;
/** Longer than the chain stands still. */
const STAKE_SECONDS = 7_200n;

const scene = new Scene('rewards-standstill');
let story, call, market, calm, busy;
/** Charlie's device in the calm pool, and Dave's in the busy one. */
let charlies, daves;
const positions = {};

before(async () => {
  story = await RewardStory.begin(scene, [bob, charlie, dave, eve]);
  ({ call, market } = story);
});

const earned = ({ address }) => {
  const { accrued, minted } = market.account(address);
  return accrued.mining + minted;
};

/** How many epochs each of these blocks closed, as the chain says. */
async function closedIn(from, until) {
  const counts = [];
  for (let number = from; number <= until; number += 1) {
    const events = await story.api.query.system.events.at(await story.node.blockHash(number));
    counts.push(events.filter(({ event }) => story.api.events.rewards.EpochClosed.is(event)).length);
  }
  return counts;
}

/** Seconds for which the providers of a pool have been rewarded, over all epochs from this one on. */
async function rewardedSeconds(pool, since) {
  const entries = await story.api.query.rewards.poolEpochs.entries();
  return entries
    .filter(([key]) => key.args[1].toNumber() === pool && key.args[0].toNumber() >= since)
    .reduce((sum, [, epoch]) => sum + epoch.unwrap().providerSeconds.toBigInt(), 0n);
}

/** What a pool has had of an epoch, as its event says. */
async function partOf(pool, epoch) {
  for (let number = await story.node.bestNumber(); number > 0; number -= 1) {
    const events = await story.api.query.system.events.at(await story.node.blockHash(number));
    const rewarded = events
      .filter(({ event }) => story.api.events.rewards.PoolRewarded.is(event))
      .find(({ event: { data } }) => data.pool.toNumber() === pool && data.epoch.toNumber() === epoch);
    if (rewarded) return rewarded.event.data.part.toBigInt();
  }
  throw new Error(`epoch ${epoch} is not over`);
}

scene.stage('two devices of two pools are provided, and pass in the epoch in which the chain will stop', async () => {
  [calm, busy] = await story.createListedPools(bob, [LOOPIN, LOOPIN], { terms: { provideSeconds: Number(STAKE_SECONDS) } });
  [charlies] = await story.register(charlie, calm);
  [daves] = await story.register(dave, busy);
  await story.verify(new Map([charlies, daves].map((device) => [device, passes(1_000)])));
  await story.passEpochs();
  positions.calm = await story.provide(charlie, charlies, STAKE_SECONDS);
  positions.busy = await story.provide(dave, daves, STAKE_SECONDS);
  await story.verify(new Map([charlies, daves].map((device) => [device, passes(1_000)])));
});

scene.stage('the node stops for three epochs, and each is made up by a block of its own, with its emission', async () => {
  const [index, emitted] = [market.epoch.index, market.emitted];
  await story.restart(scene);
  ({ call } = story);
  const before = await story.node.bestNumber();
  // As if so much time had passed meanwhile: into the fourth epoch.
  await story.jump(story.epochEnd - story.now + 3n * EPOCH_SECONDS - 200n);
  while (market.epoch.index < index + 3) {
    await story.createBlock();
    await story.beReady();
  }
  const counts = await closedIn(before + 1, await story.node.bestNumber());
  assert.deepEqual(counts.slice(0, 5), [0, 1, 1, 1, 0], 'none in the block of the jump, and one in each after it');
  assert.equal(market.epoch.index, index + 3);
  assert.equal(market.emitted - emitted, 3n * PARAMETERS.initialEmission);
});

scene.stage('the epoch with a verdict is paid, and those in which nobody verified anything are not', async () => {
  const receipt = await story.does(eve, call.settleRewards(charlies), call.settleRewards(daves));
  const rewards = receipt.events.filter((event) => story.api.events.rewards.DeviceRewarded.is(event));
  assert.deepEqual(rewards.map(({ data }) => data.epoch.toNumber()), Array(2).fill(market.epoch.index - 3));
  assert.ok(earned(charlie) > 0n && earned(dave) > 0n);
  const before = earned(charlie);
  await story.does(eve, call.settleRewards(charlies), call.claimRewards(charlie));
  assert.equal(earned(charlie), before, 'and not twice');
});

let first, joined;

scene.stage('it stands still for twelve more, and a pool that is dealt with meanwhile ends its epoch then', async () => {
  await story.passEpochs();
  first = market.epoch.index;
  joined = market.epoch.start;
  await story.verify(new Map([charlies, daves].map((device) => [device, passes(1_000)])));
  await story.restart(scene);
  ({ call } = story);
  await story.jump(story.epochEnd - story.now + 11n * EPOCH_SECONDS + 30n);
  assert.ok(market.epoch.index > first && market.epoch.index < first + 12, 'it has not caught up yet');
  await story.does(eve, call.claim(positions.busy));
  while (market.epoch.end <= story.now) {
    await story.createBlock();
    await story.beReady();
  }
  assert.ok(market.epoch.index >= first + 12);
});

scene.stage('no second is lost, and none is counted twice, in either pool', async () => {
  const closed = market.epoch.start - joined;
  assert.equal(await rewardedSeconds(calm, first), closed);
  const { from } = market.poolEpochs.get(first).get(busy);
  const { until } = market.poolEpochs.get(market.epoch.index - 1).get(busy);
  assert.equal(await rewardedSeconds(busy, first), until - from);
  const spans = [...market.poolEpochs].filter(([epoch]) => epoch >= first).map(([, pools]) => pools.get(busy));
  assert.ok(spans.some((span) => span.from === span.until), 'some made-up epochs have not a second');
  spans.slice(1).forEach((span, index) => assert.equal(span.from, spans[index].until, 'each begins where one ended'));
});

scene.stage('nor has the pool a larger part of any epoch because its own lasted longer', async () => {
  const epochs = [...market.poolEpochs.keys()].filter((epoch) => epoch >= first);
  const spans = epochs.map((epoch) => ({ epoch, ...market.poolEpochs.get(epoch).get(busy) }));
  const late = spans.filter(({ from, until }) => until - from > 2n * EPOCH_SECONDS);
  assert.equal(late.length, 1, 'one of its epochs was more than twice as long as the chain\'s');
  const [calms, busys] = await Promise.all([calm, busy].map((pool) => partOf(pool, late[0].epoch)));
  assert.ok(busys > 0n && busys * 100n <= calms * 101n, `${busys} planck, and ${calms} for the other`);
});

scene.stage('positions are closed and devices go, and all that was minted is what epochs emitted', async () => {
  await story.jumpUntil(market.positions[positions.busy].end);
  await story.does(eve, call.close(positions.calm), call.close(positions.busy));
  for (const device of [charlies, daves]) await story.does(eve, call.settleRewards(device));
  await story.does(charlie, call.removeDevice(charlies));
  await story.does(eve, call.settleRewards(charlies), call.claimRewards(verifier));
  await story.refusedAll(charlie, [
    [call.removeDevice(charlies), 'devices.UnknownDevice'],
    [call.close(positions.calm), 'stakes.UnknownPosition'],
    [call.claim(positions.calm), 'stakes.UnknownPosition'],
  ]);
  const { minted, emitted, withheld } = market;
  const given = Object.values(minted.earned).reduce((sum, each) => sum + each, minted.treasury + minted.team);
  assert.ok(given + withheld.multiplier + withheld.unproven + withheld.capped <= emitted);
});

scene.stage('what nobody settled for longer than the history is kept is gone, and brings nothing', async () => {
  const position = await story.provide(dave, daves, STAKE_SECONDS);
  await story.verify(new Map([[daves, passes(1_000)]]));
  const index = market.epoch.index;
  await story.passEpochs(HISTORY_EPOCHS + 2);
  assert.equal(market.poolEpochs.has(index), false);
  assert.ok((await story.api.query.rewards.poolEpochs(index, busy)).isNone);
  const before = earned(dave);
  await story.does(eve, call.settleRewards(daves), call.close(position));
  assert.equal(earned(dave), before);
});
