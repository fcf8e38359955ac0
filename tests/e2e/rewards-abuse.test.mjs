/**
 * Renting from oneself, and renting for show: whoever does it has less in the end than if it had not. What a pool has of
 * the miners' budget does not depend on its price, and what a device has is bounded by the reference price.
 */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { ACCESS_KEY, LOOPIN, bob, charlie, dave, eve } from '../lib/accounts.mjs';
import { passes } from '../lib/attest.mjs';
import { ONE } from '../lib/reward-reference.mjs';
import { RewardStory, SEATS, verifier } from '../lib/reward-story.mjs';
import { Scene } from '../lib/scene.mjs';

const EPOCH_SECONDS = 900n;
const STAKE_SECONDS = 6_300n;
const TERMS = { provideSeconds: Number(STAKE_SECONDS), rentalMaxSeconds: Number(STAKE_SECONDS) };
const BLOCK_SECONDS = 6n;
const HOUR = 3_600n;
/** What governance says that an hour is worth, in all pools. */
const REFERENCE_PRICE = LOOPIN;
/** Charlie's devices, and Eve's beside them, and one of hers in a rival pool. Dave, who rents, is Charlie in disguise. */
const OWN = 3;
const OTHERS = 3;

const scene = new Scene('rewards-abuse');
let story, call, market, pool, rival, own, others, apart, positions;

before(async () => {
  story = await RewardStory.begin(scene, [bob, charlie, dave, eve]);
  ({ call, market } = story);
});

const all = () => [...own, ...others, ...apart];
const allPass = () => new Map(all().map((device) => [device, passes(1_000)]));
/** What a pool has had of the miners' budget of an epoch. */
const partOf = async (id, epoch) => (await story.api.query.rewards.poolEpochs(epoch, id)).unwrap().part.toBigInt();
/** So many of six devices and one have to get these parts, but for what is rounded down. */
const isSixToOne = (large, small) => large <= 6n * small + 6n && large >= 6n * small - 6n;

/** Time passes in the reference alone. */
function pass(course, until) {
  while (course.now < until) {
    course.beginBlock();
    course.now += BLOCK_SECONDS;
  }
}

/** When the last of the open positions ends. */
const lastEnd = ({ positions: all, now }) =>
  all.filter(({ open }) => open).reduce((last, { end }) => (end > last ? end : last), now);

/** What the attacker has when all its devices have left the pool and everything is paid. */
function wealthInTheEnd(course) {
  const end = course.copy();
  pass(end, lastEnd(end) + EPOCH_SECONDS);
  for (const [id, position] of end.positions.entries()) if (position.open) end.close(id);
  for (const device of end.devices.keys()) end.settleRewards(device);
  for (const { address } of [charlie, dave]) end.claimRewards(address);
  return end.wealthKnown(charlie.address) + end.wealthKnown(dave.address);
}

/** An attack on the chain in an epoch of its own. Returns what it wins in planck, compared with what would have been. */
async function wonBy(attack) {
  const [before, since] = [market.copy(), story.journal.length];
  story.isAttack = true;
  await attack();
  story.isAttack = false;
  await story.verify(allPass());
  await story.passEpochs();
  await story.does(bob, ...all().map((device) => call.settleRewards(device)), call.claimRewards(dave));
  const [attacked, honest] = [true, false].map((attacks) => wealthInTheEnd(story.retold(before, since, { attacks })));
  const difference = wealthInTheEnd(market) - attacked;
  assert.ok(difference <= 1_000n && difference >= -1_000n, 'the tale is true, but for the last digits of factors');
  return attacked - honest;
}

scene.stage('attacker and others have three devices each in a pool, and a rival pool has one', async () => {
  [pool, rival] = await story.createListedPools(bob, [REFERENCE_PRICE, REFERENCE_PRICE], { terms: TERMS });
  own = await story.register(charlie, ...Array(OWN).fill(pool));
  others = await story.register(eve, ...Array(OTHERS).fill(pool));
  apart = await story.register(eve, rival);
  await story.beginEpochs(EPOCH_SECONDS);
  await story.verify(allPass());
  positions = [];
  for (const device of own) positions.push(await story.provide(charlie, device, STAKE_SECONDS));
  for (const device of [...others, ...apart]) positions.push(await story.provide(eve, device, STAKE_SECONDS));
  await story.passEpochs();
});

scene.stage('a device has five quarters of the reference price at most, however much there is for miners', async () => {
  const { index } = market.epoch;
  await story.verify(allPass());
  await story.passEpochs();
  await story.does(bob, ...all().map((device) => call.settleRewards(device)));
  const most = (5n * REFERENCE_PRICE * EPOCH_SECONDS) / (4n * HOUR);
  assert.ok((await partOf(pool, index)) > 1_000n * BigInt(OWN + OTHERS) * most, 'there would be a thousand times as much');
  assert.ok(isSixToOne(await partOf(pool, index), await partOf(rival, index)));
  for (const device of all()) {
    const { standard } = story.rewarded.get(device).get(index);
    assert.ok(standard <= most && standard >= most - 1n, `${standard} of ${most} planck`);
  }
});

