/**
 * What providers win who lift the price of their pool by renting from themselves, so that the pool gets more of the miners'
 * budget, beside a second pool that nobody touches. Reckoned with the reference of the end-to-end tests, not on a chain.
 *
 * Usage: node reports/price-push.mjs
 *
 * Two weeks of daily epochs as on a public network, all devices staked for a week twice. In the second week the attacker rents
 * through another account every day, in all ways that are tried, and the best one for it counts.
 */

import { LOOPIN } from '../lib/accounts.mjs';
import { RewardedMarket } from '../lib/reward-market.mjs';

const HOUR = 3_600n;
const DAY = 24n * HOUR;
const WEEK = 7n * DAY;
const PRICE_PER_GPU_HOUR = (547n * LOOPIN) / 1_000n;
const PURSE = 10_000_000n * LOOPIN;
const [ATTACKER, DISGUISE, NEIGHBOUR, RIVAL, VERIFIER] = ['attacker', 'disguise', 'neighbour', 'rival', 'verifier'];
const ANCHORS = [10_000n, 100_000n, 1_000_000n];
/** Devices of the attacker and of others in its pool, and in the other pool. */
const POOLS = [
  { own: 10, others: 90, rivals: 100 },
  { own: 50, others: 50, rivals: 100 },
  { own: 100, others: 0, rivals: 100 },
  { own: 100, others: 0, rivals: 1_000 },
];
/** For how long, by how many devices in a call and in how many calls a day; and whether it is given back the same day. */
const ATTACKS = [
  { seconds: 21n * HOUR, devices: 1_000, calls: 4, gives: false },
  { seconds: 6n * DAY, devices: 30, calls: 1, gives: true },
  { seconds: 6n * DAY, devices: 1_000, calls: 4, gives: true },
];

const min = (a, b) => (a < b ? a : b);

/** Two pools with their devices, long verified. */
function begin(anchor, { own, others, rivals }) {
  const market = new RewardedMarket({ issuance: 60_000_000n * LOOPIN, now: 1_800_000_000n, treasury: 'treasury', team: 'team' });
  Object.assign(market.parameters, { epochSeconds: DAY, fullAgeSeconds: 1n, cap: 200_000_000n * LOOPIN });
  for (const who of [ATTACKER, DISGUISE, NEIGHBOUR, RIVAL, 'treasury', 'team', VERIFIER]) market.addParty(who, PURSE);
  for (const pool of [0, 1]) {
    const terms = { address: `pool ${pool}`, name: 'GPU', symbol: 'GPU', anchor, pricePerGpuHour: PRICE_PER_GPU_HOUR };
    market.addPool(pool, terms, market.now);
    market.list(pool, 100n, { benchmark: 100n, privacyLimit: 0n });
  }
  market.beginBlock();
  const devices = [];
  for (const [who, pool, count] of [[ATTACKER, 0, own], [NEIGHBOUR, 0, others], [RIVAL, 1, rivals]]) {
    for (let index = 0; index < count; index += 1) {
      market.registerDevice(who, pool, 'e');
      devices.push({ who, pool, id: market.devices.length - 1 });
    }
  }
  verify(market, devices);
  market.now += 60n;
  return { market, devices };
}

/** All devices that are not rented pass. */
function verify(market, devices) {
  const verdict = { verdict: 'Passed', kind: 'Full', shown: { work: 100n, privacy: 0n }, verifiers: [VERIFIER] };
  for (const { id } of devices) if (market.devices[id].rental === null) market.conclude(id, verdict);
}

function pass(market, until) {
  while (market.now < until) {
    market.beginBlock();
    market.now = min(market.now + HOUR, until);
  }
  market.beginBlock();
}

/** What attacker and disguise have in the end. */
function wealthAfter(anchor, pools, attack) {
  const { market, devices } = begin(anchor, pools);
  for (const isAttacked of [false, attack !== null]) {
    for (const { who, pool, id } of devices) {
      market.burnForCertificate(who, pool, WEEK);
      market.stake(who, id, market.certificates.length - 1, WEEK, 'Provide');
      market.addLiquidity(market.positions.length - 1);
    }
    const from = market.now;
    for (let day = 0n; day < 7n; day += 1n) {
      pass(market, from + day * DAY + HOUR);
      verify(market, devices);
      market.now += 30n;
      const rentals = isAttacked ? rent(market, devices, attack, from + WEEK - 120n) : [];
      pass(market, from + (day + 1n) * DAY - HOUR);
      for (const id of rentals) {
        if (market.now >= market.rentals[id].end) market.complete(id);
        else if (attack.gives) market.terminate(id);
      }
    }
    pass(market, from + WEEK + 120n);
    for (const [id, { open }] of market.positions.entries()) if (open) market.close(id);
    verify(market, devices);
  }
  pass(market, market.now + 2n * DAY);
  for (const { id } of devices) market.settleRewards(id);
  for (const who of [ATTACKER, DISGUISE]) market.claimRewards(who);
  return market.wealthKnown(ATTACKER) + market.wealthKnown(DISGUISE);
}

/** The attacker's devices are rented by itself, in another name, at most a third of the idle time in each call. */
function rent(market, devices, { seconds, devices: most, calls }, until) {
  const rentals = [];
  for (let call = 0; call < calls; call += 1) {
    const time = min(seconds, until - market.now);
    const free = devices.filter(({ who, id }) => who === ATTACKER && market.devices[id].rental === null);
    const third = market.poolAt(0, market.now).idleSeconds / 3n;
    const count = Math.min(most, Number(third / (time + 60n)), free.length, 64);
    if (count <= 0) break;
    market.rent(DISGUISE, 0, free.slice(0, count).map(({ id }) => id), time, 'k');
    rentals.push(market.rentals.length - 1);
  }
  return rentals;
}

const inLoopin = (planck) => (Number(planck) / Number(LOOPIN)).toFixed(0);

console.log('| anchor | own devices | others | rivals | earned honestly | won by the best attack |');
console.log('|--:|--:|--:|--:|--:|--:|');
for (const anchor of ANCHORS) {
  for (const pools of POOLS) {
    const honest = wealthAfter(anchor * LOOPIN, pools, null);
    const won = ATTACKS.map((attack) => wealthAfter(anchor * LOOPIN, pools, attack) - honest);
    const best = won.reduce((left, right) => (left > right ? left : right));
    const { own, others, rivals } = pools;
    const row = [anchor, own, others, rivals, inLoopin(honest - 2n * PURSE), inLoopin(best)];
    console.log(`| ${row.join(' | ')} |`);
  }
}
