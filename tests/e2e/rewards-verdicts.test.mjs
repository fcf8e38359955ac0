/** What verifiers find out about devices, and what that makes of their rewards. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { LOOPIN, ACCESS_KEY, alice, bob, charlie, dave, eve } from '../lib/accounts.mjs';
import { FAILS, UNCLEAR, attestation, passes } from '../lib/attest.mjs';
import { ONE, PARAMETERS, factor, provenBy, roundPassed } from '../lib/reward-reference.mjs';
import { BENCHMARK, RewardStory, verifier } from '../lib/reward-story.mjs';
import { Scene } from '../lib/scene.mjs';

/** Time for several rounds in each epoch, and for two epochs in a stake. */
const EPOCH_SECONDS = 900n;
const STAKE_SECONDS = 2_400n;
const NAMES = ['swift', 'nearly', 'slow', 'open', 'failing', 'unclear', 'hidden', 'hiding', 'shown', 'silent'];

const scene = new Scene('rewards-verdicts');
let story, call, market, epoch;
/** Devices and their positions, by name. */
const devices = {};
const positions = {};

before(async () => {
  story = await RewardStory.begin(scene, [bob, charlie, dave, eve]);
  ({ call, market } = story);
});

const verdicts = (votes) =>
  story.verify(new Map(Object.entries(votes).map(([name, vote]) => [devices[name], vote])));
const all = (vote, names = NAMES) => Object.fromEntries(names.map((name) => [name, vote]));

/** Rents devices, and reports them: so they are challenged although they are rented. */
async function rentAndReport(...names) {
  const first = market.rentals.length;
  const pool = market.devices[devices[names[0]]].pool;
  await story.does(dave, ...names.map((name) => call.rent(pool, [devices[name]], 300n, ACCESS_KEY)));
  await story.does(dave, ...names.map((name, index) => call.reportFailure(first + index, devices[name])));
}

/** What was settled of the devices in a transaction: by name. */
async function settled(...names) {
  const receipt = await story.does(eve, ...names.map((name) => call.settleRewards(devices[name])));
  const rewards = receipt.events.filter((event) => story.api.events.rewards.DeviceRewarded.is(event));
  return Object.fromEntries(rewards.map(({ data }) => [
    NAMES.find((name) => devices[name] === data.device.toNumber()),
    {
      standard: data.standard.toBigInt(), proven: data.proven.toBigInt(), paid: data.paid.toBigInt(),
      factors: data.factors.unwrapOr(null),
    },
  ]));
}

scene.stage('ten devices of a pool with a benchmark are verified and provided', async () => {
  const [pool] = await story.createListedPools(bob, [LOOPIN], { terms: { provideSeconds: Number(STAKE_SECONDS) } });
  const numbers = await story.register(charlie, ...NAMES.map(() => pool));
  NAMES.forEach((name, index) => (devices[name] = numbers[index]));
  await story.beginEpochs(EPOCH_SECONDS);
  await verdicts(all(passes(1_000)));
  const first = market.positions.length;
  for (const [index, name] of NAMES.entries()) positions[name] = first + index;
  // The next epoch is the first with nothing but what follows.
  await story.jumpUntil(story.epochEnd - 150n);
  for (const name of NAMES) await story.provide(charlie, devices[name], STAKE_SECONDS);
  await story.passEpochs();
  await settled(...NAMES);
  epoch = market.epoch.index;
});

scene.stage('some do less than the benchmark, some fail, and one was rented before it could be challenged', async () => {
  await rentAndReport('hidden', 'hiding');
  await verdicts({
    swift: passes(2_000), nearly: passes(950), slow: passes(700), open: passes(1_000, 5), failing: FAILS,
    unclear: UNCLEAR, hidden: passes(0), hiding: passes(0), shown: passes(980, 20),
  });
  assert.equal(market.devices[devices.failing].standing, 'Suspended');
  await rentAndReport('shown');
  await verdicts({
    swift: passes(1_000), slow: passes(900), open: passes(1_000, 100), unclear: UNCLEAR, shown: passes(0, 0),
  });
  await story.refused(eve, call.conclude(story.round, devices.swift), 'verification.AlreadyConcluded');
  await story.passEpochs();
  assert.equal(market.epoch.index, epoch + 1);
});

scene.stage('nobody attests twice, for another, or in a round that is over, and nobody concludes twice', async () => {
  const { errors } = story.api;
  const refusal = ({ meta }) => new RegExp(`Custom error: ${meta.index.toNumber()}\\b`);
  const attests = async (changes) => {
    const told = { round: story.round, device: devices.swift, verifier: verifier.address, kind: 'Full', ...changes };
    const { seed } = (await story.api.query.verification.rounds(story.round)).unwrap();
    const [profile, roundSeed] = [new Uint8Array(36), seed.toU8a()];
    return story.node.rpc('author_submitExtrinsic', attestation(story.api, { profile, roundSeed, vote: FAILS, ...told }));
  };
  await assert.rejects(attests({}), refusal(errors.verification.TooLate));
  await assert.rejects(attests({ round: story.round + 100 }), refusal(errors.verification.UnknownRound));
  await story.openRound();
  await assert.rejects(attests({ verifier: alice.address }), refusal(errors.verification.NotInCommittee));
  await assert.rejects(attests({ kind: 'Light' }), refusal(errors.verification.LightNotAllowed));
  await assert.rejects(attests({ device: 4_000_000 }), refusal(errors.verification.NotInRound));
  await assert.rejects(attests({ vote: passes(1_000_000) }), refusal(errors.verification.ImpossibleMeasurement));
  await assert.rejects(attests({ vote: passes(1_000) }), refusal(errors.verification.WrongAgentSignature));
  await story.refused(eve, call.conclude(story.round, devices.swift), 'verification.RoundNotOver');
});

