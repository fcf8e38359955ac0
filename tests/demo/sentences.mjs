/** What is said of each thing that can happen, and what it means, to somebody who has never seen a chain. */

import { becauseOf, duration, factorsExplained, factorsInShort, loopin, speed } from './words.mjs';

/**
 * @typedef {object} Sentence
 * @property {string} text what has happened
 * @property {string} [meaning] what that is, for the first time
 * @property {'good' | 'alarm'} [style]
 */

/** What a failed verification leads to, by how the device stands after it. */
const CONSEQUENCES = {
  Unverified: 'It stays unverified, and is challenged again.',
  Suspended: 'It is suspended: nobody can rent it until it passes. If it fails again, its stake ends.',
  Ejected: 'It is ejected, until it passes again.',
};

/** What happens to devices. Each function takes a happening of `chain.mjs`, and the chain's `about`. */
export const sentences = {
  began: ({ number }, { blockSeconds }) => ({
    text: `The chain runs: block ${number} is there, and every ${duration(blockSeconds)} comes another.`,
    meaning: 'A block holds what everybody did since the one before. LOOPIN is the money of this chain.',
  }),

  registered: ({ owner, device, deposit }, { poolSymbol }) => ({
    text: `${owner}, the miner, registers device ${device} in the pool "${poolSymbol}", with a deposit of ${loopin(deposit)}.`,
    meaning:
      'A miner has GPUs to rent out, and a pool is where GPUs of one kind are. Here, your processor plays the GPU.',
  }),

  agentStarted: ({ url }) => ({
    text: `The miner's agent answers on ${url}.`,
    meaning: 'The agent runs beside the GPU, and answers those who verify that it is there and as fast as it should be.',
  }),

  round: ({ round, opensAt, closesAt }) => ({
    text: `Round ${round} of verification begins: a verifier is going to challenge the device.`,
    meaning:
      'It has to fill memory with the results of a computation, at once, and to prove that it did. ' +
      `That takes place within ${duration(closesAt - opensAt)}.`,
  }),

  challenged: ({ round, verifier, gops, seconds, reason }, { expectedGops }) => ({
    text:
      gops === null
        ? `Round ${round}: ${verifier}, a verifier, challenged the device: ${becauseOf(reason)}.`
        : `Round ${round}: ${verifier}, a verifier, challenged the device, which answered${inTime(seconds)}: ${speed(gops)}.`,
    meaning: gops === null ? undefined : `The pool expects at least ${speed(expectedGops)}.`,
  }),

  verdict: ({ round, verdict, before, standing, vote }) => {
    const seen = vote ? because(vote) : '';
    if (verdict === 'Inconclusive') {
      return { text: `Round ${round}: undecided${seen || ', as nobody has challenged the device'}. Nothing changes.` };
    }
    if (verdict === 'Failed') {
      return { text: `Round ${round}: the device failed${seen}. ${CONSEQUENCES[standing]}`, style: 'alarm' };
    }
    if (before === 'Verified') return { text: `Round ${round}: passed${seen}.` };
    return {
      text: `Round ${round}: passed. The device is verified${before === 'Unverified' ? '' : ' again'}.`,
      meaning: 'From now on it is challenged in every round, about once a minute (on a public network, every 50 minutes or so).',
      style: 'good',
    };
  },

  certificate: ({ burned }, { stakeSeconds }) => ({
    text: `The miner burns ${loopin(burned)} for a certificate: the right to stake for ${duration(stakeSeconds)}.`,
    meaning: 'What is burned is gone for good; nobody gets it.',
  }),

  staked: ({ deposit }, { stakeSeconds }) => ({
    text: `The device is staked for ${duration(stakeSeconds)}, with a deposit of ${loopin(deposit)}.`,
    meaning: 'Staked means promised: until then it has to be there for whoever rents it. A public network asks for a week.',
  }),

  provided: ({ paid, seconds }, { epochSeconds }) => ({
    text:
      `The miner adds liquidity: ${duration(seconds)} of the device, and ${loopin(paid)}, which they are worth, ` +
      'go into the pool.',
    meaning:
      'Clients rent from the pool, at its price, and what they pay is shared by the miners in it. What the miner paid in ' +
      `streams back until the stake ends. Besides, the chain rewards them with new LOOPIN after every epoch, ` +
      `which is ${duration(epochSeconds)} (a day on a public network).`,
  }),

  rented: ({ client, seconds, cost }) => ({
    text: `${client} rents the device for ${duration(seconds)}, and pays ${loopin(cost)}.`,
    meaning:
      'The pool has more LOOPIN and less time now, so its price has risen. What the client pays is for the miners; new ' +
      'LOOPIN rewards a rented hour with half of that at most.',
    style: 'good',
  }),

  rentalOver: ({ client }) => ({ text: `The time that ${client} has rented is over: the device is free again.` }),

  rewarded: ({ epoch, seconds, standard, paid, factors }, { fullAgeSeconds }) => {
    if (factors === null) {
      return { text: `Reward of epoch ${epoch}: nothing, since the device failed in it.`, style: 'alarm' };
    }
    return {
      text:
        `Reward of epoch ${epoch}: ${loopin(paid)} for ${duration(seconds)} in the pool, of at most ${loopin(standard)}: ` +
        `${factorsInShort(factors)}.`,
      meaning: factorsExplained(fullAgeSeconds),
      style: 'good',
    };
  },

  claimed: ({ streamed }) => ({
    text: `The miner claims what is due. ${loopin(streamed)} of it have streamed back from the pool.`,
  }),

  closed: ({ streamed, deposit }) => ({
    text:
      `The stake is over: ${loopin(deposit)} of deposit and the last ${loopin(streamed)} of the stream are back. ` +
      'It begins again.',
  }),

  unchallenged: () => ({
    text: "No verifier has challenged the device for minutes: the node's log should say why. It may just be busy.",
    style: 'alarm',
  }),

  refused: ({ why }) => ({
    text: `The chain does not allow the next step, and the miner tries again: ${why}`,
    style: 'alarm',
  }),

  ejected: () => ({
    text: 'The stake has ended at once: the miner has lost a fifth of what was in the pool, and waits to be verified again.',
    style: 'alarm',
  }),
};

function inTime(seconds) {
  if (seconds === undefined) return '';
  return seconds < 1 ? ` in ${Math.round(seconds * 1000)} ms` : ` in ${seconds.toFixed(1)} s`;
}

function because({ verifier, gops, seconds, reason }) {
  if (gops === null) return ` (${verifier} says: ${becauseOf(reason)})`;
  return ` (${verifier} saw ${speed(gops)}${seconds === undefined ? '' : `, answered${inTime(seconds)}`})`;
}
