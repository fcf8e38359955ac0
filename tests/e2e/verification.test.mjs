/** A device that is really challenged, by the verifier of the node through a real agent, and rewarded for it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { ACCESS_KEY, alice, dave, ferdie } from '../lib/accounts.mjs';
import { makeKey } from '../lib/agent.mjs';
import { onlyEvent, poolNumber, submit, submitOk } from '../lib/client.mjs';
import { Scene } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

const UNBOUNDED = (1n << 128n) - 1n;
/** A proven fraud or a second fail costs a whole epoch: short ones, so that the next need not be waited for long. */
const EPOCH_SECONDS = 120;
/** A round takes about a minute. Time enough for two, on a busy machine. */
const VERDICT_SECONDS = 300;

const scene = new Scene('verification');
const node = scene.node('dev', ['--dev', '--base-path', scene.path('data'), '--sealing=6000']);
let api, agent, device, pool, position, lostEpoch;

const rewardEpoch = async () => (await api.query.rewards.currentEpoch()).unwrap().index.toNumber();
const deviceState = async () => (await api.query.devices.devices(device)).unwrap();
/** The node's metrics say so. */
const showsInMetrics = (pattern) =>
  until(`the metrics match ${pattern}`, 60, async () => {
    return pattern.test(await (await fetch(`http://127.0.0.1:${node.ports.metrics}/metrics`)).text());
  });
const holdsOf = async (who, reason) => {
  const holds = await api.query.balances.holds(who.address);
  const found = holds.find(({ id }) => JSON.stringify(id.toHuman()).includes(reason));
  return found ? found.amount.toBigInt() : 0n;
};
const stands = (standing) =>
  until(`device ${device} is ${standing}`, VERDICT_SECONDS, async () => (await deviceState()).standing.type === standing);

async function provide() {
  const burn = await submitOk(api, api.tx.stakes.burnForCertificate(pool, 600, UNBOUNDED), ferdie);
  const { certificate } = onlyEvent(burn, api.events.stakes.CertificateIssued);
  const stake = await submitOk(api, api.tx.stakes.stake(device, certificate, 600, 'Provide'), ferdie);
  position = onlyEvent(stake, api.events.stakes.Staked).position.toNumber();
  await submitOk(api, api.tx.stakes.addLiquidity(position, UNBOUNDED), ferdie);
}

scene.stage('a device is registered with the key of its agent', async () => {
  await node.start();
  api = await scene.connect(node);
  pool = await poolNumber(api, 'cpu');
  const parameters = (await api.query.rewards.rewardParameters()).toJSON();
  const changed = api.tx.rewards.setParameters({ ...parameters, epochSeconds: EPOCH_SECONDS });
  await submitOk(api, api.tx.sudo.sudo(changed), alice);
  const keyFile = scene.path('agent.key');
  const { agentKey, gpuId } = await makeKey(keyFile);
  assert.equal(readFileSync(keyFile, 'utf8').includes(agentKey.slice(2)), false, 'the file has the secret half');

  agent = scene.agent('agent', ['--node', node.wsUrl, '--device', '0', '--key-file', keyFile]);
  const endpoint = await agent.choosePort();
  const receipt = await submitOk(api, api.tx.devices.registerDevice(pool, agentKey, endpoint, gpuId), ferdie);
  device = onlyEvent(receipt, api.events.devices.DeviceRegistered).device.toNumber();
  assert.equal(device, 0);
  await agent.start();
});

scene.stage('a verifier challenges it unasked, and it is verified', async () => {
  await stands('Verified');
  const status = (await api.call.verificationApi.deviceStatus(device)).unwrap();
  const { verdict, kind } = status.lastVerdict.unwrap();
  assert.ok(verdict.isPassed && kind.isFull, verdict.toString());
  assert.ok(verdict.asPassed.workGops.toNumber() >= 1, 'the work was measured');
  assert.match(node.log(), new RegExp(`device ${device} passed: \\d+ Gop/s`));
});

scene.stage('Prometheus shows the round, and no duty yet: a device that is not staked makes no work that is paid', async () => {
  await showsInMetrics(/^loopin_verification_round\S* [1-9]/m);
  await showsInMetrics(/^loopin_verifier_duties_done\{.*\} 0$/m);
});

