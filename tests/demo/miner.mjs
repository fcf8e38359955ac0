#!/usr/bin/env node
/**
 * A miner with one device, from nothing to being paid, on a development chain that runs on this machine: what
 * `make dev` shows. It makes a key, registers the device, starts its agent, waits until a verifier has challenged it,
 * stakes it, provides its time to the pool, claims what every reward epoch brings, closes the stake when it is over,
 * and begins again.
 *
 * Usage: node tests/demo/miner.mjs [RPC URL] [AGENT'S PORT]
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { ferdie } from '../lib/accounts.mjs';
import { agentBinary, makeKey } from '../lib/agent.mjs';
import { connect, onlyEvent, submitOk } from '../lib/client.mjs';
import { spawnGuarded } from '../lib/processes.mjs';
import { until } from '../lib/wait.mjs';

const [url = 'ws://127.0.0.1:9944', port = '9090'] = process.argv.slice(2);
const POOL_SYMBOL = 'cpu';
const UNBOUNDED = (1n << 128n) - 1n;
/** How long a node may take to start, a first verification, and a block, on a busy machine. */
const START_SECONDS = 180;
const VERIFICATION_SECONDS = 600;

const say = (text) => console.log(`${new Date().toISOString().slice(0, 19).replace('T', ' ')} ⛏  ${text}`);
const loopin = (planck) => `${Number(planck) / 1e12} LOOPIN`;

/** Connects as soon as the node answers. */
async function connectWhenReady() {
  let api;
  await until(`a node answers at ${url}`, START_SECONDS, async () => {
    try {
      api = await connect(url);
    } catch {
      // It is not up yet.
      await sleep(1_000);
    }
    return api;
  });
  return api;
}

async function poolNumber(api) {
  const pools = await api.query.pools.poolInfos.entries();
  const found = pools.find(([, info]) => info.unwrap().symbol.toUtf8() === POOL_SYMBOL);
  if (!found) throw new Error(`this chain has no pool ${POOL_SYMBOL}: it is no development chain`);
  return found[0].args[0].toNumber();
}

const currentEpoch = async (api) => (await api.query.rewards.currentEpoch()).unwrap().index.toNumber();

/** Says what a claim has brought, and why so much. */
function tellRewards(api, { events }) {
  for (const { data } of events.filter((event) => api.events.rewards.ProvisionRewarded.is(event))) {
    const { epoch, providerSeconds, standard, factors, paid, burned } = data;
    say(`epoch ${epoch}: provided for ${providerSeconds} s, standard reward ${loopin(standard)}`);
    if (factors.isSome) {
      const list = Object.entries(factors.unwrap().toJSON()).map(([name, value]) => `${name} ${Number(value) / 1e18}`);
      say(`  times ${list.join(', ')}: ${loopin(paid)} are paid and ${loopin(burned)} never minted`);
    }
  }
  for (const { data } of events.filter((event) => api.events.rewards.Paid.is(event))) {
    say(`  got ${loopin(data.mining)} for providing`);
  }
}

/** Stakes the device and provides its time, and returns when the stake is over and closed. */
async function stakeOnce(api, miner, device, pool) {
  const terms = (await api.query.pools.poolInfos(pool)).unwrap().terms;
  const duration = terms.provideSeconds.toBigInt();
  const burned = await submitOk(api, api.tx.stakes.burnForCertificate(pool, duration, UNBOUNDED), miner);
  const { certificate, burned: cost } = onlyEvent(burned, api.events.stakes.CertificateIssued);
  say(`burned ${loopin(cost)} for the right to stake ${duration} GPU-seconds`);

  const staked = await submitOk(api, api.tx.stakes.stake(device, certificate, duration, 'Provide'), miner);
  const { position } = onlyEvent(staked, api.events.stakes.Staked);
  const provided = await submitOk(api, api.tx.stakes.addLiquidity(position, UNBOUNDED), miner);
  const { paid, gpuSeconds } = onlyEvent(provided, api.events.stakes.LiquidityAdded);
  say(`staked device ${device} as position ${position}: ${gpuSeconds} GPU-seconds and ${loopin(paid)} are in the pool`);
  say('clients can rent it now; what it brings streams back until the stake ends');

  const end = (await api.query.stakes.positions(position)).unwrap().end.toNumber() * 1000;
  let epoch = await currentEpoch(api);
  while ((await api.query.timestamp.now()).toNumber() < end) {
    await sleep(3_000);
    const now = await currentEpoch(api);
    if (now !== epoch && (await api.query.stakes.positions(position)).isSome) {
      say(`reward epoch ${epoch} has ended`);
      epoch = now;
      tellRewards(api, await submitOk(api, api.tx.stakes.claim(position), miner));
    }
  }
  if ((await api.query.stakes.positions(position)).isNone) {
    say(`position ${position} was ended by somebody else`);
    return;
  }
  const closed = await submitOk(api, api.tx.stakes.close(position), miner);
  tellRewards(api, closed);
  say(`position ${position} is over: ${onlyEvent(closed, api.events.stakes.Closed).toString()}`);
}

const directory = mkdtempSync(join(tmpdir(), 'loopin-miner-'));
process.once('exit', () => rmSync(directory, { recursive: true, force: true }));

const keyFile = join(directory, 'agent-key');
const { agentKey, gpuId } = await makeKey(keyFile);
const api = await connectWhenReady();
const miner = ferdie;
const pool = await poolNumber(api);

const registered = await submitOk(api, api.tx.devices.registerDevice(pool, agentKey, `http://127.0.0.1:${port}`, gpuId), miner);
const { device } = onlyEvent(registered, api.events.devices.DeviceRegistered);
say(`registered device ${device} in pool ${pool} (${POOL_SYMBOL}); a verifier will challenge it in the next round`);

const agent = spawnGuarded(
  agentBinary(),
  [
    ...['run', '--backend', 'cpu', '--node', url, '--listen', `127.0.0.1:${port}`],
    ...['--device', `${device}`, '--key-file', keyFile],
  ],
  { stdio: 'inherit' },
);
agent.once('exit', (code) => {
  say(`the agent ended with ${code}`);
  process.exit(1);
});

for (;;) {
  await until(`device ${device} is verified`, VERIFICATION_SECONDS, async () => {
    return (await api.query.devices.devices(device)).unwrap().standing.isVerified;
  });
  say(`device ${device} is verified`);
  await stakeOnce(api, miner, device, pool);
}
