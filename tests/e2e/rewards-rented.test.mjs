/**
 * Rewards of devices that are rented, so that nobody can challenge them: they are held until a device has shown that it
 * is still there, and lost if it is not. So renting from oneself hides nothing, and genuine providers lose nothing.
 */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { ACCESS_KEY, bob, charlie, dave, eve } from '../lib/accounts.mjs';
import { FAILS, passes } from '../lib/attest.mjs';
import { ONE, PARAMETERS, factor } from '../lib/reward-reference.mjs';
import { BENCHMARK, RewardStory } from '../lib/reward-story.mjs';
import { Scene } from '../lib/scene.mjs';

const EPOCH_SECONDS = 900n;
const STAKE_SECONDS = 5_400n;
const TERMS = { provideSeconds: Number(STAKE_SECONDS), rentalMaxSeconds: Number(STAKE_SECONDS) };
/** Silent devices are there to be idle, so that there is enough to rent. */
const NAMES = ['honest', 'hiding', 'served', 'left', 'again', 'gone', 'broken', 'silent', 'mute', 'quiet'];

const scene = new Scene('rewards-rented');
let story, call, market, pool, first, heldBefore;
/** By name: devices, and the rentals that they are in. */
const devices = {};
const rentals = {};

before(async () => {
  story = await RewardStory.begin(scene, [bob, charlie, dave, eve]);
  ({ call, market } = story);
});

const verdicts = (votes) =>
  story.verify(new Map(Object.entries(votes).map(([name, vote]) => [devices[name], vote])));
const settle = (names = NAMES) => story.does(eve, ...names.map((name) => call.settleRewards(devices[name])));

async function rent(seconds, ...names) {
  names.forEach((name, index) => (rentals[name] = market.rentals.length + index));
  await story.does(dave, ...names.map((name) => call.rent(pool, [devices[name]], seconds, ACCESS_KEY)));
}

/** What the epochs of a device have brought, counted from the first of the story: by their numbers. */
function broughtTo(name) {
  const rewards = [...(story.rewarded.get(devices[name]) ?? [])].filter(([epoch]) => epoch >= first);
  return Object.fromEntries(rewards.map(([epoch, reward]) => [epoch - first, reward]));
}

/** Whether the epochs of a device were paid or lost, by their numbers. */
const verdictsOn = (name) =>
  Object.fromEntries(Object.entries(broughtTo(name)).map(([epoch, { paid }]) => [epoch, paid > 0n ? 'paid' : 'lost']));

/** What the chain says that is held of devices, which is what the reference says. */
async function held(...names) {
  const amounts = await Promise.all(names.map(async (name) => {
    const rewards = (await story.api.call.rewardsApi.deviceRewards(devices[name])).unwrap();
    assert.equal(rewards.due.toBigInt(), 0n, `${name} is due nothing`);
    assert.equal(rewards.held.toBigInt(), market.heldRewards(devices[name]), `what is held of ${name}`);
    return [name, rewards.held.toBigInt()];
  }));
  return Object.fromEntries(amounts);
}

scene.stage('ten devices are provided, and seven of them pass in the first epoch', async () => {
  [pool] = await story.createListedPools(bob, [100], { terms: TERMS });
  const numbers = await story.register(charlie, ...NAMES.map(() => pool));
  NAMES.forEach((name, index) => (devices[name] = numbers[index]));
  await story.beginEpochs(EPOCH_SECONDS);
  await verdicts(Object.fromEntries(NAMES.map((name) => [name, passes(1_000)])));
  await story.passEpochs();
  for (const name of NAMES) await story.provide(charlie, devices[name], STAKE_SECONDS);
  first = market.epoch.index;
  await verdicts(Object.fromEntries(NAMES.slice(0, 7).map((name) => [name, passes(1_000)])));
});

scene.stage('six are rented after that: their epoch is held although they passed, and that of others paid', async () => {
  await rent(1_000n, 'served', 'hiding');
  await rent(2_400n, 'left', 'again', 'gone', 'broken');
  await story.passEpochs();
  assert.equal(market.epoch.index, first + 1);
  await settle();
  assert.deepEqual(NAMES.filter((name) => verdictsOn(name)[0] === 'paid'), ['honest']);
  const { standard } = broughtTo('honest')[0];
  const amounts = await held('served', 'hiding', 'left', 'again', 'gone', 'broken');
  for (const [name, amount] of Object.entries(amounts)) {
    assert.ok(amount * 10n > standard * 9n, `about as much is held of ${name} as an honest device has`);
  }
});

