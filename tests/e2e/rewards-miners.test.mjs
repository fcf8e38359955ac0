/** Several miners in several pools over many epochs: who is paid what, to the planck. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { LOOPIN, ACCESS_KEY, alice, bob, charlie, dave, eve, ferdie } from '../lib/accounts.mjs';
import { passes } from '../lib/attest.mjs';
import { CPU_POOL } from '../lib/market-story.mjs';
import { RewardStory, verifier } from '../lib/reward-story.mjs';
import { HISTORY_EPOCHS, PARAMETERS } from '../lib/reward-reference.mjs';
import { Scene } from '../lib/scene.mjs';

const scene = new Scene('rewards-miners');
let story, call, market;
/** Pools that are weighed differently, and that of the chain. */
let light, heavy;
/** Devices: Charlie's three, and Dave's two. */
let charlies, daves;
const positions = {};
/** The first epoch of those that are looked at. */
let first;
/** The epoch in which a reference price was changed. */
let relisted;

/** So long that a device can be challenged several times in an epoch, and a stake lasts two and a half of them. */
const EPOCH_SECONDS = 600n;
const STAKE_SECONDS = 1_500n;

const mined = ({ address }) => {
  const { accrued, minted } = market.account(address);
  return accrued.mining + minted;
};

before(async () => {
  story = await RewardStory.begin(scene, [bob, charlie, dave, eve]);
  ({ call, market } = story);
});

scene.stage('pools are listed at their reference prices, and devices are verified', async () => {
  const terms = { provideSeconds: Number(STAKE_SECONDS) };
  [light, heavy] = await story.createListedPools(bob, [LOOPIN, (5n * LOOPIN) / 2n], { terms });
  charlies = await story.register(charlie, light, heavy, CPU_POOL.id);
  daves = await story.register(dave, light, light);
  await story.verify(new Map([...charlies, ...daves].map((device) => [device, passes(1_000)])));
  await story.beginEpochs(EPOCH_SECONDS);
  first = market.epoch.index;
});

scene.stage('one provides in three pools, another sells in one, and each comes in its own minute', async () => {
  positions.first = await story.provide(charlie, charlies[0], STAKE_SECONDS);
  await story.jump(50n);
  positions.second = await story.provide(charlie, charlies[1], STAKE_SECONDS);
  positions.third = await story.provide(charlie, charlies[2]);
  positions.sold = market.positions.length;
  await story.does(dave, ...story.staking(daves[1], 540n, 'Sell'), call.sellHours(positions.sold, 240n));
});

scene.stage('they pass while a client rents, which raises the price', async () => {
  await story.does(eve, call.rent(heavy, [charlies[1]], 60n, ACCESS_KEY), call.rent(light, [daves[1]], 60n, ACCESS_KEY));
  await story.verify(new Map([charlies[0], charlies[2]].map((device) => [device, passes(1_000)])));
  await story.jumpUntil(market.rentals[1].end);
  await story.does(eve, call.complete(0), call.complete(1));
  await story.verify(new Map([charlies[1], daves[1]].map((device) => [device, passes(1_000)])));
});

scene.stage('the epoch is closed, and a stranger has each device settled: who sold has earned nothing', async () => {
  await story.passEpochs();
  assert.equal(market.epoch.index, first + 1);
  for (const device of [...charlies, ...daves]) await story.does(eve, call.settleRewards(device));
  assert.ok(mined(charlie) > 0n);
  assert.equal(mined(dave), 0n);
});

scene.stage('asked again the chain pays nothing, nor does it for devices that it does not know', async () => {
  const before = mined(charlie);
  await story.does(eve, call.settleRewards(charlies[0]), call.settleRewards(charlies[0]), call.settleRewards(4_000_000_000));
  assert.equal(mined(charlie), before);
});

scene.stage('a client gets its part, but no more than half of its fees, and a verifier gets a part for each duty', async () => {
  const paid = await story.does(bob, call.claimRewards(eve), call.claimRewards(verifier), call.claimRewards(dave));
  const [client, duties] = paid.events.filter((event) => story.api.events.rewards.ShareRewarded.is(event));
  assert.ok(client.data.party.isClient && client.data.burned.toBigInt() > 0n, 'it rented for less than it was offered');
  // Half of the fees of each of two rentals, rounded down.
  const rest = market.totals.get(eve.address).feesBurned - 2n * client.data.paid.toBigInt();
  assert.ok(rest >= 0n && rest <= 2n, `${rest} planck`);
  assert.ok(duties.data.party.isVerifier && duties.data.burned.toBigInt() === 0n);
  await story.does(bob, call.claimRewards(eve), call.claimRewards(verifier));
});

scene.stage('another joins late in the second epoch, and has its seconds of it', async () => {
  // Early enough for a round.
  await story.jumpUntil(story.epochEnd - 300n);
  positions.late = await story.provide(dave, daves[0], STAKE_SECONDS);
  await story.verify(new Map([...charlies, daves[0]].map((device) => [device, passes(1_000)])));
  await story.passEpochs();
  await story.does(eve, call.settleRewards(daves[0]));
  assert.ok(mined(dave) > 0n);
});

