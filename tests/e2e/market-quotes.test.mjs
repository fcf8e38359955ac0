/** What the runtime API answers: quotes are the tightest bounds that calls accept, and proposals are those that fit best. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { ACCESS_KEY, bob, charlie, dave, eve } from '../lib/accounts.mjs';
import { describeError } from '../lib/client.mjs';
import { partUp, scheduledEnd } from '../lib/market-pool.mjs';
import { MarketStory } from '../lib/market-story.mjs';
import { Scene } from '../lib/scene.mjs';

const scene = new Scene('market-quotes');
let story;
let call;
let quotes;
let pool;

before(async () => {
  story = await MarketStory.begin(scene, [bob, charlie, dave, eve]);
  ({ call } = story);
  quotes = story.api.call.marketApi;
  pool = await story.createSmallPool(bob);
});

/** The numbers of an answer, or the name of its error. */
function answer(result) {
  if (result.isErr) return describeError(story.api, result.asErr).name;
  return result.asOk;
}

/** Checks a quote against the reference, and that nothing but its total, or what is better, is accepted now. */
async function assertTight(signer, quote, expected, bounded, direction, error) {
  const total = quote.total?.toBigInt() ?? quote.toBigInt();
  assert.equal(total, expected.total);
  if (quote.total !== undefined) {
    for (const field of ['gpuSeconds', 'amount', 'fee', 'until', 'priceBefore', 'priceAfter']) {
      if (field in expected) assert.equal(quote[field].toBigInt(), expected[field], field);
    }
  }
  assert.equal(await story.tries(signer, bounded(total)), null, 'the total is accepted');
  assert.equal(await story.tries(signer, bounded(total + direction)), error, 'a planck beyond it is not');
}

const BELOW = -1n;
const ABOVE = 1n;

/** What a purchase of so much time should be quoted as, at the present moment. */
function purchase(seconds, until) {
  const state = story.market.poolAt(pool, story.now);
  const { amount, fee, cost } = state.quoteRent(seconds);
  const priceBefore = state.pricePerGpuHour;
  const priceAfter = ((state.reserve + amount) * 3_600n) / (state.gpuSeconds - seconds);
  return { gpuSeconds: seconds, amount, fee, total: cost, until, priceBefore, priceAfter };
}

/** The same for a sale, or for giving back what was paid for. */
function sale(seconds, until, contribution = null) {
  const state = story.market.poolAt(pool, story.now);
  const trade = contribution ? state.quoteGiveBack(seconds, contribution) : state.quoteSale(seconds);
  const { amount, fee, proceeds } = trade;
  const priceBefore = state.pricePerGpuHour;
  const priceAfter = ((state.reserve - amount) * 3_600n) / (state.gpuSeconds + seconds);
  return { gpuSeconds: seconds, amount, fee, total: proceeds, until, priceBefore, priceAfter };
}

scene.stage('a certificate', async () => {
  const quote = answer(await quotes.quoteCertificate(pool, 601n));
  const total = partUp(story.market.poolAt(pool, story.now).value(601n), 10_000n);
  const bounded = (bound) => call.burnForCertificate(pool, 601n, bound);
  await assertTight(charlie, quote, { total }, bounded, BELOW, 'stakes.BurnAboveMaximum');
});

scene.stage('adding liquidity', async () => {
  const device = await story.device(charlie, pool);
  await story.does(charlie, ...story.staking(device, 600n, 'Provide'));
  const quote = answer(await quotes.quoteAddLiquidity(0));
  const total = story.market.poolAt(pool, story.now).value(story.market.positions[0].end - story.now);
  const bounded = (bound) => call.addLiquidity(0, bound);
  await assertTight(charlie, quote, { total }, bounded, BELOW, 'pools.CostAboveMaximum');
  await story.does(charlie, call.addLiquidity(0));
  assert.equal(answer(await quotes.quoteAddLiquidity(0)), 'stakes.LiquidityAlreadyAdded');
});