scene.stage('one rental is extended, three are given back, and a device breaks down', async () => {
  // Until shortly after the end of the next epoch.
  const seconds = story.epochEnd + EPOCH_SECONDS + 100n - market.rentals[rentals.served].end;
  await story.does(dave, call.extend(rentals.served, seconds));
  await story.does(dave, ...['left', 'again', 'gone'].map((name) => call.terminate(rentals[name])));
  await story.does(dave, call.reportFailure(rentals.broken, devices.broken));
  await verdicts({ honest: passes(1_000), broken: FAILS });
  assert.equal(market.devices[devices.broken].rental, null);
  await story.jumpUntil(market.rentals[rentals.hiding].end);
  await story.does(dave, call.complete(rentals.hiding));
  await story.passEpochs();
  assert.equal(market.epoch.index, first + 2);
});

scene.stage('who rents its own device after a pass, and is gone afterwards, gets nothing for that time', async () => {
  const before = (await held('hiding')).hiding;
  assert.ok(before > broughtTo('honest')[0].standard, 'an epoch and a half');
  await verdicts({ honest: passes(1_000), hiding: FAILS });
  await story.passEpochs();
  assert.equal(market.epoch.index, first + 3);
  await settle(['honest', 'hiding']);
  assert.deepEqual(verdictsOn('hiding'), { 0: 'lost', 1: 'lost', 2: 'lost' });
  assert.deepEqual(verdictsOn('honest'), { 0: 'paid', 1: 'paid', 2: 'paid' });
});

scene.stage('a rental that was given back covers the epoch in which it was, and none of those after it', async () => {
  heldBefore = await held('served', 'left', 'again', 'gone', 'broken');
  assert.equal(heldBefore.broken, 0n, 'all that was held is lost with the fail');
  assert.ok(heldBefore.served > (heldBefore.left * 5n) / 4n, 'three epochs are more than two');
});

scene.stage('whom a client rented through two whole epochs is paid for all of them after the next pass', async () => {
  assert.ok(market.rentals[rentals.served].end > market.epoch.start, 'the client has rented it until this epoch');
  await rent(300n, 'again');
  await story.jumpUntil(market.rentals[rentals.served].end);
  await story.does(dave, call.complete(rentals.served));
  assert.deepEqual(verdictsOn('served'), {});
  await verdicts({
    honest: passes(1_000), served: passes(900), left: passes(1_000), gone: FAILS, broken: passes(1_000),
  });
  await settle();
  assert.deepEqual(verdictsOn('served'), { 0: 'paid', 1: 'paid', 2: 'paid' });
  const work = [0, 1, 2].map((epoch) => broughtTo('served')[epoch].factors.work);
  assert.equal(work[0], ONE, 'it had shown enough in that epoch');
  assert.equal(work[1], work[2]);
  const expected = factor(900n, BENCHMARK, PARAMETERS.steepness.work);
  assert.ok(work[1] <= expected && expected - work[1] <= 4n, 'of the others nothing but that pass is known');
  const standard = [0, 1, 2].map((epoch) => broughtTo('served')[epoch].standard);
  assert.equal(standard[0] + standard[1] + standard[2], heldBefore.served, 'all that was held');
  assert.deepEqual(standard.slice(1), [1, 2].map((epoch) => broughtTo('honest')[epoch].standard));
});

scene.stage('who was given back is paid for rented epochs alone, even if it is rented anew later', async () => {
  await story.jumpUntil(market.rentals[rentals.again].end);
  await story.does(dave, call.complete(rentals.again));
  await story.passEpochs();
  assert.equal(market.epoch.index, first + 4);
  await settle();
  assert.deepEqual(verdictsOn('left'), { 0: 'paid', 1: 'paid', 3: 'paid' });
  assert.equal(broughtTo('left')[0].standard + broughtTo('left')[1].standard, heldBefore.left);
  assert.deepEqual(verdictsOn('gone'), { 0: 'lost', 1: 'lost', 3: 'lost' });
  assert.deepEqual(verdictsOn('broken'), { 0: 'lost', 1: 'lost', 3: 'paid' });
  assert.deepEqual(verdictsOn('again'), {});
  await verdicts({ honest: passes(1_000), again: passes(1_000) });
  assert.deepEqual(verdictsOn('again'), { 0: 'paid' }, 'each verdict settles one epoch');
  await verdicts({ again: passes(1_000) });
  await verdicts({ again: passes(1_000) });
  assert.deepEqual(verdictsOn('again'), { 0: 'paid', 1: 'paid', 3: 'paid' });
  await story.passEpochs();
  await settle();
  assert.deepEqual(verdictsOn('again'), { 0: 'paid', 1: 'paid', 3: 'paid', 4: 'paid' });
  assert.deepEqual(verdictsOn('served'), { 0: 'paid', 1: 'paid', 2: 'paid', 3: 'paid' });
  for (const name of ['silent', 'mute', 'quiet']) assert.deepEqual(verdictsOn(name), {}, name);
});