scene.stage('the agent answers nobody whom the chain has not assigned', async () => {
  const post = (step, body) => fetch(`${agent.url}/device/${device}/${step}`, { method: 'POST', body });
  assert.equal((await post('prepare', new Uint8Array(180))).status >= 400, true);
  assert.equal((await post('fill', 'garbage')).status >= 400, true);
  assert.equal((await post('nonsense', '')).status, 404);
  const info = await (await fetch(`${agent.url}/info`)).json();
  assert.equal(info.devices.length, 1);
});

scene.stage('it is staked, provided and rented', async () => {
  await provide();
  await submitOk(api, api.tx.rentals.rent(pool, [device], 120, UNBOUNDED, ACCESS_KEY), dave);
});

scene.stage('it stops, its client reports it, and is refunded after the light check', async () => {
  await agent.kill();
  await submitOk(api, api.tx.rentals.reportFailure(0, device), dave);
  assert.notEqual(await holdsOf(dave, 'FailureReport'), 0n);
  assert.ok((await deviceState()).checkRequested.isTrue);
  await stands('Suspended');
  assert.ok((await api.query.rentals.rentals(0)).isNone, 'the rental has ended');
  assert.equal(await holdsOf(dave, 'FailureReport'), 0n);
  assert.equal(await holdsOf(dave, 'RentalDeposit'), 0n);
  assert.equal((await api.query.assets.account(pool, dave.address)).isNone, true, 'no hours are left');
});

scene.stage('it was staked, so that was a duty, and Prometheus shows it', async () => {
  await showsInMetrics(/^loopin_verifier_duties_done\{.*\} [1-9]/m);
});

scene.stage('suspended it cannot be rented, and failing again it is ejected', async () => {
  const { error } = await submit(api, api.tx.rentals.rent(pool, [device], 60, UNBOUNDED, ACCESS_KEY), dave);
  assert.equal(error, 'stakes.NotVerified');
  await stands('Ejected');
  assert.ok((await api.query.stakes.positions(position)).isNone, 'its stake has ended');
  assert.ok((await deviceState()).staked.isFalse);
  lostEpoch = await rewardEpoch();
});

scene.stage('its agent comes back, and so does the device', async () => {
  await agent.start();
  await stands('Verified');
});

scene.stage('after a reward epoch in which it passed its owner is paid, by factors that the chain explains', async () => {
  // The epoch in which it was ejected is lost.
  await until('the next epoch begins', VERDICT_SECONDS, async () => (await rewardEpoch()) > lostEpoch);
  await provide();
  const concluded = async () => (await api.query.verification.lastVerdicts(device)).unwrap().at.toNumber();
  const staked = Math.floor((await api.query.timestamp.now()).toNumber() / 1000);
  await until('it has passed while it was provided', VERDICT_SECONDS, async () => (await concluded()) > staked);
  const epoch = (await api.query.rewards.currentEpoch()).unwrap();
  const now = Math.floor((await api.query.timestamp.now()).toNumber() / 1000);
  await node.rpc('dev_jumpForward', Math.max(epoch.end.toNumber() - now + 1, 1));
  await until('the epoch is closed', 60, async () => (await rewardEpoch()) > epoch.index.toNumber());
  const minted = async () => (await api.query.rewards.accounts(ferdie.address)).minted.toBigInt();
  assert.equal(await minted(), 0n);
  const asked = (await api.call.rewardsApi.deviceRewards(device)).unwrap().due.toBigInt();
  const claimed = await submitOk(api, api.tx.stakes.claim(position), ferdie);
  // The epochs in which it failed have brought nothing.
  const rewards = claimed.events.filter((event) => api.events.rewards.DeviceRewarded.is(event));
  const { standard, proven, factors, paid, burned } = rewards.find(({ data }) => data.factors.isSome).data;
  assert.equal(paid.toBigInt() + burned.toBigInt(), standard.toBigInt());
  const product = Object.values(factors.unwrap().toJSON()).reduce((left, right) => left * (Number(right) / 1e18), 1);
  const counted = Number(standard) * (Number(proven) / 1e18);
  assert.ok(Math.abs(Number(paid) / counted - product) < 1e-6, 'what is proven and the factors explain the reward');
  assert.ok(paid.toBigInt() > 0n);
  const payment = onlyEvent(claimed, api.events.rewards.Paid);
  assert.equal(payment.mining.toBigInt(), paid.toBigInt());
  assert.equal(payment.held.toBigInt(), paid.toBigInt(), 'on the loyalty hold, where it counts');
  assert.ok((await holdsOf(ferdie, 'Loyalty')) >= paid.toBigInt());
  assert.equal(await minted(), asked);
});
