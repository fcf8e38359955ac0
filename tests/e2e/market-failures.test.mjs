/** Devices that fail: reports, suspensions and ejections, of providers and sellers, while they are rented. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { ACCESS_KEY, bob, charlie, dave, eve, ferdie } from '../lib/accounts.mjs';
import { MarketStory } from '../lib/market-story.mjs';
import { Scene } from '../lib/scene.mjs';

const DAY = 86_400n;

const scene = new Scene('market-failures');
let story;
let call;
let pool;

before(async () => {
  story = await MarketStory.begin(scene, [bob, charlie, dave, eve, ferdie]);
  ({ call } = story);
  pool = await story.createSmallPool(bob);
});

/** The account of the last ejection: where the money went. */
function ejectionAccountOf(receipt) {
  return receipt.events.find((event) => story.api.events.stakes.Ejected.is(event)).data.account;
}

scene.stage('a report that verification refutes costs its deposit', async () => {
  await story.provider(charlie, pool);
  await story.provider(charlie, pool);
  await story.seller(dave, pool, 600n, 600n);
  await story.provider(ferdie, pool);
  await story.does(eve, call.rent(pool, [0, 1, 2], 160n, ACCESS_KEY));
  await story.refused(ferdie, call.reportFailure(0, 0), 'rentals.NotRentalClient');
  await story.does(eve, call.reportFailure(0, 0));
  await story.refusedAll(eve, [
    [call.reportFailure(0, 3), 'rentals.NotInRental'],
    [call.reportFailure(0, 0), 'rentals.AlreadyReported'],
    [call.reportFailure(99, 0), 'rentals.UnknownRental'],
    [call.withdrawReport(0), 'rentals.VerdictMayCome'],
    [call.withdrawReport(1), 'rentals.UnknownReport'],
  ]);
  await story.verdict(0, 'Inconclusive');
  await story.verdict(0, 'Passed');
});

scene.stage('a report that is confirmed ends the device\'s part of the rental, and the pool refunds it', async () => {
  await story.does(eve, call.reportFailure(0, 1));
  await story.verdict(1, 'Failed');
  const rental = (await story.api.query.rentals.rentals(0)).unwrap();
  assert.deepEqual(rental.devices.map((device) => device.toNumber()), [0, 2]);
});

scene.stage('a suspended device can neither be rented nor leave', async () => {
  await story.refused(eve, call.rent(pool, [1], 60n, ACCESS_KEY), 'stakes.NotVerified');
  await story.refused(charlie, call.withdrawLiquidity(1), 'stakes.DeviceSuspended');
});

scene.stage('a device that is suspended without a report stays rented, and is not extended', async () => {
  await story.verdict(0, 'Failed');
  await story.refused(eve, call.extend(0, 60n), 'stakes.NotVerified');
  await story.refused(dave, call.sellHours(2, 60n), 'stakes.AllTimeSold');
});

scene.stage('a provider is ejected while its device is rented: its slash refunds the client first', async () => {
  const receipt = await story.verdict(0, 'Failed');
  const account = ejectionAccountOf(receipt);
  assert.equal(account.client.unwrap().toString(), eve.address);
  assert.ok(account.slash.toBigInt() > 0n);
  assert.ok(account.refundFromForfeits.toBigInt() > 0n);
  await story.refused(charlie, call.claim(0), 'stakes.UnknownPosition');
});

scene.stage('a seller is ejected while its device is rented: client and pool are paid out of what it forfeits', async () => {
  await story.verdict(2, 'Failed');
  const receipt = await story.verdict(2, 'Failed');
  const account = ejectionAccountOf(receipt);
  assert.ok(account.collateral.toBigInt() > 0n);
  assert.ok(account.maintenanceFee.toBigInt() > 0n);
  assert.ok(account.compensation.toBigInt() > 0n);
  assert.ok(account.lostGpuSeconds.toBigInt() > 0n);
  const rental = await story.api.query.rentals.rentals(0);
  assert.ok(rental.isNone, 'no device is left in the rental');
});

scene.stage('a suspended device that passes again goes on as before', async () => {
  await story.verdict(1, 'Passed');
  await story.does(ferdie, call.rent(pool, [1], 60n, ACCESS_KEY));
  await story.does(charlie, call.claim(1));
});

scene.stage('a seller is ejected that is not rented: the pool is made whole, and the rest is burned', async () => {
  const { device } = await story.seller(dave, pool, 600n, 300n);
  await story.verdict(device, 'Failed');
  const receipt = await story.verdict(device, 'Failed');
  const account = ejectionAccountOf(receipt);
  assert.ok(account.compensation.toBigInt() > 0n);
  assert.ok(account.burned.toBigInt() > 0n);
  assert.ok(account.client.isNone);
});

scene.stage('a provider is ejected that is not rented: its shares are cashed, less the slash, which is burned', async () => {
  await story.jumpUntil(story.market.rentals.at(-1).end);
  await story.verdict(1, 'Failed');
  const receipt = await story.verdict(1, 'Failed');
  const account = ejectionAccountOf(receipt);
  assert.equal(account.burned.toBigInt(), account.slash.toBigInt());
  await story.does(bob, call.complete(story.market.rentals.length - 1));
});

scene.stage('an ejected device has to pass again, and can then be staked again', async () => {
  await story.does(charlie, call.burnForCertificate(pool, 600n));
  const certificate = story.market.certificates.length - 1;
  await story.refused(charlie, call.stake(1, certificate, 600n, 'Provide'), 'stakes.NotVerified');
  await story.verdict(1, 'Passed');
  const position = story.market.positions.length;
  await story.does(charlie, call.stake(1, certificate, 600n, 'Provide'), call.addLiquidity(position));
});

scene.stage('a position whose device is suspended waits for the verdict, even after its end', async () => {
  const position = story.market.positions.length - 1;
  await story.verdict(1, 'Failed');
  await story.jumpUntil(story.market.positions[position].end);
  await story.refused(bob, call.close(position), 'stakes.DeviceSuspended');
  // What streamed until the end is the owner's whatever the verdict.
  await story.does(bob, call.claim(position));
  await story.verdict(1, 'Failed');
  await story.refused(bob, call.close(position), 'stakes.UnknownPosition');
});

scene.stage('a report for which no verdict comes is taken back after a day', async () => {
  await story.verdict(1, 'Passed');
  const position = story.market.positions.length;
  await story.does(charlie, ...story.staking(1, 600n, 'Provide'), call.addLiquidity(position));
  const rental = story.market.rentals.length;
  await story.does(ferdie, call.rent(pool, [1], 120n, ACCESS_KEY), call.reportFailure(rental, 1));
  await story.jump(DAY);
  await story.refused(eve, call.withdrawReport(1), 'rentals.NotRentalClient');
  await story.does(ferdie, call.withdrawReport(1));
  await story.does(bob, call.complete(rental), call.close(position), call.close(3));
});

scene.stage('after everything the pool owes nothing but fractions, and has its anchor left', () => {
  const { state } = story.market.pools.get(pool);
  assert.equal(state.gpuSeconds, state.anchorSeconds);
  assert.ok(state.owed < 10n, `${state.owed} planck`);
});
