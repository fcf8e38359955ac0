/** A miner whose device grows old, and who sells what it earned, and buys it back. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { LOOPIN, bob, charlie, newAccount } from '../lib/accounts.mjs';
import { passes } from '../lib/attest.mjs';
import { ONE, factor, PARAMETERS } from '../lib/reward-reference.mjs';
import { RewardStory } from '../lib/reward-story.mjs';
import { Scene } from '../lib/scene.mjs';

const DAY = 86_400n;
const STAKE_SECONDS = 600n;
/** What the miner begins with: enough for its deposits, and nothing beside what it will earn. */
const BEGINNING = 10n * LOOPIN;

const scene = new Scene('rewards-loyalty');
const miner = newAccount('miner');
let story, call, market, device, started;

before(async () => {
  story = await RewardStory.begin(scene, [bob, charlie]);
  ({ call, market } = story);
});

const minted = () => market.account(miner.address).minted;
/** All that the miner has, as a part of all that was ever minted to it. */
const kept = () => Number((market.wealthKnown(miner.address) * 1_000n) / minted()) / 1_000;

/** The device is provided and passes on that day, and a stranger settles it when the day is over. */
async function earns({ before = async () => {} } = {}) {
  const { epoch } = market;
  const position = await story.provide(miner, device, STAKE_SECONDS);
  await story.verify(new Map([[device, passes(1_000)]]));
  await story.passEpochs();
  await before();
  const receipt = await story.does(charlie, call.settleRewards(device), call.close(position));
  const [reward] = receipt.events.filter((event) => story.api.events.rewards.DeviceRewarded.is(event));
  assert.equal(reward.data.epoch.toNumber(), epoch.index);
  const factors = story.factors.get(`${device} ${epoch.index}`);
  assert.equal(reward.data.paid.toBigInt() + reward.data.burned.toBigInt(), reward.data.standard.toBigInt());
  return { ...factors, paid: reward.data.paid.toBigInt() };
}

scene.stage('epochs last a day, and a miner with next to nothing registers its device', async () => {
  const [pool] = await story.createListedPools(bob, [LOOPIN], { pool: { pricePerGpuHour: LOOPIN } });
  story.meet(miner, 0n);
  await story.does(bob, call.transfer(miner, BEGINNING));
  [device] = await story.register(miner, pool);
  await story.beginEpochs(DAY);
  await story.verify(new Map([[device, passes(1_000)]]));
  started = market.devices[device].verifiedSince;
});

scene.stage('the factor of time rises day by day over thirty days, from exp(-2.303) to one', async () => {
  let last = 0n;
  for (const days of [0, 1, 4, 10, 21, 29]) {
    const until = started + BigInt(days) * DAY;
    if (until > story.now) await story.jumpUntil(until);
    while (market.epoch.end <= story.now) await story.passEpochs();
    const { time } = await earns();
    const age = BigInt(days) * DAY;
    assert.ok(time > last && time < ONE, `${time} after ${days} days`);
    assert.ok(time >= factor(age, PARAMETERS.fullAgeSeconds, PARAMETERS.steepness.time) - 4n);
    last = time;
  }
  assert.equal(factor(0n, 1n, PARAMETERS.steepness.time) / 10n ** 12n, 99_958n, 'a new device has a tenth');
  await story.jumpUntil(started + 31n * DAY);
  while (market.epoch.end <= story.now) await story.passEpochs();
  assert.equal((await earns()).time, ONE);
});

scene.stage('who keeps everything is loyal, and what is on hold or in a pool is kept', async () => {
  assert.ok(minted() > 1_000n * LOOPIN, 'it has earned much more than it began with');
  assert.equal((await earns()).loyalty, ONE);
});

scene.stage('who gives a part of it away before it is settled is paid less', async () => {
  const sell = async () => story.does(miner, call.transfer(bob, (market.party(miner.address).free * 3n) / 10n));
  const { loyalty, paid } = await earns({ before: sell });
  assert.ok(loyalty < ONE && loyalty > ONE / 20n, `${loyalty}, with ${kept()} kept`);
  assert.ok(paid > 0n);
});

scene.stage('who gives nearly everything away is paid nearly nothing', async () => {
  await story.does(miner, call.transfer(bob, market.party(miner.address).free - 5n * LOOPIN));
  const { loyalty } = await earns();
  const none = factor(0n, 1n, PARAMETERS.steepness.loyalty);
  assert.ok(loyalty >= none && loyalty < 2n * none, `${loyalty}, with ${kept()} kept`);
});

scene.stage('who buys some back is paid more again, and who has it all back in full', async () => {
  let last = 0n;
  for (const part of [5n, 8n]) {
    const missing = (minted() * part) / 10n - market.wealthKnown(miner.address);
    await story.does(bob, call.transfer(miner, missing));
    const { loyalty } = await earns();
    assert.ok(loyalty > last && loyalty < ONE, `${loyalty}, with ${kept()} kept`);
    last = loyalty;
  }
  await story.does(bob, call.transfer(miner, minted() - market.wealthKnown(miner.address) + LOOPIN));
  assert.equal((await earns()).loyalty, ONE);
});

scene.stage('loyalty is measured at the first verdict after the epoch, where nobody asks for it before', async () => {
  const { index } = market.epoch;
  const position = await story.provide(miner, device, STAKE_SECONDS);
  await story.verify(new Map([[device, passes(1_000)]]));
  await story.passEpochs();
  await story.verify(new Map([[device, passes(1_000)]]));
  assert.equal(story.factors.get(`${device} ${index}`).loyalty, ONE);
  const { mining } = market.account(miner.address).accrued;
  assert.ok(mining > 0n, 'it has accrued');
  await story.does(miner, call.transfer(bob, market.party(miner.address).free / 2n));
  await story.does(charlie, call.close(position));
  assert.equal(market.account(miner.address).accrued.mining, 0n);
  await story.does(charlie, call.settleRewards(device));
});

scene.stage('nobody is paid for what somebody else has given away', async () => {
  await story.refused(miner, call.transfer(bob, market.party(miner.address).free + 1n), 'Token.FundsUnavailable');
  assert.equal(market.account(bob.address).minted, 0n);
  await story.does(charlie, call.claimRewards(bob));
  assert.equal(market.account(bob.address).minted, 0n);
});