scene.stage('a stake that ends in the middle of an epoch earns until its end', async () => {
  const { end } = market.positions[positions.second];
  assert.ok(end > market.epoch.start + 10n && end < story.epochEnd - 10n, 'it ends within the third epoch');
  await story.verify(new Map([...charlies, daves[0]].map((device) => [device, passes(1_000)])));
  await story.jumpUntil(end);
  await story.does(eve, ...[positions.first, positions.second, positions.third].map((position) => call.close(position)));
  await story.passEpochs();
  const settled = await story.does(bob, ...charlies.map((device) => call.settleRewards(device)));
  const rewards = settled.events.filter((event) => story.api.events.rewards.DeviceRewarded.is(event));
  assert.deepEqual(rewards.map(({ data }) => data.epoch.toNumber()), [first + 2, first + 2]);
  assert.ok(rewards.every(({ data }) => data.idleSeconds.toBigInt() < EPOCH_SECONDS));
  await story.does(bob, call.claimRewards(verifier));
});

scene.stage('what is over cannot be claimed, nor can anything be claimed twice', async () => {
  await story.refusedAll(charlie, [
    [call.claim(positions.first), 'stakes.UnknownPosition'],
    [call.close(positions.first), 'stakes.UnknownPosition'],
    [call.claim(4_000_000_000), 'stakes.UnknownPosition'],
    [call.claim(positions.sold), 'stakes.NoLiquidity'],
  ]);
  const twice = story.api.tx.utility.batchAll([call.claim(positions.late).tx, call.claim(positions.late).tx]);
  await story.refused(eve, { tx: twice }, 'stakes.NothingToClaim');
  await story.refusedAll(charlie, [
    [{ tx: story.api.tx.rewards.setStopped(true) }, 'BadOrigin'],
    [{ tx: story.api.tx.rewards.setListing(light, 1_000_000) }, 'BadOrigin'],
    [{ tx: story.api.tx.rewards.setTeam(charlie.address) }, 'BadOrigin'],
  ]);
});

scene.stage('governance changes a reference price by half or double at most, and it holds for all of the epoch', async () => {
  const required = market.listings.get(light);
  for (const [price, error] of [
    [2n * LOOPIN + 1n, 'rewards.ReferencePriceMovesTooFar'],
    [LOOPIN / 2n - 1n, 'rewards.ReferencePriceMovesTooFar'],
    [1_000n * LOOPIN + 1n, 'rewards.ReferencePriceOutOfRange'],
  ]) {
    await story.refused(alice, call.list(light, price, required), error);
  }
  await story.does(alice, call.list(light, 2n * LOOPIN, required));
  relisted = market.epoch.index;
});

scene.stage('with minting stopped everything accrues, and it is paid afterwards', async () => {
  await story.does(alice, call.setStopped(true));
  await story.verify(new Map([[daves[0], passes(1_000)]]));
  await story.passEpochs();
  await story.does(eve, call.settleRewards(daves[0]));
  assert.ok(market.account(dave.address).accrued.mining > 0n);
  assert.ok(market.treasuryDue > 0n);
  await story.does(alice, call.setStopped(false));
  await story.does(eve, call.settleRewards(daves[0]));
  assert.equal(market.account(dave.address).accrued.mining, 0n);
  const { referencePrice } = market.poolEpochs.get(relisted).get(light);
  assert.equal(referencePrice, 2n * LOOPIN, 'as was set in the middle of that epoch');
});

scene.stage('who is not settled for too long loses it, and gets no error', async () => {
  const device = daves[0];
  if (market.positions[positions.late].open) {
    await story.jumpUntil(market.positions[positions.late].end);
    await story.does(eve, call.close(positions.late));
  }
  const position = await story.provide(dave, device, STAKE_SECONDS);
  await story.verify(new Map([[device, passes(1_000)]]));
  const before = mined(dave);
  await story.passEpochs(HISTORY_EPOCHS + 1);
  await story.does(eve, call.settleRewards(device));
  assert.equal(mined(dave), before);
  await story.does(eve, call.close(position));
  await story.refused(eve, call.close(position), 'stakes.UnknownPosition');
  await story.does(bob, call.claimRewards(verifier));
});

scene.stage('after a quarter the team has its part, and cannot spend it', async () => {
  await story.passEpochs(PARAMETERS.teamBatchEpochs - market.epoch.index);
  const team = (BigInt(PARAMETERS.teamBatchEpochs) * PARAMETERS.initialEmission) / 10n;
  assert.equal(market.minted.team, team);
  const [lock] = await story.api.query.rewards.teamLocks(ferdie.address);
  assert.equal(lock.amount.toBigInt(), team);
  assert.equal(market.party(ferdie.address).holds.get('Rewards.TeamShare'), team);
  await story.refused(ferdie, call.transfer(bob, market.party(ferdie.address).free + 1n), 'Token.FundsUnavailable');
  await story.refused(eve, { tx: story.api.tx.rewards.unlockTeam(ferdie.address) }, 'rewards.NothingToUnlock');
});

scene.stage('all LOOPIN is accounted for: endowed, minted, and burned by reason', async () => {
  const { query } = story.api;
  const burned = (await query.rewards.burned.entries()).map(([key, amount]) => [key.args[0].type, amount.toBigInt()]);
  const { endowed, minted } = market;
  const made = endowed + minted.treasury + minted.team + Object.values(minted.earned).reduce((sum, each) => sum + each, 0n);
  assert.equal((await query.balances.totalIssuance()).toBigInt(), made - burned.reduce((sum, [, each]) => sum + each, 0n));
  assert.deepEqual(burned.map(([reason]) => reason).sort(), ['Certificate', 'SwapFee']);
  assert.equal(Object.fromEntries(burned).SwapFee, market.totals.get(eve.address).feesBurned + market.saleFees);
});
