/**
 * Verdicts that a test decides about: it has the key of the development chain's only verifier, and of the devices'
 * agents, and attests what it likes, the way the nodes of verifiers do.
 */

import { createHash, randomBytes } from 'node:crypto';

import { Keyring } from '@polkadot/api';
import { compactToU8a, stringToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { blake2AsU8a } from '@polkadot/util-crypto';

import { alice } from './accounts.mjs';

/** The agent of all devices of a story. */
export const agent = new Keyring({ type: 'sr25519' }).createFromUri('//loopin//test//agent');
export const AGENT_KEY = u8aToHex(agent.publicKey);

/** A general transaction, of version 5, with the first version of the extensions. */
const GENERAL = 0b0100_0101;
/** What the extensions carry: immortal, the nonce 0, no tip, no metadata hash. */
const EXTENSIONS = [0, 0, 0, 0, 0];

/** What a device has shown that passes. */
export const passes = (work, privacy = 25) => ({ Pass: { work, privacy } });
/** Nobody answered at its endpoint. */
export const FAILS = { Fail: { reason: 'Unreachable', commitment: null } };
/** The verifier could not find out. */
export const UNCLEAR = { Inconclusive: 'Offline' };

/**
 * A transaction without an account's signature, with which the verifier `verifier` attests.
 *
 * @param {import('@polkadot/api').ApiPromise} api
 * @typedef {{ round: number, roundSeed: Uint8Array, device: number, verifier: string, kind: string, profile: Uint8Array,
 *   vote: object }} Duty
 *
 * @param {Duty} duty
 * @param {import('@polkadot/keyring/types').KeyringPair} [signer] the key of the verifier's node
 * @returns {string} in hexadecimal digits
 */
export function attestation(api, { round, roundSeed, device, verifier, kind, profile, vote }, signer = alice) {
  const genesis = api.genesisHash.toU8a();
  const told = { round, device, verifier, kind, vote: voteOf(api, vote, { round, roundSeed, device, verifier, profile }) };
  const [unsigned] = api.tx.verification.attest(told, new Uint8Array(64)).method.args;
  const domain = stringToU8a('loopin/verification/2/attestation');
  const digest = blake2AsU8a(u8aConcat(domain, genesis, roundSeed, unsigned.toU8a()));
  const { method } = api.tx.verification.attest(told, signer.sign(digest));
  return generalTransaction(method);
}

/**
 * A transaction without an account's signature.
 *
 * @param {import('@polkadot/types/interfaces').Call} call
 * @returns {string} in hexadecimal digits
 */
export function generalTransaction(call) {
  const bytes = u8aConcat([GENERAL], EXTENSIONS, call.toU8a());
  return u8aToHex(u8aConcat(compactToU8a(bytes.length), bytes));
}

function voteOf(api, vote, assignment) {
  // What somebody else has signed is told as it is.
  if (!vote.Pass || vote.Pass.signature) return vote;
  const { work, privacy } = vote.Pass;
  // All verifiers have a device pass the same claim, of which the chain knows the hash alone.
  const claim = createHash('sha256').update(`claim of ${assignment.device} in ${assignment.round}`).digest();
  const openings = randomBytes(32);
  const verifier = api.createType('AccountId32', assignment.verifier).toU8a();
  const answer = u8aConcat(assigned(api, assignment), verifier, claim, openings);
  const context = Buffer.from('loopin/challenge/2/open-answer\0');
  const digest = createHash('sha256').update(context).update(answer).digest();
  const signature = agent.sign(new Uint8Array(digest));
  return { Pass: { workGops: work, walkMs: 50, privacy, claim, openings, agentKey: agent.publicKey, signature } };
}

/** Which device is challenged, when, and with what, as agents sign it. */
const assigned = (api, { round, roundSeed, device, profile }) =>
  u8aConcat(
    api.genesisHash.toU8a(),
    api.createType('u64', round).toU8a(),
    roundSeed,
    api.createType('u64', device).toU8a(),
    profile,
  );
