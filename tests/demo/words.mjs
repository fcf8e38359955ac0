/** Numbers of the chain in plain words. */

import { LOOPIN } from '../lib/accounts.mjs';

/** How many digits that say something an amount of less than a hundred LOOPIN is given with. */
const SIGNIFICANT_DIGITS = 3;
const GROUPED = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const SMALL = new Intl.NumberFormat('en-US', { maximumSignificantDigits: SIGNIFICANT_DIGITS });

/**
 * An amount of money, in so many digits that one can follow.
 *
 * @param {bigint} planck
 * @returns {string} such as `612.35 LOOPIN` or `0.000167 LOOPIN`
 */
export function loopin(planck) {
  const amount = Number(planck) / Number(LOOPIN);
  return `${(amount < 100 ? SMALL : GROUPED).format(amount)} LOOPIN`;
}

/**
 * A length of time as one says it.
 *
 * @param {number} seconds
 * @returns {string} such as `45 seconds`, `10 minutes` or `1 minute 5 seconds`
 */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    [Math.floor(whole / 86_400), 'day'],
    [Math.floor(whole / 3_600) % 24, 'hour'],
    [Math.floor(whole / 60) % 60, 'minute'],
    [whole % 60, 'second'],
  ].filter(([count]) => count > 0);
  if (parts.length === 0) return '0 seconds';
  return parts
    .slice(0, 2)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`)
    .join(' ');
}

/**
 * A length of time as a clock shows it.
 *
 * @param {number} seconds
 * @returns {string} such as `2:05` or `1:00:00`
 */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60];
  const tail = `${whole % 60}`.padStart(2, '0');
  return hours > 0 ? `${hours}:${`${minutes}`.padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** @param {number} part from 0 to 1 @returns {string} such as `98 %` or `1.2 %` */
export const percent = (part) => `${Number((part * 100).toPrecision(part < 0.1 ? 2 : 3))} %`;

/** @param {number} gops 10^9 operations per second @returns {string} */
export const speed = (gops) => `${GROUPED.format(gops)} billion operations a second`;

/** Why a verifier says that a device failed, by the chain's name of it. */
const FAILURES = {
  Unreachable: 'its agent did not answer',
  ForbiddenEndpoint: 'its address is none that verifiers call',
  Refused: 'its agent refused to be challenged',
  Late: 'its agent answered too late',
  Malformed: 'what its agent answered makes no sense',
  WrongSignature: 'what its agent answered was signed with another key',
  WrongOpenings: 'what it showed is not what it had promised',
  Fraud: 'it was caught lying',
};
/** Why a verifier could not find out. */
const DOUBTS = {
  Interrupted: 'the verifier was stopped or too busy; other work on this machine can be the reason',
  Offline: 'the verifier could reach nobody',
  Clock: "the verifier's clock was wrong, or it came too late",
};

/** @param {string} reason of a vote to fail, or without an answer @returns {string} */
export const becauseOf = (reason) => FAILURES[reason] ?? DOUBTS[reason] ?? reason;

/**
 * By what a reward is less than it could be, in short.
 *
 * @param {{ time: number, loyalty: number, privacy: number, work: number }} factors each from 0 to 1
 * @returns {string}
 */
export const factorsInShort = ({ time, loyalty, privacy, work }) =>
  `age ${percent(time)} x loyalty ${percent(loyalty)} x privacy ${percent(privacy)} x speed ${percent(work)}`;

/** @param {number} fullAgeSeconds when a device gets all of the factor of time @returns {string} what they mean */
export const factorsExplained = (fullAgeSeconds) =>
  `Age: all of it ${duration(fullAgeSeconds)} after the device was first verified. Loyalty: how much the miner still has of ` +
  "what it was ever rewarded with. Privacy: how well a client's data are shielded, and this device promises nothing. " +
  'Speed: compared with what the pool expects.';
