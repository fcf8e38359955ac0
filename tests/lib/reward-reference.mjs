/**
 * The arithmetic of rewards, written from section "Emission and rewards" of the protocol and from what the chain's
 * documentation says about roundings. All amounts are BigInt: planck, seconds, and parts of 10^18.
 */

import { LOOPIN } from './accounts.mjs';

const DAY = 86_400n;
/** One, in parts of 10^18. */
export const ONE = 10n ** 18n;
const MILLION = 1_000_000n;
/** The digits in which exponentials are reckoned: far more than the chain's. */
const SCALE = 10n ** 60n;
/** The chain's exponential is at most so many parts of 10^18 below the true one, and never above it. */
export const EXPONENTIAL_ERROR = 4n;
/** For so many epochs after its end an epoch's rewards can be settled. */
export const HISTORY_EPOCHS = 40;
/** The rates of pools have so many bits after the binary point. */
const RATE_BITS = 64n;

/** So many thousandths, in parts of 10^18. */
function thousandths(number) {
  return number * 10n ** 15n;
}

/** What the development chain begins with. */
export const PARAMETERS = {
  initialEmission: 100_000n * LOOPIN,
  halvingEpochs: 365,
  cap: 73_000_000n * LOOPIN,
  /** Millionths. */
  split: { miners: 600_000n, clients: 50_000n, verifiers: 50_000n, treasury: 200_000n, team: 100_000n },
  /** Parts of 10^18: idle time earns at most so much of the reference price, rented time of that and of what was paid. */
  caps: { idle: thousandths(1_250n), rented: thousandths(500n) },
  epochSeconds: 300n,
  releaseSeconds: 600n,
  teamBatchEpochs: 91,
  teamLockSeconds: 5n * 365n * DAY,
  fullAgeSeconds: 30n * DAY,
  /** Millionths. */
  workDeadBand: 50_000n,
  /** Parts of 10^18. */
  steepness: {
    time: thousandths(2_303n),
    loyalty: thousandths(7_324n),
    privacy: thousandths(2_303n),
    work: thousandths(7_324n),
  },
};

const min = (a, b) => (a < b ? a : b);
const max = (a, b) => (a > b ? a : b);
const divideUp = (a, b) => (a + b - 1n) / b;
/** So many millionths of an amount, rounded down. */
const part = (amount, millionths) => (amount * millionths) / MILLION;

/** What an epoch emits where so much of the cap is taken. */
export function emission(parameters, epoch, taken) {
  const { initialEmission, halvingEpochs, cap } = parameters;
  const uncapped = initialEmission / 2n ** BigInt(Math.floor(epoch / halvingEpochs));
  return min(uncapped, max(cap - taken, 0n));
}

/** The parts of an epoch's emission, each rounded down. */
export function splitEmission({ split }, amount) {
  return Object.fromEntries(Object.entries(split).map(([whose, millionths]) => [whose, part(amount, millionths)]));
}

/** The provider-seconds of a pool that count, where its own epoch lasted longer than the chain's: its mean. */
export function secondsThatCount(providerSeconds, lasted, epochSeconds) {
  return lasted > epochSeconds ? (providerSeconds * epochSeconds) / lasted : providerSeconds;
}

/** The parts of a budget by weight, each rounded down. */
export function partsByWeight(budget, weights) {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  return weights.map((weight) => (total === 0n ? 0n : (budget * weight) / total));
}

/** The standard reward for a provider-second, planck times 2^64, rounded down. */
export const ratePerSecond = (amount, seconds) => (seconds === 0n ? 0n : (amount << RATE_BITS) / seconds);
/** What so many seconds bring at a rate, rounded down. */
export const rewardAtRate = (rate, seconds) => (rate * seconds) >> RATE_BITS;

/** So many times a price of a GPU-hour, as a rate. */
const cappedRate = (rate, times, price) => min(rate, (((times * price) << RATE_BITS) / (ONE * 3_600n)));
/** What a position's time is rewarded with, before its multiplier. */
export function standardReward({ caps }, rate, referencePrice, { idle, rented, paid }) {
  const forIdle = rewardAtRate(cappedRate(rate, caps.idle, referencePrice), idle);
  const forRented = rewardAtRate(cappedRate(rate, caps.rented, referencePrice), rented);
  return forIdle + min(forRented, (caps.rented * paid) / ONE);
}

/** A round that was passed without dissent, in the unit in which rounds are counted. */
const WHOLE_ROUND = 10n ** 9n;
/** What a passed round with that many votes counts, in billionths. */
export const roundPassed = (passes, fails) => (BigInt(passes) * WHOLE_ROUND) / BigInt(passes + fails);
/** The part of a reward that counts, in parts of 10^18, where so many of an epoch's rounds judged the device. */
export function provenBy({ judged, passed }, roundsOfEpoch) {
  const doubled = BigInt(Math.max(2 * judged, roundsOfEpoch));
  return doubled === 0n ? 0n : min((passed * 2n * WHOLE_ROUND) / doubled, ONE);
}

/** The part of a budget that a share of the total has, rounded down. */
export const sharedPart = (budget, share, total) => (total === 0n ? 0n : (budget * share) / total);

/**
 * `exp(-x)` in parts of 10^18, rounded down, from the series of `exp(x)`.
 *
 * @param {bigint} x parts of 10^18, not negative
 */
export function exponentialOfMinus(x) {
  // Where the result is below one part of 10^18 for certain.
  if (x > 45n * ONE) return 0n;
  const scaled = (x * SCALE) / ONE;
  let [sum, term] = [SCALE, SCALE];
  for (let n = 1n; term > 0n; n += 1n) {
    term = (term * scaled) / (SCALE * n);
    sum += term;
  }
  return (ONE * SCALE) / sum;
}

/** `exp(k·min(0, (value - reference)/reference))`; what is in the exponent is rounded up. */
export function factor(value, reference, steepness) {
  if (value >= reference) return ONE;
  const shortfall = divideUp((reference - value) * ONE, reference);
  return exponentialOfMinus(divideUp(shortfall * steepness, ONE));
}

/**
 * The factors of the multiplier.
 *
 * @param {typeof PARAMETERS} parameters
 * @param {Record<'age' | 'kept' | 'minted' | 'privacy' | 'privacyLimit' | 'work' | 'benchmark', bigint>} record
 */
export function factorsOf({ steepness, fullAgeSeconds, workDeadBand }, record) {
  const { age, kept, minted, privacy, privacyLimit, work, benchmark } = record;
  const isInBand = benchmark - work <= part(benchmark, workDeadBand);
  return {
    time: factor(age, fullAgeSeconds, steepness.time),
    loyalty: factor(kept, minted, steepness.loyalty),
    privacy: factor(privacy, privacyLimit, steepness.privacy),
    work: isInBand ? ONE : factor(work, benchmark, steepness.work),
  };
}

/** Whether the chain may say so: as exact as its documentation promises. */
export function isFaithful(seen, exact) {
  return Object.entries(exact).every(([name, value]) =>
    value === ONE ? seen[name] === ONE : seen[name] <= value && value - seen[name] <= EXPONENTIAL_ERROR,
  );
}

/** Their product, rounded down after each factor. */
export const productOf = ({ time, loyalty, privacy, work }) =>
  [loyalty, privacy, work].reduce((product, each) => (product * each) / ONE, time);

/** The median; of an even number the lower one in the middle. */
export function lowerMedian(values) {
  const sorted = [...values].sort((a, b) => Number(a - b));
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
