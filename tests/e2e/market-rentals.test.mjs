/** Clients: renting one and several devices, extending, giving back, and running to the end. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { ACCESS_KEY, bob, charlie, dave, eve, ferdie } from '../lib/accounts.mjs';
import { MarketStory } from '../lib/market-story.mjs';
import { scheduledEnd } from '../lib/market-pool.mjs';
import { Scene } from '../lib/scene.mjs';

const scene = new Scene('market-rentals');
let story;
let call;
let pool;

before(async () => {
  story = await MarketStory.begin(scene, [bob, charlie, dave, eve, ferdie]);
  ({ call } = story);
  pool = await story.createSmallPool(bob);
  await story.provider(charlie, pool);
  await story.seller(dave, pool, 600n, 600n);
  await story.provider(charlie, pool);
  await story.provider(dave, pool);
});

/** What taking the time of so many devices costs in the next block, until the end of so many seconds. */
function costOfRent(devices, seconds) {
  const time = scheduledEnd(story.next, seconds) - story.next;
  return story.nextPool(pool).quoteRent(BigInt(devices) * time).cost;
}

scene.stage('a client rents one device, at the pool\'s price and not a planck above its bound', async () => {
  await story.refused(eve, call.rent(pool, [0], 100n, ACCESS_KEY, costOfRent(1, 100n) - 1n), 'pools.CostAboveMaximum');
  await story.does(eve, call.rent(pool, [0], 100n, ACCESS_KEY, costOfRent(1, 100n)));
  const rental = (await story.api.query.rentals.rentals(0)).unwrap();
  assert.equal(rental.accessKey.toUtf8(), ACCESS_KEY);
  assert.equal(rental.end.toNumber() % 60, 0);
  await story.refused(bob, call.complete(0), 'rentals.RentalNotOver');
});

scene.stage('renting raises the price', async () => {
  const price = story.market.poolAt(pool, story.now).pricePerGpuHour;
  await story.does(ferdie, call.rent(pool, [1, 3], 120n, ACCESS_KEY, costOfRent(2, 120n)));
  assert.ok(story.market.poolAt(pool, story.now).pricePerGpuHour > price);
});

scene.stage('a rented device cannot be rented, nor one of several', async () => {
  await story.refusedAll(eve, [
    [call.rent(pool, [0], 60n, ACCESS_KEY), 'rentals.DeviceRented'],
    [call.rent(pool, [2, 1], 60n, ACCESS_KEY), 'rentals.DeviceRented'],
  ]);
});

scene.stage('a rental of several devices is extended, for all of them', async () => {
  const { end } = story.market.rentals[1];
  const cost = () => story.nextPool(pool).quoteRent(2n * 60n).cost;
  await story.refused(ferdie, call.extend(1, 1n, cost() - 1n), 'pools.CostAboveMaximum');
  await story.does(ferdie, call.extend(1, 1n, cost()));
  assert.equal(story.market.rentals[1].end, end + 60n);
});

scene.stage('anybody can have the hour tokens retired that were used', async () => {
  await story.does(bob, call.retireUsedHours(1));
  await story.does(bob, call.retireUsedHours(1), call.retireUsedHours(0), call.retireUsedHours(0));
});

scene.stage('terminating sells the rest back, and the bound is exact', async () => {
  const { end, contribution } = story.market.rentals[1];
  const refund = () => story.nextPool(pool).quoteGiveBack(2n * (end - story.next), contribution).proceeds;
  await story.refused(ferdie, call.terminate(1, refund() + 1n), 'pools.ProceedsBelowMinimum');
  await story.does(ferdie, call.terminate(1, refund()));
  await story.refused(ferdie, call.terminate(1), 'rentals.UnknownRental');
});

scene.stage('renting and giving back in one block gains nothing', async () => {
  const { state } = story.market.pools.get(pool);
  const free = story.market.party(ferdie.address).free;
  const reserve = story.nextPool(pool).reserve;
  const rental = story.market.rentals.length;
  const receipt = await story.does(
    ferdie,
    call.rent(pool, [3], 60n, ACCESS_KEY),
    call.extend(rental, 60n),
    call.terminate(rental),
    call.rent(pool, [3], 60n, ACCESS_KEY),
    call.terminate(rental + 1),
  );
  assert.ok(story.market.party(ferdie.address).free + receipt.fee < free);
  assert.ok(state.reserve >= reserve);
});

scene.stage('selling and renting back in one block gains nothing', async () => {
  const device = await story.device(ferdie, pool);
  const position = story.market.positions.length;
  const rental = story.market.rentals.length;
  await story.does(ferdie, ...story.staking(device, 120n, 'Sell'));
  const free = story.market.party(ferdie.address).free;
  const receipt = await story.does(ferdie, call.sellHours(position, 60n), call.rent(pool, [device], 60n, ACCESS_KEY));
  const onHold = story.market.positions[position].collateral + story.market.rentals[rental].deposit;
  assert.ok(story.market.party(ferdie.address).free + onHold + receipt.fee < free);
});

scene.stage('a rental that is over waits for nobody: its device is rented anew, and a stranger completes it', async () => {
  await story.jumpUntil(story.market.rentals[0].end);
  await story.refusedAll(eve, [
    [call.extend(0, 60n), 'rentals.RentalOver'],
    [call.terminate(0), 'rentals.RentalOver'],
    [call.reportFailure(0, 0), 'rentals.RentalOver'],
  ]);
  const rental = story.market.rentals.length;
  await story.does(ferdie, call.rent(pool, [0], 60n, ACCESS_KEY));
  await story.does(bob, call.complete(0));
  await story.refused(bob, call.complete(0), 'rentals.UnknownRental');
  const occupation = (await story.api.query.rentals.rentedDevices(0)).unwrap();
  assert.equal(occupation.rental.toNumber(), rental, 'the new rental is not touched');
});

scene.stage('providers are paid for what was rented, whoever claims', async () => {
  await story.does(eve, call.claim(0), call.claim(2), call.claim(3));
});

scene.stage('who gives time back when others have lifted the price gets what is left of what it paid, and no more', async () => {
  const devices = [];
  for (let count = 0; count < 6; count += 1) devices.push(await story.device(charlie, pool));
  for (const device of devices) {
    const position = story.market.positions.length;
    await story.does(charlie, ...story.staking(device, 600n, 'Provide'), call.addLiquidity(position));
  }
  const rental = story.market.rentals.length;
  await story.does(eve, call.rent(pool, [devices[0]], 420n, ACCESS_KEY));
  await story.does(ferdie, call.rent(pool, devices.slice(1), 420n, ACCESS_KEY));
  const { end, contribution } = story.market.rentals[rental];
  const next = () => {
    const [state, seconds] = [story.nextPool(pool), end - story.next];
    const refund = state.quoteGiveBack(seconds, contribution).proceeds;
    return { left: state.left(contribution), worth: state.quoteSale(seconds).amount, refund };
  };
  await story.refused(eve, call.terminate(rental, next().refund + 1n), 'pools.ProceedsBelowMinimum');
  const { left, worth, refund } = next();
  assert.ok(left < worth, `the pool would pay ${worth}, and ${left} are left`);
  assert.ok(left < contribution.kept, 'some of it has streamed to providers');
  await story.does(eve, call.terminate(rental, refund));
});