scene.stage('one rental may take all the idle time, and not a second more', async () => {
  // A rental may be as long as a stake. Now one that is too long for this stake is not too long for every rental.
  await story.jumpUntil(story.market.positions[0].end - 590n);
  const largest = story.market.poolAt(pool, story.now).idleSeconds;
  const quote = answer(await quotes.quoteRent(pool, 1, largest));
  const bounded = (bound) => call.rent(pool, [0], largest, ACCESS_KEY, bound);
  const expected = purchase(largest, story.now + largest);
  await assertTight(eve, quote.trade, expected, bounded, BELOW, 'pools.CostAboveMaximum');
  assert.equal(answer(await quotes.quoteRent(pool, 1, largest + 1n)), 'pools.NotEnoughIdleTime');
  assert.equal(await story.tries(eve, call.rent(pool, [0], largest + 1n, ACCESS_KEY)), 'rentals.StakeEndsSooner');
});

scene.stage('selling, and selling more', async () => {
  const device = await story.device(dave, pool);
  await story.does(dave, ...story.staking(device, 540n, 'Sell'));
  for (const seconds of [100n, 1n]) {
    const quote = answer(await quotes.quoteSell(1, seconds));
    const { start, until } = story.market.timeToSell(1, seconds);
    const bounded = (bound) => call.sellHours(1, seconds, bound);
    await assertTight(dave, quote, sale(until - start, until), bounded, ABOVE, 'pools.ProceedsBelowMinimum');
    await story.does(dave, call.sellHours(1, seconds));
  }
  await story.does(dave, call.sellHours(1, (1n << 64n) - 1n));
  assert.equal(answer(await quotes.quoteSell(1, 60n)), 'stakes.AllTimeSold');
});

scene.stage('devices are proposed that fit best: the least time that is enough, the rest is saved', async () => {
  // Device 0 was provided first; these stakes end later, those of sold time sooner.
  const second = await story.provider(charlie, pool);
  const third = await story.seller(dave, pool, 180n, 180n);
  const ends = new Map(story.market.positions.filter(({ open }) => open).map(({ device, end }) => [device, end]));
  const proposed = async (count, seconds) => {
    const quote = answer(await quotes.quoteRent(pool, count, seconds));
    return quote.devices.map((device) => device.toNumber());
  };
  const expected = (count, seconds) => {
    const until = scheduledEnd(story.now, seconds);
    return [...ends]
      .filter(([, end]) => end >= until)
      .sort(([one, end], [other, otherEnd]) => Number(end - otherEnd) || one - other)
      .slice(0, count)
      .map(([device]) => device);
  };
  assert.deepEqual(await proposed(1, 60n), [third.device]);
  for (const [count, seconds] of [[1, 60n], [2, 60n], [3, 60n], [1, 200n], [2, 200n]]) {
    assert.deepEqual(await proposed(count, seconds), expected(count, seconds), `${count} devices for ${seconds} s`);
  }

  await story.does(eve, call.rent(pool, await proposed(1, 60n), 60n, ACCESS_KEY));
  ends.delete(third.device);
  assert.deepEqual(await proposed(4, 60n), expected(4, 60n), 'a rented device is not proposed');
  await story.does(charlie, call.drain(second.device));
  ends.delete(second.device);
  assert.deepEqual(await proposed(4, 60n), expected(4, 60n), 'nor one that is drained');
  await story.verdict(0, 'Failed');
  ends.delete(0);
  assert.deepEqual(await proposed(4, 60n), expected(4, 60n), 'nor one that is suspended');
  await story.verdict(0, 'Passed');
  await story.does(charlie, call.undrain(second.device));
});

scene.stage('renting several devices', async () => {
  const quote = answer(await quotes.quoteRent(pool, 2, 61n));
  const devices = quote.devices.map((device) => device.toNumber());
  const until = scheduledEnd(story.now, 61n);
  const bounded = (bound) => call.rent(pool, devices, 61n, ACCESS_KEY, bound);
  const expected = purchase(2n * (until - story.now), until);
  await assertTight(eve, quote.trade, expected, bounded, BELOW, 'pools.CostAboveMaximum');
  await story.does(eve, call.rent(pool, devices, 61n, ACCESS_KEY));
});