scene.stage('renting one of one\'s own devices for a while loses more than it brings', async () => {
  const won = await wonBy(async () => {
    const rental = market.rentals.length;
    await story.does(dave, call.rent(pool, [own[0]], 120n, ACCESS_KEY));
    await story.jumpUntil(market.rentals[rental].end);
    await story.does(dave, call.complete(rental));
  });
  assert.ok(won < 0n, `${won} planck are won`);
  const { index } = market.epoch;
  const [rented, idle] = [own[0], own[1]].map((device) => story.rewarded.get(device).get(index - 1));
  const lost = (3n * REFERENCE_PRICE * 120n) / (4n * HOUR);
  assert.ok(rented.standard <= idle.standard - lost, 'rented time earns half of the reference price at most');
});

scene.stage('renting a third of the idle time, to lift the price, lifts no pool\'s part, and loses as well', async () => {
  const { index } = market.epoch;
  const won = await wonBy(async () => {
    const rental = market.rentals.length;
    const before = story.nextPool(pool);
    const seconds = before.idleSeconds / 3n / BigInt(OWN) - 60n;
    await story.does(dave, call.rent(pool, own, seconds, ACCESS_KEY));
    assert.ok(story.nextPool(pool).pricePerGpuHour > before.pricePerGpuHour, 'the price in the pool has risen');
    await story.jump(300n);
    await story.does(dave, call.terminate(rental));
  });
  assert.ok(won < 0n, `${won} planck are won`);
  assert.ok(isSixToOne(await partOf(pool, index), await partOf(rival, index)), 'parts are by provider-seconds alone');
  assert.equal(market.listings.get(pool).referencePrice, REFERENCE_PRICE);
});

scene.stage('renting and giving back at once, only for the part of the clients\' budget, brings nothing', async () => {
  const won = await wonBy(async () => {
    const first = market.rentals.length;
    for (const rental of [first, first + 1]) {
      await story.does(dave, call.rent(pool, [others[0]], 120n, ACCESS_KEY), call.terminate(rental));
    }
  });
  assert.ok(won <= 0n, `${won} planck are won`);
});

scene.stage('renting somebody else\'s device for nothing but rewards brings less than it costs', async () => {
  const won = await wonBy(async () => {
    const rental = market.rentals.length;
    await story.does(dave, call.rent(pool, [others[1]], 120n, ACCESS_KEY));
    await story.jumpUntil(market.rentals[rental].end);
    await story.does(dave, call.complete(rental));
  });
  assert.ok(won < 0n, `${won} planck are won`);
});

/** What an attacker can do with these devices: how many are rented, for how long, how often, and whether to the end. */
function* attacks([owned, foreign], thePool) {
  for (const rented of [1, 3, 10].filter((count) => count <= owned + foreign)) {
    for (const seconds of [60n, 200n, 600n]) {
      for (const [times, isGivenBack] of [[1, false], [1, true], [2, false], [3, true]]) {
        if (BigInt(times) * seconds > 600n) continue;
        yield { devices: [owned, foreign], rented, seconds, times, isGivenBack, thePool };
      }
    }
  }
}

/** The market for an attacker whose devices are as good, and as old, as can be. */
function best(beginning) {
  const market = beginning.copy();
  market.witness = null;
  market.parameters.steepness = { time: 0n, loyalty: 0n, privacy: 0n, work: 0n };
  return market;
}

/** A device in the reference passes a challenge. */
function passIn(market, device, kind) {
  const shown = kind === 'Full' ? { work: 1_000n, privacy: 25n } : { work: 0n, privacy: 0n };
  market.conclude(device, { verdict: 'Passed', kind, shown, votes: { [verifier.address]: SEATS } });
}

/** A device in the reference is provided from now on. */
function provideIn(market, address, thePool, device) {
  market.burnForCertificate(address, thePool, STAKE_SECONDS);
  market.stake(address, device, market.certificates.length - 1, STAKE_SECONDS, 'Provide');
  market.addLiquidity(market.positions.length - 1);
}

/** A whole course in the reference alone: devices join, some are rented, all are verified, and everybody leaves. */
function course(beginning, plan, isAttacked) {
  const { devices: [owned, foreign], rented, seconds, times, isGivenBack, thePool } = plan;
  const end = best(beginning);
  const provided = [charlie, eve].flatMap(({ address }, index) =>
    Array.from({ length: [owned, foreign][index] }, () => {
      end.registerDevice(address, thePool, 'http://127.0.0.1:9090');
      return [address, end.devices.length - 1];
    }),
  );
  const verify = () => provided.forEach(([, device]) => passIn(end, device, 'Full'));
  verify();
  pass(end, end.epoch.end);
  for (const [address, device] of provided) provideIn(end, address, thePool, device);
  pass(end, end.now + BLOCK_SECONDS);
  for (let time = 0; time < times && isAttacked; time += 1) {
    const { idleSeconds } = end.poolAt(thePool, end.now);
    if (3n * BigInt(rented) * (seconds + 60n) > idleSeconds) return null;
    end.rent(dave.address, thePool, provided.slice(0, rented).map(([, device]) => device), seconds, ACCESS_KEY);
    const rental = end.rentals.length - 1;
    const until = end.rentals[rental].end;
    pass(end, isGivenBack ? end.now + seconds / 2n : until);
    if (isGivenBack) end.terminate(rental);
    else end.complete(rental);
  }
  pass(end, end.epoch.start + 800n);
  verify();
  return wealthInTheEnd(end);
}

