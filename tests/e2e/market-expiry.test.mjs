/** The end of stakes and rentals: late processing comes to the same as timely processing, and everybody is paid. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { ACCESS_KEY, LOOPIN, bob, charlie, dave, eve, ferdie } from '../lib/accounts.mjs';
import { describeError } from '../lib/client.mjs';
import { MarketStory, SMALL_POOL } from '../lib/market-story.mjs';
import { Scene } from '../lib/scene.mjs';

const HOUR = 3_600n;
const DAY = 24n * HOUR;

const scene = new Scene('market-expiry');
let story;
let call;
/** The pool that is brought up to date all the time, and the one that nobody comes to. */
let timely;
let late;

before(async () => {
  story = await MarketStory.begin(scene, [bob, charlie, dave, eve, ferdie]);
  ({ call } = story);
});

/** How much more is in the reserve of one pool than in that of the other at present, planck. */
function difference() {
  const [one, other] = [timely, late].map(({ pool }) => story.market.poolAt(pool, story.now).reserve);
  return one > other ? one - other : other - one;
}

/** What has streamed back to a position until now. */
function streamedBack(position) {
  const { streamedUnclaimed, claimed } = story.market.positionValue(position, story.now);
  return streamedUnclaimed + claimed;
}

scene.stage('two pools are twins: the same happens to both in the same blocks', async () => {
  [timely, late] = (await story.createSmallPools(bob, 'timely', 'late')).map((pool) => ({ pool, devices: [], positions: [] }));
  for (const [owner, intent, commit] of [
    [charlie, 'Provide', call.addLiquidity],
    [dave, 'Provide', call.addLiquidity],
    [dave, 'Sell', (position) => call.sellHours(position, 540n)],
  ]) {
    for (const twin of [timely, late]) twin.devices.push(await story.device(owner, twin.pool));
    const { certificates, positions } = story.market;
    const [certificate, position] = [certificates.length, positions.length];
    await story.does(owner, ...[timely, late].flatMap(({ pool, devices }, index) => [
      call.burnForCertificate(pool, 600n),
      call.stake(devices.at(-1), certificate + index, 600n, intent),
      commit(position + index),
    ]));
    timely.positions.push(position);
    late.positions.push(position + 1);
  }
  [timely.rental, late.rental] = [0, 1];
  await story.does(eve, ...[timely, late].map(({ pool, devices }) => call.rent(pool, devices, 60n, ACCESS_KEY)));
  assert.equal(difference(), 0n);
});

scene.stage('without anybody, three days pass; meanwhile one pool has been brought up to date again and again', async () => {
  const last = Math.max(...timely.positions.map((position) => Number(story.market.positions[position].end)));
  while (Number(story.now) < last) {
    await story.jump(60n);
    await story.does(ferdie, call.sync(timely.pool), call.sync(timely.pool));
  }
  await story.jump(3n * DAY);
});

scene.stage('every planck is accounted for: what was paid into the pools is in the reserve, or was paid out, or is owed', () => {
  for (const { pool } of [timely, late]) {
    const { anchor } = SMALL_POOL;
    const providers = story.market.positions.filter((position) => position.pool === pool && position.liquidity);
    const paid = providers.reduce((sum, { liquidity }) => sum + liquidity.paid, 0n);
    const state = story.market.poolAt(pool, story.now);
    assert.equal(state.reserve + state.owed, anchor + paid + state.rentedVolume - state.soldVolume);
    assert.ok(providers.length === 2 && state.rentedVolume > 0n && state.soldVolume > 0n);
  }
});

scene.stage('the twins are the same to a planck, and so is what each position has got', () => {
  assert.ok(difference() <= 1n, `${difference()} planck apart`);
  for (const index of [0, 1]) {
    const [one, other] = [timely, late].map(({ positions }) => streamedBack(positions[index]));
    assert.ok(one - other <= 1n && other - one <= 1n, `position ${index}: ${one} and ${other}`);
  }
});

scene.stage('the storage of the pool that nobody came to is as old as the last call, and readers see the present', async () => {
  const stored = (await story.api.query.pools.pools(late.pool)).unwrap().pool;
  assert.ok(stored.updatedAt.toBigInt() < story.now - 3n * DAY);
  const view = (await story.api.call.marketApi.pool(late.pool)).unwrap();
  assert.equal(view.moment.toBigInt(), story.now);
  assert.equal(view.idleGpuSeconds.toBigInt(), 0n);
});

