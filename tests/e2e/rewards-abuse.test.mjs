/**
 * Renting from oneself, and renting for show, in a pool that gets all of the miners' budget: whoever does it has less in
 * the end than if it had not. (A pool that shares the budget with others gets more of it where its price is higher.)
 */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { ACCESS_KEY, LOOPIN, bob, charlie, dave, eve } from '../lib/accounts.mjs';
import { passes } from '../lib/attest.mjs';
import { RewardStory, SEATS, verifier } from '../lib/reward-story.mjs';
import { Scene } from '../lib/scene.mjs';

const EPOCH_SECONDS = 900n;
const STAKE_SECONDS = 6_300n;
const TERMS = { provideSeconds: Number(STAKE_SECONDS), rentalMaxSeconds: Number(STAKE_SECONDS) };
const BLOCK_SECONDS = 6n;
/** Charlie's devices, and Eve's beside them. Dave, who rents, is Charlie in disguise. */
const OWN = 3;
const OTHERS = 3;

const scene = new Scene('rewards-abuse');
let story, call, market, pool, own, others, positions;

before(async () => {
  story = await RewardStory.begin(scene, [bob, charlie, dave, eve]);
  ({ call, market } = story);
});

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
  await story.verify(new Map([...own, ...others].map((device) => [device, passes(1_000)])));
  await story.passEpochs();
  await story.does(bob, ...[...own, ...others].map((device) => call.settleRewards(device)), call.claimRewards(dave));
  const [attacked, honest] = [true, false].map((attacks) => wealthInTheEnd(story.retold(before, since, { attacks })));
  const difference = wealthInTheEnd(market) - attacked;
  assert.ok(difference <= 1_000n && difference >= -1_000n, 'the tale is true, but for the last digits of factors');
  return attacked - honest;
}

scene.stage('attacker and others have three devices each in a pool whose price moves with every trade', async () => {
  [pool] = await story.createListedPools(bob, [LOOPIN], { terms: TERMS });
  own = await story.register(charlie, ...Array(OWN).fill(pool));
  others = await story.register(eve, ...Array(OTHERS).fill(pool));
  await story.beginEpochs(EPOCH_SECONDS);
  await story.verify(new Map([...own, ...others].map((device) => [device, passes(1_000)])));
  positions = [];
  for (const device of own) positions.push(await story.provide(charlie, device, STAKE_SECONDS));
  for (const device of others) positions.push(await story.provide(eve, device, STAKE_SECONDS));
  await story.passEpochs();
});

scene.stage('renting one of one\'s own devices for a while loses more than it brings', async () => {
  const won = await wonBy(async () => {
    const rental = market.rentals.length;
    await story.does(dave, call.rent(pool, [own[0]], 120n, ACCESS_KEY));
    await story.jumpUntil(market.rentals[rental].end);
    await story.does(dave, call.complete(rental));
  });
  assert.ok(won < 0n, `${won} planck are won`);
});

scene.stage('renting a third of the idle time, to lift the price, and giving it back loses as well', async () => {
  const before = market.listings.get(pool).price;
  const won = await wonBy(async () => {
    const rental = market.rentals.length;
    const seconds = story.nextPool(pool).idleSeconds / 3n / BigInt(OWN) - 60n;
    await story.does(dave, call.rent(pool, own, seconds, ACCESS_KEY));
    await story.jump(300n);
    await story.does(dave, call.terminate(rental));
  });
  assert.ok(won < 0n, `${won} planck are won`);
  const after = market.listings.get(pool).price;
  assert.equal(after, before + before / 10n, 'the price that counts rises by a tenth at most');
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

/** A whole course in the reference alone: devices join, some are rented, all are verified, and everybody leaves. */
function course(beginning, plan, isAttacked) {
  const { devices: [owned, foreign], rented, seconds, times, isGivenBack, thePool } = plan;
  const end = beginning.copy();
  end.witness = null;
  const provided = [charlie, eve].flatMap(({ address }, index) =>
    Array.from({ length: [owned, foreign][index] }, () => {
      end.registerDevice(address, thePool, 'http://127.0.0.1:9090');
      return [address, end.devices.length - 1];
    }),
  );
  const verify = () => {
    const shown = { work: 1_000n, privacy: 25n };
    const verdict = { verdict: 'Passed', kind: 'Full', shown, votes: { [verifier.address]: SEATS } };
    for (const [, device] of provided) end.conclude(device, verdict);
  };
  verify();
  pass(end, end.epoch.end);
  for (const [address, device] of provided) {
    end.burnForCertificate(address, thePool, STAKE_SECONDS);
    end.stake(address, device, end.certificates.length - 1, STAKE_SECONDS, 'Provide');
    end.addLiquidity(end.positions.length - 1);
  }
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

scene.stage('so does every course of a grid: few and many devices, short and long, in thin and deep pools', async () => {
  const [deep] = await story.createListedPools(bob, [LOOPIN], {
    pool: { anchor: 100_000n * LOOPIN, pricePerGpuHour: LOOPIN },
    terms: TERMS,
  });
  await story.jumpUntil(lastEnd(market));
  await story.does(bob, ...positions.map((id) => call.close(id)));
  // The reference, which the chain has agreed with all along, goes on alone.
  const results = [];
  for (const thePool of [pool, deep]) {
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

scene.stage('nobody has anything of it that is left to claim', async () => {
  await story.does(eve, ...[charlie, dave, eve].map((who) => call.claimRewards(who)));
  await story.refusedAll(dave, [
    [call.complete(0), 'rentals.UnknownRental'],
    [call.terminate(0), 'rentals.UnknownRental'],
    [call.close(positions[0]), 'stakes.UnknownPosition'],
  ]);
});
