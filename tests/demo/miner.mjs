/** The miner: what it does with its device, one step at a time, by how things are. */

import { setTimeout as sleep } from 'node:timers/promises';

import { Refused } from './chain.mjs';

/** How often it looks, in milliseconds. */
const LOOK_EVERY_MS = 3_000;
/** So many refusals in a row are more than bad luck. */
const MOST_REFUSALS = 5;

/**
 * What to do next.
 *
 * @param {object} state
 * @param {boolean} state.isVerified whether the device's last verification says that it is fine
 * @param {number | null} state.certificate one that is not used yet
 * @param {null | { isInPool: boolean, isOver: boolean }} state.position what the device is staked as
 * @param {number} state.epoch the reward epoch that runs
 * @param {number | null} state.claimedEpoch the one in which rewards were claimed last, or the stake began
 * @returns {'wait' | 'buyCertificate' | 'stake' | 'addLiquidity' | 'claim' | 'close'}
 */
export function nextStep({ isVerified, certificate, position, epoch, claimedEpoch }) {
  // Whoever is suspended can do nothing but wait for the next verdict.
  if (!isVerified) return 'wait';
  if (position === null) return certificate === null ? 'buyCertificate' : 'stake';
  if (position.isOver) return 'close';
  if (!position.isInPool) return 'addLiquidity';
  return epoch > claimedEpoch ? 'claim' : 'wait';
}

/** Somebody with one device, who provides its time to the pool again and again. */
export class Miner {
  #chain;
  #owner;
  #device;
  #certificate = null;
  #position = null;
  #claimedEpoch = null;

  /**
   * @param {import('./chain.mjs').Chain} chain
   * @param {import('@polkadot/keyring/types').KeyringPair} owner
   * @param {number} device
   */
  constructor(chain, owner, device) {
    this.#chain = chain;
    this.#owner = owner;
    this.#device = device;
  }

  /**
   * Does what is to be done, until the chain refuses again and again.
   *
   * @param {(why: string) => void} refused is told when the chain refuses something: times change, and it tries again
   */
  async work(refused) {
    for (let refusals = 0; ; await sleep(LOOK_EVERY_MS)) {
      try {
        await this.#step();
        refusals = 0;
      } catch (error) {
        refusals += 1;
        if (!(error instanceof Refused) || refusals === MOST_REFUSALS) throw error;
        refused(error.message);
      }
    }
  }

  async #step() {
    const state = await this.#chain.state(this.#device, this.#position);
    const step = nextStep({ ...state, certificate: this.#certificate, claimedEpoch: this.#claimedEpoch });
    if (step === 'buyCertificate') {
      this.#certificate = await this.#chain.buyCertificate(this.#owner);
    } else if (step === 'stake') {
      this.#position = await this.#chain.stake(this.#owner, this.#device, this.#certificate);
      this.#certificate = null;
    } else if (step === 'addLiquidity') {
      await this.#chain.addLiquidity(this.#owner, this.#position);
      this.#claimedEpoch = state.epoch;
    } else if (step === 'claim') {
      await this.#chain.claim(this.#owner, this.#position);
      this.#claimedEpoch = state.epoch;
    } else if (step === 'close') {
      await this.#chain.closePosition(this.#owner, this.#position);
    }
  }
}
