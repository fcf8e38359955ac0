/**
 * A bonded verifier that does as it likes: it speaks to agents and to the chain as the node of a verifier does, in
 * whatever order and with whatever content a test wants.
 */

import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { u8aConcat, u8aToHex } from '@polkadot/util';

import { attestation } from './attest.mjs';

/** Where the seed and the root of the state stand in the answer to a request to fill, after the assignment. */
const [ASSIGNMENT_BYTES, HASH_BYTES] = [116, 32];
/** How long an agent may take for an answer that nobody waits for any more. */
const PATIENCE_MS = 20_000;

export class HostileVerifier {
  /**
   * @param {import('@polkadot/api').ApiPromise} api
   * @param {import('./node.mjs').ChainNode} node to which the API is connected
   * @param {import('@polkadot/keyring/types').KeyringPair} account that has bonded
   * @param {import('@polkadot/keyring/types').KeyringPair} key with which its node would sign
   */
  constructor(api, node, account, key) {
    Object.assign(this, { api, node, account, key });
  }

  /**
   * What it has to challenge in the present round, among these devices: those of which it has a minority of the seats.
   *
   * @param {number[]} devices
   * @returns {Promise<object[]>}
   */
  async duties(devices) {
    const asked = await Promise.all(devices.map((device) => this.api.call.verificationApi.challengeOf(device)));
    const isOwn = ({ verifier }) => verifier.toHex() === u8aToHex(this.account.publicKey);
    const mine = ({ committee }) => {
      const [own, all] = [committee.filter(isOwn), committee].map((members) => sum(members.map(({ seats }) => seats.toNumber())));
      return own > 0 && 2 * own < all;
    };
    return asked
      .filter((challenge) => challenge.isSome && mine(challenge.unwrap()))
      .map((challenge) => new Duty(this, challenge.unwrap()));
  }
}

const sum = (numbers) => numbers.reduce((left, right) => left + right, 0);

/** One device that a hostile verifier has to challenge. */
class Duty {
  constructor(verifier, challenge) {
    Object.assign(this, { verifier, challenge });
    this.device = challenge.device.toNumber();
    this.endpoint = Buffer.from(challenge.endpoint).toString();
    this.assignment = u8aConcat(
      verifier.api.genesisHash.toU8a(),
      challenge.round.toU8a(),
      challenge.roundSeed.toU8a(),
      verifier.api.createType('u64', this.device).toU8a(),
      challenge.profile.toU8a(),
    );
  }

  /** Waits for a moment of the window: `fillAt`, `walkAt` or `closesAt`, and some seconds before or after it. */
  async until(moment, seconds = 0) {
    const then = this.challenge.window[moment].toNumber() * 1000 + seconds * 1000;
    await sleep(Math.max(0, then - Date.now()));
  }

  prepare = () => this.#post('prepare', []);
  fill = (nonce = randomBytes(32)) => this.#post('fill', [nonce]);

  /** Asks to walk the state that the device has answered to the request to fill. */
  walk(filled, nonce = randomBytes(32)) {
    const seed = filled.body.subarray(ASSIGNMENT_BYTES, ASSIGNMENT_BYTES + HASH_BYTES);
    const root = filled.body.subarray(ASSIGNMENT_BYTES + HASH_BYTES, ASSIGNMENT_BYTES + 2 * HASH_BYTES);
    return this.#post('walk', [seed, root, nonce]);
  }

  /**
   * Tells the chain a vote.
   *
   * @param {object} vote
   * @returns {Promise<string>} the hash of the transaction
   */
  attest(vote) {
    const { round, roundSeed, kind, profile } = this.challenge;
    const told = { round: round.toNumber(), roundSeed: roundSeed.toU8a(), kind: kind.type, profile: profile.toU8a(), vote };
    const { account, api, key, node } = this.verifier;
    const transaction = attestation(api, { ...told, device: this.device, verifier: account.address }, key);
    return node.rpc('author_submitExtrinsic', transaction);
  }

  /** Sends a message of the challenge, signed. @returns {Promise<{ status: number, body: Buffer }>} */
  async #post(step, fields) {
    const message = u8aConcat(this.assignment, this.verifier.account.publicKey, ...fields);
    const context = Buffer.from(`loopin/challenge/2/${step}-request\0`);
    const digest = createHash('sha256').update(context).update(message).digest();
    const body = u8aConcat(message, this.verifier.key.sign(new Uint8Array(digest)));
    const response = await fetch(`${this.endpoint}/device/${this.device}/${step}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
  }
}

/**
 * Connections of one address that are in an agent's way: some are kept alive with requests that mean nothing, some
 * promise bodies that never come, and some send garbage as fast as they can.
 */
export class Flood {
  #sockets = new Set();
  #isOver = false;

  /** @param {string} url of the agent @param {number} device one of its devices */
  constructor(url, device) {
    const { hostname, port } = new URL(url);
    this.target = { host: hostname, port: Number(port) };
    const head = (length) => `POST /device/${device}/prepare HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`;
    const kinds = [
      ...Array(40).fill([`${head(212)}${'x'.repeat(212)}`, 500]),
      ...Array(300).fill([head(212), null]),
      ...Array(4).fill([randomBytes(60_000), 5]),
    ];
    for (const [bytes, everyMs] of kinds) this.#keepUp(bytes, everyMs);
  }

  /** How many connections are open. */
  get open() {
    return this.#sockets.size;
  }

  end() {
    this.#isOver = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  #keepUp(bytes, everyMs) {
    const again = () => void (this.#isOver || setTimeout(() => this.#keepUp(bytes, everyMs), 50));
    const socket = connect(this.target);
    this.#sockets.add(socket);
    const timer = everyMs && setInterval(() => socket.writable && socket.write(bytes), everyMs);
    socket.on('connect', () => socket.write(bytes));
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.on('close', () => {
      clearInterval(timer);
      this.#sockets.delete(socket);
      again();
    });
  }
}
