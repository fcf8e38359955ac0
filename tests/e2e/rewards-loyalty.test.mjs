/**
 * A miner whose device grows old, and who releases what it earned, and puts it back. What counts of its LOOPIN is what
 * cannot leave in a moment, and of that the mean of the whole epoch.
 */

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
/** So high that a stake brings much more than that. */
const REFERENCE_PRICE = 1_000n * LOOPIN;
/** What somebody lends the miner. */
const LOAN = 10_000n * LOOPIN;
/** Each time that liquidity streams back, a planck can remain in the pool. */
const DUST = 100n;
/** So much less of the factor that is at most. */
const DUST_OF_FACTOR = ONE / 10n ** 9n;
/** So long after its release LOOPIN can be paid. */
const { releaseSeconds } = PARAMETERS;

const scene = new Scene('rewards-loyalty');
const miner = newAccount('miner');
let story, call, market, device, started;

before(async () => {
  story = await RewardStory.begin(scene, [bob, charlie]);
  ({ call, market } = story);
});

const loyalty = () => market.loyalty(miner.address);
const isFull = (factorOfIt) => factorOfIt <= ONE && factorOfIt >= ONE - DUST_OF_FACTOR;
const isNearly = (amount, expected) => amount <= expected && amount >= expected - DUST;
const free = () => market.party(miner.address).free;
/** What of what had been minted counted in the last epoch, for messages. */
const kept = () => `${loyalty().lastCounted} of ${loyalty().lastMinted} counted`;

/**
 * The device is provided and passes on that day, and a stranger settles it when the day is over. Something may happen
 * beforehand, at the beginning of the day, or after it.
 */
async function earns({ first = async () => {}, afterwards = async () => {} } = {}) {
  const { epoch } = market;
  await first();
  const position = await story.provide(miner, device, STAKE_SECONDS);
  await story.verify(new Map([[device, passes(1_000)]]));
  await story.passEpochs();
  await afterwards();
  const receipt = await story.does(charlie, call.settleRewards(device), call.close(position));
  const [reward] = receipt.events.filter((event) => story.api.events.rewards.DeviceRewarded.is(event));
  assert.equal(reward.data.epoch.toNumber(), epoch.index);
  const factors = story.factors.get(`${device} ${epoch.index}`);
  assert.equal(reward.data.paid.toBigInt() + reward.data.burned.toBigInt(), reward.data.standard.toBigInt());
  return { ...factors, paid: reward.data.paid.toBigInt() };
}

