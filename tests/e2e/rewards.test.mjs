/** A year of reward epochs and the halving after it: what is emitted, for whom, and what there is then. */

import assert from 'node:assert/strict';

import { LOOPIN, alice, ferdie } from '../lib/accounts.mjs';
import { submit } from '../lib/client.mjs';
import { Scene } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

/** Of the development chain: as on a public network, but an epoch lasts five minutes. */
const EPOCH_SECONDS = 300;
const HALVING = 365;
const FIRST_EMISSION = 100_000n * LOOPIN;
const TEAM_BATCH = 91;
const LOCK_SECONDS = 5n * 365n * 86_400n;
/** A block closes one epoch at most, so a year of missed ones takes so many blocks. */
const CATCH_UP_SECONDS = 240;

const scene = new Scene('rewards');
const args = ['--dev', '--base-path', scene.path('data'), '--sealing=100', '--offchain-worker=never'];
const node = scene.node('dev', args);
let api, endowed, treasury;

const epochs = async (at = api) => (await at.query.rewards.currentEpoch()).unwrap().index.toNumber();
const free = async (address, at = api) => (await at.query.system.account(address)).data.free.toBigInt();

/** What the first `count` epochs emit, reckoned one by one. */
function emittedBy(count) {
  let sum = 0n;
  for (let epoch = 0; epoch < count; epoch += 1) sum += FIRST_EMISSION >> BigInt(Math.floor(epoch / HALVING));
  return sum;
}

scene.stage('the chain knows its schedule from the beginning', async () => {
  await node.start();
  api = await scene.connect(node);
  await until('the first epoch begins', 60, async () => (await api.query.rewards.currentEpoch()).isSome);
  for (const [epoch, halvings] of [[0, 0n], [HALVING - 1, 0n], [HALVING, 1n], [10 * HALVING, 10n]]) {
    assert.equal((await api.call.rewardsApi.emission(epoch)).toBigInt(), FIRST_EMISSION >> halvings, `epoch ${epoch}`);
  }
  const { cap, state } = await api.call.rewardsApi.supply();
  assert.equal(cap.toBigInt(), 73_000_000n * LOOPIN);
  endowed = state.endowed.toBigInt();
  treasury = api.consts.treasury.potAccount.toString();
});

scene.stage('a chain that stood still for a year makes up for every epoch, one by one', async () => {
  const before = await epochs();
  await node.rpc('dev_jumpForward', HALVING * EPOCH_SECONDS);
  await until('it has caught up', CATCH_UP_SECONDS, async () => (await epochs()) > before + HALVING);
});

scene.stage('what was emitted is what the schedule says, and each got its part of it', async () => {
  // All of one block, as others come meanwhile.
  const hash = await api.rpc.chain.getBlockHash();
  const at = await api.at(hash);
  const closed = await epochs(at);
  assert.ok(closed > HALVING);
  const emitted = emittedBy(closed);
  const supply = await at.query.rewards.supply();
  assert.equal(supply.emitted.toBigInt(), emitted);
  assert.equal(supply.minted.treasury.toBigInt() + supply.treasuryDue.toBigInt(), emitted / 5n);
  assert.equal(supply.minted.team.toBigInt() + supply.teamDue.toBigInt(), emitted / 10n);
  assert.equal(supply.minted.team.toBigInt(), emittedBy(Math.floor(closed / TEAM_BATCH) * TEAM_BATCH) / 10n);
  const { mining, renting, verifying } = supply.minted.earned;
  assert.deepEqual([mining, renting, verifying].map(Number), [0, 0, 0], 'nobody has provided anything');

  const issuance = (await at.query.balances.totalIssuance()).toBigInt();
  const minted = supply.minted.treasury.toBigInt() + supply.minted.team.toBigInt();
  assert.equal(issuance, endowed + minted, 'there is nothing else');
  assert.ok((await free(treasury, at)) >= supply.minted.treasury.toBigInt());
});

scene.stage('the team cannot spend its part, and wallets see why', async () => {
  const at = await api.at(await api.rpc.chain.getBlockHash());
  const minted = (await at.query.rewards.supply()).minted.team.toBigInt();
  const locks = await at.query.rewards.teamLocks(ferdie.address);
  assert.equal(locks.length, Math.floor((await epochs(at)) / TEAM_BATCH));
  assert.equal(locks.reduce((sum, { amount }) => sum + amount.toBigInt(), 0n), minted);
  const holds = await at.query.balances.holds(ferdie.address);
  const share = holds.find(({ id }) => id.isRewards && id.asRewards.isTeamShare);
  assert.equal(share.amount.toBigInt(), minted);
  const now = (await at.query.timestamp.now()).toBigInt() / 1_000n;
  const last = locks.at(-1).until.toBigInt();
  assert.ok(last > now && last <= now + LOCK_SECONDS, 'the last batch for five years from when it was minted');
  assert.equal((await submit(api, api.tx.rewards.unlockTeam(ferdie.address), alice)).error, 'rewards.NothingToUnlock');
});
