/** A pool and its first miners: from an empty pool to money back, exactly. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { ACCESS_KEY, LOOPIN, alice, bob, charlie, dave, eve } from '../lib/accounts.mjs';
import { divideUp, partUp, scheduledEnd } from '../lib/market-pool.mjs';
import { MarketStory, SMALL_POOL } from '../lib/market-story.mjs';
import { Scene } from '../lib/scene.mjs';

const scene = new Scene('market-provider');
let story;
let call;
let pool;

before(async () => {
  story = await MarketStory.begin(scene, [bob, charlie, dave, eve]);
  ({ call } = story);
});

scene.stage('anybody creates a pool, which has a price before anybody joins', async () => {
  pool = await story.createSmallPool(bob);
  const { state } = story.market.pools.get(pool);
  assert.equal(state.idleSeconds, 0n);
  const view = (await story.api.call.marketApi.pool(pool)).unwrap();
  assert.equal(view.pricePerGpuHour.toBigInt(), state.pricePerGpuHour);
});

scene.stage('a device can be staked when it has passed, and not before', async () => {
  await story.does(charlie, call.registerDevice(pool, 'first'));
  await story.does(charlie, call.burnForCertificate(pool, 600n));
  await story.refused(charlie, call.stake(0, 0, 600n, 'Provide'), 'stakes.NotVerified');
  await story.verdict(0, 'Failed');
  await story.refused(charlie, call.stake(0, 0, 600n, 'Provide'), 'stakes.NotVerified');
  await story.verdict(0, 'Passed');
  await story.does(charlie, call.removeCertificate(0));
});

scene.stage('a certificate costs a hundredth of the value of its time, and the bound is exact', async () => {
  const burned = partUp(story.nextPool(pool).value(600n), 10_000n);
  await story.refused(charlie, call.burnForCertificate(pool, 600n, burned - 1n), 'stakes.BurnAboveMaximum');
  await story.does(charlie, call.burnForCertificate(pool, 600n, burned));
});

scene.stage('a stake gives hour tokens that nobody can move, and a stake token that nobody can transfer', async () => {
  await story.does(charlie, call.stake(0, 1, 600n, 'Provide'));
  const { api } = story;
  const collection = (await api.query.stakes.collections(pool)).unwrap();
  const item = (await api.query.nfts.item(collection, 0)).unwrap();
  assert.equal(item.owner.toString(), charlie.address);
  const name = (await api.query.nfts.collectionMetadataOf(collection)).unwrap();
  assert.equal(name.data.toUtf8(), 'st-small');

  const { tx } = api;
  await story.refusedAll(charlie, [
    [{ tx: tx.assets.transfer(pool, dave.address, 1) }, 'assets.BalanceLow'],
    [{ tx: tx.assets.burn(pool, charlie.address, 1) }, 'assets.NoPermission'],
    [{ tx: tx.assets.mint(pool, charlie.address, 1) }, 'assets.NoPermission'],
    [{ tx: tx.nfts.transfer(collection, 0, dave.address) }, 'nfts.ItemLocked'],
    [{ tx: tx.nfts.burn(collection, 0) }, 'nfts.ItemLocked'],
    [call.removeDevice(0), 'devices.DeviceStaked'],
  ]);
});

scene.stage('providing costs the value of the time that is left, and the bound is exact', async () => {
  const left = () => story.market.positions[0].end - story.next;
  const cost = story.nextPool(pool).value(left());
  await story.refused(charlie, call.addLiquidity(0, cost - 1n), 'pools.CostAboveMaximum');
  await story.does(charlie, call.addLiquidity(0, story.nextPool(pool).value(left())));
  await story.refused(charlie, call.addLiquidity(0), 'stakes.LiquidityAlreadyAdded');
});

scene.stage('what was paid streams back, the price stays, and a stranger can claim for the owner', async () => {
  const price = story.market.poolAt(pool, story.now).pricePerGpuHour;
  const before = story.market.party(charlie.address).free;
  await story.jump(60n);
  await story.does(eve, call.claim(0));
  assert.ok(story.market.party(charlie.address).free > before);
  const after = story.market.poolAt(pool, story.now).pricePerGpuHour;
  assert.ok(after - price <= 1n && price - after <= 1n, `${price} before, ${after} after`);
});

scene.stage('a second claim in the same block finds nothing, and the batch changes nothing', async () => {
  const { tx } = story.api;
  const twice = tx.utility.batchAll([call.claim(0).tx, call.claim(0).tx]);
  await story.refused(eve, { tx: twice }, 'stakes.NothingToClaim');
});

scene.stage('another miner sells time, as often as some is left, and the bounds are exact', async () => {
  const device = await story.device(dave, pool);
  await story.does(dave, ...story.staking(device, 540n, 'Sell'));
  await story.refused(dave, call.addLiquidity(1), 'stakes.WrongIntent');

  const sale = (seconds) => {
    const { from, start, until } = story.market.timeToSell(1, seconds, story.next);
    return { from, ...story.nextPool(pool).quoteSale(until - start) };
  };
  await story.refused(dave, call.sellHours(1, 100n, sale(100n).proceeds + 1n), 'pools.ProceedsBelowMinimum');
  const first = sale(100n);
  assert.equal(first.from, null);
  await story.does(dave, call.sellHours(1, 100n, first.proceeds));
  const second = sale(1n);
  assert.equal(second.from, story.market.positions[1].sale.until, 'the next sale follows the first');
  assert.equal(second.seconds, 60n);
  await story.refused(dave, call.sellHours(1, 1n, second.proceeds + 1n), 'pools.ProceedsBelowMinimum');
  await story.does(dave, call.sellHours(1, 1n, sale(1n).proceeds));
  await story.refused(dave, call.claim(1), 'stakes.NoLiquidity');
  await story.refused(dave, call.drain(device), 'stakes.NoLiquidity');
});

scene.stage('several sales in one block are priced one after the other', async () => {
  const { collateral } = story.market.positions[1];
  await story.does(dave, call.sellHours(1, 60n), call.sellHours(1, 60n), call.sync(pool), call.sellHours(1, 60n));
  assert.ok(story.market.positions[1].collateral > collateral);
});

scene.stage('a device that is rented cannot leave, and one that is drained cannot be rented', async () => {
  await story.does(eve, call.rent(pool, [0], 60n, ACCESS_KEY));
  await story.refused(charlie, call.withdrawLiquidity(0), 'stakes.DeviceRented');
  await story.does(charlie, call.drain(0));
  await story.refused(charlie, call.drain(0), 'stakes.AlreadyDraining');
  await story.refused(eve, call.extend(0, 60n), 'stakes.DeviceDraining');
  await story.jumpUntil(story.market.rentals[0].end);
  await story.refused(eve, call.rent(pool, [0], 60n, ACCESS_KEY), 'stakes.DeviceDraining');
});

scene.stage('leaving early brings the unspent part less the exit fee, and the bound is exact', async () => {
  const leaving = () => {
    const { liquidity, end } = story.market.positions[0];
    const returned = story.nextPool(pool).quoteRemoveLiquidity(liquidity, end, null);
    return returned - partUp(returned, 10_000n);
  };
  await story.refused(charlie, call.withdrawLiquidity(0, leaving() + 1n), 'stakes.ReturnedBelowMinimum');
  await story.does(charlie, call.withdrawLiquidity(0, leaving()));
  await story.refused(charlie, call.withdrawLiquidity(0), 'stakes.UnknownPosition');
  const collection = (await story.api.query.stakes.collections(pool)).unwrap();
  assert.ok((await story.api.query.nfts.item(collection, 0)).isNone, 'the stake token is gone');
});

scene.stage('the device can be staked again, and be removed when it is not staked', async () => {
  await story.does(charlie, ...story.staking(0, 600n, 'Provide'), call.addLiquidity(2));
  await story.does(charlie, call.withdrawLiquidity(2));
  await story.does(charlie, call.removeDevice(0));
  await story.refused(charlie, call.removeDevice(0), 'devices.UnknownDevice');
});

scene.stage('a stake that is not committed runs off with its owner, and closing it gives the fee back', async () => {
  const device = await story.device(charlie, pool);
  const position = story.market.positions.length;
  await story.does(charlie, ...story.staking(device, 60n, 'Sell'));
  const { end } = story.market.positions[position];
  assert.equal(end, scheduledEnd(story.now, 60n));
  await story.refused(eve, call.close(position), 'stakes.StakeNotOver');
  await story.jumpUntil(end);
  await story.refused(charlie, call.sellHours(position, 60n), 'stakes.StakeOver');
  await story.does(eve, call.close(position));
  await story.refused(eve, call.close(position), 'stakes.UnknownPosition');
});

scene.stage('nobody but the sudo key records verdicts by hand', async () => {
  const { tx } = story.api;
  await story.refused(bob, { tx: tx.devices.recordVerdict(1, 'Failed') }, 'BadOrigin');
  await story.refused(alice, { tx: tx.devices.recordVerdict(1, 'Failed') }, 'BadOrigin');
});

/** Bob deepens the pool. Returns its price before and after, its mean price, and what a GPU-second less makes of its price. */
async function deepen() {
  const { pricePerGpuHour: price, meanPricePerGpuHour: mean } = story.nextPool(pool);
  await story.does(bob, call.deepen(pool, 1_000n * LOOPIN));
  // As it is in that block: another one may have been made since.
  const { pricePerGpuHour: after, gpuSeconds } = story.market.pools.get(pool).state;
  return { price, after, mean, rounding: divideUp(price, gpuSeconds) };
}

scene.stage('anybody may deepen a pool, and where the price is below its mean, it rises towards that', async () => {
  const { price, after, mean } = await deepen();
  assert.ok(price < mean, `the sales have brought it down: ${price} and ${mean}`);
  assert.ok(price < after && after < mean, `${after}, between ${price} and ${mean}`);
});

scene.stage('where the price is above its mean, deepening a pool leaves it as it is', async () => {
  const device = await story.device(charlie, pool);
  const position = story.market.positions.length;
  await story.does(charlie, ...story.staking(device, 600n, 'Provide'), call.addLiquidity(position));
  await story.does(eve, call.rent(pool, [device], 540n, ACCESS_KEY));
  const { price, after, mean, rounding } = await deepen();
  assert.ok(price > mean, `renting has lifted it: ${price} and ${mean}`);
  assert.ok(after >= price && after <= price + rounding, `${after}, which was ${price}`);
});

scene.test('a pool may have a name of 50 characters and a symbol of 12', async () => {
  const { terms } = (await story.api.query.pools.poolInfos(pool)).unwrap();
  const longest = { ...SMALL_POOL, name: 'N'.repeat(50), symbol: 'S'.repeat(12) };
  assert.equal(await story.tries(bob, call.createPool(longest, terms)), null);
});