scene.stage('epochs last a day, and a miner with next to nothing registers its device', async () => {
  const [pool] = await story.createListedPools(bob, [REFERENCE_PRICE], { pool: { pricePerGpuHour: LOOPIN } });
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
    const { time, loyalty } = await earns();
    assert.ok(isFull(loyalty), kept());
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

scene.stage('what it earned is on hold: it counts in full, and nobody can have it in a moment', async () => {
  const { held, minted, counted } = loyalty();
  assert.ok(minted > 20n * BEGINNING, 'it has earned much more than it began with');
  assert.ok(isNearly(held, minted) && isNearly(counted, minted), `${held} of ${minted}`);
  assert.ok(isFull((await earns()).loyalty), kept());
  await story.refused(miner, call.transfer(bob, free() + 1n), 'Token.FundsUnavailable');
  await story.refusedAll(miner, [
    [call.release(loyalty().held + 1n), 'rewards.NotSoMuchOnHold'],
    [call.release(0n), 'rewards.NoAmount'],
    [call.addToHold(0n), 'rewards.NoAmount'],
    [call.payReleased(miner), 'rewards.NothingToPay'],
  ]);
});

scene.stage('liquidity is paid from the hold, counts in its pool, and goes back on hold', async () => {
  const [before, had] = [loyalty(), free()];
  const position = await story.provide(miner, device, STAKE_SECONDS);
  const inPool = loyalty();
  assert.ok(inPool.liquidity > 0n);
  assert.equal(inPool.held, before.held - inPool.liquidity);
  assert.equal(inPool.counted, before.counted);
  assert.ok(had - free() < 2n * LOOPIN, 'no more than deposits and fees were free');
  await story.jumpUntil(story.now + 100n);
  await story.does(charlie, call.claim(position));
  assert.ok(loyalty().held > inPool.held);
  await story.jumpUntil(market.positions[position].end);
  await story.does(charlie, call.close(position));
  assert.ok(isNearly(loyalty().held, before.held));
  await story.passEpochs();
});

scene.stage('who releases a part of it is paid less from that moment on, and has it a while later', async () => {
  const part = (loyalty().held * 3n) / 10n;
  const { loyalty: factorOfIt, paid } = await earns({
    first: async () => {
      await story.does(miner, call.release(part));
      await story.refused(bob, call.payReleased(miner), 'rewards.NothingToPay');
    },
  });
  assert.ok(factorOfIt < ONE && factorOfIt > ONE / 20n, `${factorOfIt}: ${kept()}`);
  assert.ok(paid > 0n);
  assert.ok(loyalty().lastCounted < loyalty().lastMinted);
  // It was a day ago: anybody has it paid.
  assert.ok(releaseSeconds < DAY);
  const before = free();
  await story.does(bob, call.payReleased(miner));
  assert.equal(free(), before + part);
});

scene.stage('a borrowed balance lifts nothing: neither free, nor on hold for a moment, whenever that is', async () => {
  await story.does(bob, call.transfer(miner, LOAN));
  const [before, since] = [market.copy(), story.journal.length];
  const { index } = market.epoch;
  const flashed = async (...meanwhile) => {
    story.isAttack = true;
    await story.does(miner, call.addToHold(LOAN), ...meanwhile, call.release(LOAN));
    story.isAttack = false;
  };
  const position = await story.provide(miner, device, STAKE_SECONDS);
  await story.verify(new Map([[device, passes(1_000)]]));
  await flashed();
  await story.passEpochs();
  await story.does(miner, call.payReleased(miner));
  await flashed(call.settleRewards(device));
  const seen = story.factors.get(`${device} ${index}`);

  // What would have been, had it not tried.
  const honest = story.retold(before, since, { attacks: false });
  honest.expected = [];
  honest.settleRewards(device);
  const { fields } = honest.expected.find(({ name, fields }) => name === 'DeviceRewarded' && fields.epoch === index);
  assert.ok(seen.loyalty <= fields.factors.loyalty, `${seen.loyalty}, and else ${fields.factors.loyalty}`);
  assert.ok(seen.loyalty < ONE);
  const { counted, minted } = honest.loyalty(miner.address);
  assert.ok(counted < minted && counted + LOAN >= minted, 'measured in that moment it would have been loyal in full');
  await story.jumpUntil(story.now + releaseSeconds + 60n);
  await story.does(charlie, call.close(position), call.payReleased(miner));
  await story.does(miner, call.transfer(bob, LOAN));
  await story.passEpochs();
});

scene.stage('what is put back in the middle of an epoch counts for half of it, and from the next on in full', async () => {
  const missing = loyalty().minted - loyalty().counted;
  const part = loyalty().lastCounted;
  assert.ok(missing > 0n && free() > missing, 'it still has what it has released');
  await story.jumpUntil(market.epoch.start + DAY / 2n);
  const { loyalty: half } = await earns({ first: () => story.does(miner, call.addToHold(missing)) });
  const { lastCounted, lastMinted } = loyalty();
  assert.ok(half < ONE && half > 0n, `${half}: ${kept()}`);
  const [low, high] = [40n, 60n].map((hundredths) => part + ((lastMinted - part) * hundredths) / 100n);
  assert.ok(lastCounted > low && lastCounted < high, kept());
  assert.ok(isFull((await earns()).loyalty), kept());
});

scene.stage('who has it paid freely, or releases it all, is paid less and less, down to nearly nothing', async () => {
  await story.does(miner, call.setPayout('Free'));
  const before = free();
  const { paid } = await earns();
  assert.ok(free() > before + paid - 2n * LOOPIN, 'that was paid, and not held');
  const { loyalty: some } = await earns();
  assert.ok(some < ONE, kept());
  const { loyalty: less } = await earns({ first: () => story.does(miner, call.release(loyalty().held)) });
  const none = factor(0n, 1n, PARAMETERS.steepness.loyalty);
  assert.ok(less >= none && less < 2n * none, `${less}: ${kept()}`);
  await story.does(charlie, call.claimRewards(miner));
  await story.does(miner, call.addToHold(loyalty().minted - loyalty().counted), call.setPayout('Hold'));
  await story.passEpochs();
});

scene.stage('loyalty is measured at the first verdict after the epoch, where nobody asks for it before', async () => {
  await story.passEpochs();
  const { index } = market.epoch;
  const position = await story.provide(miner, device, STAKE_SECONDS);
  await story.verify(new Map([[device, passes(1_000)]]));
  await story.passEpochs();
  await story.verify(new Map([[device, passes(1_000)]]));
  assert.ok(isFull(story.factors.get(`${device} ${index}`).loyalty), kept());
  const { mining } = market.account(miner.address).accrued;
  assert.ok(mining > 0n, 'it has accrued');
  const { minted } = loyalty();
  await story.does(miner, call.release(loyalty().held / 2n));
  await story.does(charlie, call.close(position));
  assert.equal(market.account(miner.address).accrued.mining, 0n);
  assert.equal(loyalty().minted, minted + mining, 'all that had accrued');
  await story.does(charlie, call.settleRewards(device));
});

scene.stage('nobody is paid for what somebody else has given away', async () => {
  assert.equal(market.account(bob.address).minted, 0n);
  await story.does(charlie, call.claimRewards(bob));
  assert.equal(market.account(bob.address).minted, 0n);
});