scene.stage('extending', async () => {
  const rental = story.market.rentals.length - 1;
  const { end } = story.market.rentals[rental];
  const quote = answer(await quotes.quoteExtend(rental, 1n));
  const bounded = (bound) => call.extend(rental, 1n, bound);
  await assertTight(eve, quote, purchase(2n * 60n, end + 60n), bounded, BELOW, 'pools.CostAboveMaximum');
  assert.equal(answer(await quotes.quoteExtend(rental, 0n)), 'rentals.TooShort');
  assert.equal(answer(await quotes.quoteExtend(rental, 600n)), 'rentals.TooLong');
});

scene.stage('terminating', async () => {
  const rental = story.market.rentals.length - 1;
  const { end, contribution } = story.market.rentals[rental];
  const quote = answer(await quotes.quoteTerminate(rental));
  const bounded = (bound) => call.terminate(rental, bound);
  const expected = sale(2n * (end - story.now), end, contribution);
  await assertTight(eve, quote, expected, bounded, ABOVE, 'pools.ProceedsBelowMinimum');
  await story.does(eve, call.terminate(rental));
  assert.equal(answer(await quotes.quoteTerminate(rental)), 'rentals.UnknownRental');
});

scene.stage('the value of positions', async () => {
  for (const [id, { open }] of story.market.positions.entries()) {
    const value = await quotes.positionValue(id);
    assert.equal(value.isSome, open);
    if (!open) continue;
    const expected = story.market.positionValue(id, story.now);
    const { rentedUntil, ...amounts } = expected;
    for (const [field, amount] of Object.entries(amounts)) {
      assert.equal(value.unwrap()[field].toBigInt(), amount, `position ${id}: ${field}`);
    }
    assert.equal(value.unwrap().rentedUntil.unwrapOr(null)?.toBigInt() ?? null, rentedUntil);
  }
  const value = (await quotes.positionValue(0)).unwrap();
  const bounded = (bound) => call.withdrawLiquidity(0, bound);
  const total = value.returnedIfWithdrawn.toBigInt();
  assert.equal(await story.tries(charlie, bounded(total)), null);
  assert.equal(await story.tries(charlie, bounded(total + 1n)), 'stakes.ReturnedBelowMinimum');
});

scene.stage('questions that have no answer have the error of the call', async () => {
  const { tx } = story.api;
  assert.ok((await quotes.pool(99)).isNone);
  assert.ok((await quotes.positionValue(99)).isNone);
  const cases = [
    [quotes.quoteCertificate(99, 60n), 'pools.UnknownPool'],
    [quotes.quoteCertificate(pool, 0n), 'stakes.NoGpuSeconds'],
    [quotes.quoteCertificate(pool, (1n << 128n) - 1n), 'Arithmetic.Overflow'],
    [quotes.quoteAddLiquidity(99), 'stakes.UnknownPosition'],
    [quotes.quoteAddLiquidity(1), 'stakes.WrongIntent'],
    [quotes.quoteSell(0, 60n), 'stakes.WrongIntent'],
    [quotes.quoteSell(99, 60n), 'stakes.UnknownPosition'],
    [quotes.quoteRent(99, 1, 60n), 'pools.UnknownPool'],
    [quotes.quoteRent(pool, 0, 60n), 'rentals.NoDevices'],
    [quotes.quoteRent(pool, 65, 60n), 'rentals.TooManyDevices'],
    [quotes.quoteRent(pool, 4_294_967_295, 60n), 'rentals.TooManyDevices'],
    [quotes.quoteRent(pool, 1, 59n), 'rentals.TooShort'],
    [quotes.quoteRent(pool, 1, (1n << 64n) - 1n), 'rentals.TooLong'],
    [quotes.quoteRent(pool, 64, 600n), 'pools.NotEnoughIdleTime'],
    [quotes.quoteExtend(99, 60n), 'rentals.UnknownRental'],
    [quotes.quoteTerminate(99), 'rentals.UnknownRental'],
  ];
  for (const [question, error] of cases) assert.equal(answer(await question), error);
  assert.equal(await story.tries(eve, { tx: tx.pools.sync(99) }), 'pools.UnknownPool');
});