scene.stage('mean prices and charts are of the hours in which somebody came, and an answer says where nobody did', async () => {
  for (let hours = 0; hours < 3; hours += 1) {
    await story.jump(HOUR);
    await story.does(ferdie, call.sync(timely.pool), call.deepen(timely.pool, LOOPIN));
  }
  const { now } = story;
  const shown = ({ from, until, pricePerGpuHour, hasGap }) => ({
    from: from.toBigInt(),
    until: until.toBigInt(),
    pricePerGpuHour: pricePerGpuHour.toBigInt(),
    hasGap: hasGap.isTrue,
  });
  const { meanPrice, priceChart } = story.api.call.marketApi;
  for (const { pool } of [timely, late]) {
    const state = story.market.poolAt(pool, now);
    for (const [from, until] of [
      [0n, now + DAY],
      [now - 3n * HOUR, now],
      [now - 2n * HOUR, now - HOUR],
      [now - DAY, now - 4n * HOUR],
      [now - 5n * DAY, now - 3n * DAY],
    ]) {
      const mean = await meanPrice(pool, from, until);
      const answer = mean.isOk ? shown(mean.asOk) : describeError(story.api, mean.asErr).name;
      assert.deepEqual(answer, state.meanPrice(from, until) ?? 'pools.InvalidTime', `from ${from} until ${until}`);
      assert.deepEqual((await priceChart(pool, from, until)).asOk.map(shown), state.priceChart(from, until));
    }
    const gaps = state.priceChart(now - 2n * HOUR, now).map(({ hasGap }) => hasGap);
    assert.equal(gaps.includes(true), pool === late.pool);
    assert.equal(describeError(story.api, (await meanPrice(pool, now, now)).asErr).name, 'pools.InvalidTime');
  }
});

scene.stage('what is over can be neither rented nor extended nor given back', async () => {
  const { rental, devices, positions, pool } = late;
  await story.refusedAll(eve, [
    [call.rent(pool, [devices[0]], 60n, ACCESS_KEY), 'stakes.NotInPool'],
    [call.rent(pool, [devices[2]], 60n, ACCESS_KEY), 'stakes.NotInPool'],
    [call.extend(rental, 60n), 'rentals.RentalOver'],
    [call.terminate(rental), 'rentals.RentalOver'],
  ]);
  await story.refusedAll(charlie, [
    [call.withdrawLiquidity(positions[0]), 'stakes.StakeOver'],
    [call.drain(devices[0]), 'stakes.StakeOver'],
  ]);
  await story.refused(dave, call.sellHours(positions[2], 60n), 'stakes.StakeOver');
});

scene.stage('a stranger closes everything, in one block, and everybody is paid', async () => {
  const closings = [timely, late].flatMap(({ positions, rental }) => [
    ...positions.map((position) => call.close(position)),
    call.complete(rental),
  ]);
  await story.does(ferdie, ...closings);
  for (const { pool } of [timely, late]) {
    const { state } = story.market.pools.get(pool);
    assert.equal(state.idleSeconds, 0n);
    assert.ok(state.owed < 10n, `only fractions are left: ${state.owed}`);
    assert.equal(Number(story.market.poolAccount(pool).hours.get(pool)), 0);
    assert.equal((await story.api.query.pools.endings.entries(pool)).length, 0);
    assert.equal((await story.api.query.pools.agendas.entries(pool)).length, 0);
  }
});

scene.stage('nobody has anything on hold but for devices and pools', () => {
  for (const { address } of [charlie, dave, eve]) {
    const held = [...story.market.party(address).holds].filter(([, amount]) => amount > 0n).map(([reason]) => reason);
    assert.deepEqual(held.filter((reason) => reason !== 'Devices.DeviceRegistration'), []);
  }
});

scene.stage('a certificate that expired is good for nothing, and anybody clears it up', async () => {
  const certificate = story.market.certificates.length;
  const device = late.devices[0];
  await story.does(charlie, call.burnForCertificate(late.pool, 600n));
  await story.refused(ferdie, call.removeCertificate(certificate), 'stakes.NotCertificateOwner');
  await story.jump(DAY);
  await story.refused(charlie, call.stake(device, certificate, 600n, 'Provide'), 'stakes.CertificateExpired');
  await story.does(ferdie, call.removeCertificate(certificate));
  await story.refused(charlie, call.removeCertificate(certificate), 'stakes.UnknownCertificate');
});