scene.stage('work within the dead band is paid in full, less of it by how much it falls short', async () => {
  const rewards = await settled(...NAMES);
  const { work: steepness, privacy: privacySteepness } = PARAMETERS.steepness;
  const factorOf = (name, which) => rewards[name].factors[which].toBigInt();
  assert.equal(factorOf('swift', 'work'), ONE);
  assert.equal(factorOf('nearly', 'work'), ONE);
  const slow = factor(700n, BENCHMARK, steepness) - factorOf('slow', 'work');
  assert.ok(slow >= 0n && slow <= 4n, 'of 700 and 900 the lower');
  const open = factor(5n, 25n, privacySteepness) - factorOf('open', 'privacy');
  assert.ok(open >= 0n && open <= 4n, 'the least privacy of the epoch counts');
  assert.ok(rewards.slow.paid < rewards.nearly.paid && rewards.open.paid < rewards.nearly.paid);
  assert.equal(rewards.swift.standard, rewards.nearly.standard);

  assert.deepEqual([rewards.failing.paid, rewards.failing.factors], [0n, null]);
  assert.equal(rewards.failing.standard, rewards.swift.standard, 'nothing of it is proven');
  for (const name of ['unclear', 'silent']) assert.equal(rewards[name], undefined, name);
  for (const name of ['hidden', 'hiding', 'shown']) assert.ok(rewards[name].standard < rewards.swift.standard, name);
});

scene.stage('what no verdict was clear about is not lost to a slash, nor are the deposits', async () => {
  for (const name of ['unclear', 'silent']) assert.equal(market.devices[devices[name]].standing, 'Verified');
  const { standing } = (await story.api.query.devices.devices(devices.unclear)).unwrap();
  assert.ok(standing.isVerified);
});

scene.stage('a fail costs its round, and what is proven so far can be asked for', async () => {
  await verdicts({ hidden: passes(800), hiding: FAILS, shown: passes(500) });
  const proven = async (name) => (await story.api.call.rewardsApi.deviceRewards(devices[name])).unwrap().proven.toBigInt();
  assert.ok((await proven('hidden')) > 0n);
  assert.equal(await proven('hiding'), 0n);
});

scene.stage('a device that is suspended keeps its stake until it passes, and is ejected if it fails again', async () => {
  await story.refused(charlie, call.close(positions.failing), 'stakes.StakeNotOver');
  await verdicts({ failing: FAILS, hiding: passes(1_000) });
  assert.equal(market.devices[devices.failing].standing, 'Ejected');
  assert.equal(market.devices[devices.hiding].standing, 'Verified');
  await story.refused(charlie, call.claim(positions.failing), 'stakes.UnknownPosition');
});

scene.stage('a fail proves nothing, a pass its round of the epoch, and the epoch of an ejected device is lost', async () => {
  await story.passEpochs();
  const rewards = await settled(...NAMES);
  const { rounds } = market.poolEpochs.get(market.epoch.index - 1).get(market.devices[devices.hidden].pool);
  const passed = roundPassed(1, 0);
  assert.equal(rewards.hidden.proven, provenBy({ judged: 1, passed }, rounds));
  assert.equal(rewards.hiding.proven, provenBy({ judged: 2, passed }, rounds), 'one of two');
  assert.ok(rewards.hiding.proven > 0n && rewards.hiding.paid > 0n && rewards.hidden.paid > 0n);
  assert.deepEqual([rewards.failing.proven, rewards.failing.paid], [0n, 0n]);
  assert.ok(rewards.failing.standard < rewards.hiding.standard, 'it left before the end');
});

scene.stage('who comes back after an ejection begins as a new device', async () => {
  await verdicts({ failing: passes(1_000) });
  const position = await story.provide(charlie, devices.failing, STAKE_SECONDS);
  await verdicts({ failing: passes(1_000), nearly: passes(1_000) });
  await story.passEpochs();
  const rewards = await settled('failing', 'nearly');
  const [fresh, old] = [rewards.failing, rewards.nearly].map(({ factors }) => factors.time.toBigInt());
  assert.ok(fresh < old);
  await story.jumpUntil(market.positions[position].end);
  const open = [position, ...Object.values(positions)].filter((each) => market.positions[each].open);
  await story.does(eve, ...open.map((each) => call.close(each)));
});