/**
 * A course in which the attacker has one device more, which does not exist: a real one answers for it until it is rented,
 * which it is from then on to its end, and again in light checks.
 */
function hiding(beginning, { devices: [owned, foreign], thePool }, isAttacked, change = () => {}) {
  const end = best(beginning);
  change(end);
  const join = (address) => {
    end.registerDevice(address, thePool, 'http://127.0.0.1:9090');
    const device = end.devices.length - 1;
    passIn(end, device, 'Full');
    provideIn(end, address, thePool, device);
    return device;
  };
  const real = [...Array(owned).fill(charlie), ...Array(foreign).fill(eve)].map(({ address }) => join(address));
  if (isAttacked) {
    const fake = join(charlie.address);
    pass(end, end.now + BLOCK_SECONDS);
    const { until } = end.intervals.at(-1);
    end.rent(dave.address, thePool, [fake], until - end.now - 120n, ACCESS_KEY);
    real.push(fake);
  }
  const last = end.now + STAKE_SECONDS - 2n * EPOCH_SECONDS;
  while (end.now < last) {
    pass(end, end.epoch.end - 60n);
    real.forEach((device, index) => passIn(end, device, index < owned + foreign ? 'Full' : 'Light'));
    pass(end, end.epoch.end + BLOCK_SECONDS);
  }
  if (isAttacked) {
    const rental = end.rentals.length - 1;
    pass(end, end.rentals[rental].end);
    end.complete(rental);
  }
  return wealthInTheEnd(end);
}

/** Pools in which an hour costs what it is worth, and a sixth of that. */
let deep, cheap;

scene.stage('so does every course of a grid: few and many devices, short and long, in thin, deep and cheap pools', async () => {
  const at = async (pricePerGpuHour) => {
    const changes = { pool: { anchor: 100_000n * LOOPIN, pricePerGpuHour }, terms: TERMS };
    const [created] = await story.createListedPools(bob, [REFERENCE_PRICE], changes);
    return created;
  };
  deep = await at(REFERENCE_PRICE);
  cheap = await at(REFERENCE_PRICE / 6n);
  await story.jumpUntil(lastEnd(market));
  await story.does(bob, ...positions.map((id) => call.close(id)));
  // The reference, which the chain has agreed with all along, goes on alone.
  const results = [];
  for (const thePool of [pool, deep, cheap]) {
    for (const devices of [[1, 0], [1, 5], [3, 3], [6, 0], [6, 30], [30, 6]]) {
      const honest = course(market, { devices, thePool }, false);
      for (const plan of attacks(devices, thePool)) {
        const attacked = course(market, plan, true);
        if (attacked !== null) results.push({ plan, won: attacked - honest });
      }
    }
  }
  const show = ({ plan, won }) => `${Object.values(plan).join(' ')}: ${won}`;
  assert.deepEqual(results.filter(({ won }) => won >= 0n).map(show), []);
  assert.ok(results.length > 100, `${results.length} courses`);
});

scene.stage('a device that does not exist loses behind a rental, and would gain but for the cap on rented time', async () => {
  const uncapped = ({ parameters }) => (parameters.caps = { idle: 1_000n * ONE, rented: 1_000n * ONE });
  const won = (plan, change) => hiding(market, plan, true, change) - hiding(market, plan, false, change);
  for (const thePool of [deep, cheap]) {
    for (const devices of [[1, 5], [3, 3], [6, 30]]) {
      const plan = { devices, thePool };
      const name = `${devices} in pool ${thePool}`;
      const [capped, free] = [won(plan), won(plan, uncapped)];
      assert.ok(capped < 0n, `${name}: ${capped}`);
      assert.ok(free > 0n, `${name} without a cap: ${free}`);
    }
    const most = (REFERENCE_PRICE * STAKE_SECONDS) / (2n * HOUR);
    const alone = won({ devices: [6, 0], thePool });
    assert.ok(alone < most, `whoever has all of the pool wins ${alone} of ${most} at most`);
  }
});

scene.stage('nobody has anything of it that is left to claim', async () => {
  await story.does(eve, ...[charlie, dave, eve].map((who) => call.claimRewards(who)));
  await story.refusedAll(dave, [
    [call.complete(0), 'rentals.UnknownRental'],
    [call.terminate(0), 'rentals.UnknownRental'],
    [call.close(positions[0]), 'stakes.UnknownPosition'],
  ]);
});
