/** All that the demonstration uses of the chain, and the only place that knows the chain's names for it. */

import { Keyring } from '@polkadot/api';

import { ACCESS_KEY, SS58_PREFIX } from '../lib/accounts.mjs';
import { connect, describeError, onlyEvent, poolNumber, submit } from '../lib/client.mjs';

/** The pool of the device that every computer is. */
const POOL_SYMBOL = 'cpu';
/** More than anything costs. */
const UNBOUNDED = (1n << 128n) - 1n;
const FIXED_POINT = 1e18;
const NAMES = ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve', 'Ferdie'];

const keyring = new Keyring({ type: 'sr25519', ss58Format: SS58_PREFIX });
const people = new Map(
  NAMES.flatMap((name) => [`//${name}`, `//${name}//stash`].map((uri) => [keyring.createFromUri(uri).address, name])),
);

/** @param {object} account @returns {string} what to call it */
const nameOf = (account) => people.get(account.toString()) ?? `${account.toString().slice(0, 8)}...`;
const partOf = (perquintill) => Number(perquintill.toBigInt()) / FIXED_POINT;

/**
 * What is told of the chain's events, by their names: plain objects, with amounts in planck, moments in Unix seconds, and
 * people by name. `is` says what has happened.
 */
const HAPPENINGS = {
  'devices.DeviceRegistered': ({ owner, device, deposit }) => {
    return { is: 'registered', owner: nameOf(owner), device: +device, deposit: deposit.toBigInt() };
  },
  // This is part of carrying out a verdict, and comes before the event that says which.
  'devices.VerdictRecorded': ({ device, standing }) => ({ is: 'standing', device: +device, standing: standing.type }),
  'verification.Concluded': ({ round, device, verdict }) => {
    return { is: 'verdict', round: +round, device: +device, verdict: verdict.type };
  },
  'verification.RoundBegan': ({ round, window, closesAt, deviceBound }) => {
    return { is: 'round', round: +round, opensAt: +window.opensAt, closesAt: +closesAt, deviceBound: +deviceBound };
  },
  'verification.Attested': ({ round, device, verifier, vote }) => ({
    is: 'challenged',
    round: +round,
    device: +device,
    verifier: nameOf(verifier),
    gops: vote.isPass ? +vote.asPass.workGops : null,
    reason: vote.isPass ? null : (vote.value.reason ?? vote.value).type,
  }),
  'stakes.CertificateIssued': ({ owner, burned }) => {
    return { is: 'certificate', owner: nameOf(owner), burned: burned.toBigInt() };
  },
  'stakes.Staked': ({ device, position, deposit, end }) => {
    return { is: 'staked', device: +device, position: +position, deposit: deposit.toBigInt(), end: +end };
  },
  'stakes.LiquidityAdded': ({ position, paid, gpuSeconds }) => {
    return { is: 'provided', position: +position, paid: paid.toBigInt(), seconds: +gpuSeconds };
  },
  'stakes.Claimed': ({ position, amount }) => ({ is: 'claimed', position: +position, streamed: amount.toBigInt() }),
  'stakes.Closed': ({ device, streamed, deposit }) => {
    return { is: 'closed', device: +device, streamed: streamed.toBigInt(), deposit: deposit.toBigInt() };
  },
  'stakes.Ejected': ({ device }) => ({ is: 'ejected', device: +device }),
  'rewards.DeviceRewarded': ({ device, epoch, idleSeconds, rentedSeconds, standard, factors, paid }) => ({
    is: 'rewarded',
    device: +device,
    epoch: +epoch,
    seconds: +idleSeconds + +rentedSeconds,
    standard: standard.toBigInt(),
    paid: paid.toBigInt(),
    factors: factors.isNone
      ? null
      : {
          time: partOf(factors.value.time),
          loyalty: partOf(factors.value.loyalty),
          privacy: partOf(factors.value.privacy),
          work: partOf(factors.value.work),
        },
  }),
  'rentals.Rented': ({ client, devices, end, amount, fee }) => ({
    is: 'rented',
    client: nameOf(client),
    devices: devices.map(Number),
    end: +end,
    cost: amount.toBigInt() + fee.toBigInt(),
  }),
};

/** The chain did not do what it was asked to. */
export class Refused extends Error {}

/** A connection to the chain. */
export class Chain {
  #api;
  #pool;

  /**
   * @param {string} url
   * @returns {Promise<Chain>}
   */
  static async open(url) {
    const chain = new Chain();
    chain.#api = await connect(url);
    await chain.#look();
    return chain;
  }

  async #look() {
    const unknown = Object.keys(HAPPENINGS).find((name) => {
      const [section, method] = name.split('.');
      return !this.#api.events[section]?.[method];
    });
    if (unknown) throw new Error(`this chain has no event ${unknown}: it is of another version than tests/demo`);
    this.#pool = await poolNumber(this.#api, POOL_SYMBOL);
    const { terms } = (await this.#api.query.pools.poolInfos(this.#pool)).unwrap();
    const parameters = await this.#api.query.rewards.rewardParameters();
    /** What somebody who follows has to know: the device's pool, and times in seconds. */
    this.about = {
      pool: this.#pool,
      poolSymbol: POOL_SYMBOL,
      stakeSeconds: terms.provideSeconds.toNumber(),
      expectedGops: terms.benchmarkGops.toNumber(),
      epochSeconds: parameters.epochSeconds.toNumber(),
      fullAgeSeconds: parameters.multiplier.fullAgeSeconds.toNumber(),
      blockSeconds: this.#api.consts.babe.expectedBlockTime.toNumber() / 1000,
    };
  }

  /** Ends the connection. */
  disconnect() {
    return this.#api.disconnect();
  }

  /**
   * Shows every block from the present one on, in their order, but for the genesis.
   *
   * @param {(block: { number: number, time: number, epochEnd: number | null, happenings: object[] }) => void} see
   * @returns {Promise<void>} ends only with an error
   */
  follow(see) {
    return new Promise((_, reject) => {
      let [next, turn] = [null, Promise.resolve()];
      const catchUp = async (head) => {
        for (next ??= Math.max(head, 1); next <= head; next += 1) see(await this.#block(next));
      };
      this.#api.rpc.chain
        .subscribeNewHeads((head) => {
          turn = turn.then(() => catchUp(head.number.toNumber())).catch(reject);
        })
        .catch(reject);
    });
  }

  async #block(number) {
    const state = await this.#api.at(await this.#api.rpc.chain.getBlockHash(number));
    const [now, epoch, records] = await Promise.all([
      state.query.timestamp.now(),
      state.query.rewards.currentEpoch(),
      state.query.system.events(),
    ]);
    const happenings = records.flatMap(({ event }) => HAPPENINGS[`${event.section}.${event.method}`]?.(event.data) ?? []);
    return { number, time: Math.floor(now.toNumber() / 1000), epochEnd: epoch.isSome ? +epoch.value.end : null, happenings };
  }

  /**
   * How things are now.
   *
   * @param {number} device
   * @param {number | null} position the miner's, if it has one
   * @returns {Promise<{ isVerified: boolean, epoch: number, position: null | { isInPool: boolean, isOver: boolean } }>}
   */
  async state(device, position) {
    const [{ value: entry }, epoch, now, found] = await Promise.all([
      this.#api.query.devices.devices(device),
      this.#api.query.rewards.currentEpoch(),
      this.#api.query.timestamp.now(),
      position === null ? null : this.#api.query.stakes.positions(position),
    ]);
    return {
      isVerified: entry.standing.isVerified,
      epoch: epoch.isSome ? +epoch.value.index : 0,
      position: found?.isSome
        ? { isInPool: found.value.state.isProviding, isOver: now.toNumber() >= found.value.end.toNumber() * 1000 }
        : null,
    };
  }

  /** @returns {Promise<number>} the new device */
  async register(owner, { agentKey, endpoint, gpuId }) {
    const { devices } = this.#api.tx;
    const receipt = await this.#send(devices.registerDevice(this.#pool, agentKey, endpoint, gpuId), owner);
    return onlyEvent(receipt, this.#api.events.devices.DeviceRegistered).device.toNumber();
  }

  /** @returns {Promise<number>} the new certificate, which is good for one stake */
  async buyCertificate(owner) {
    const { stakes } = this.#api.tx;
    const receipt = await this.#send(stakes.burnForCertificate(this.#pool, this.about.stakeSeconds, UNBOUNDED), owner);
    return onlyEvent(receipt, this.#api.events.stakes.CertificateIssued).certificate.toNumber();
  }

  /** @returns {Promise<number>} the new position */
  async stake(owner, device, certificate) {
    const { stakes } = this.#api.tx;
    const receipt = await this.#send(stakes.stake(device, certificate, this.about.stakeSeconds, 'Provide'), owner);
    return onlyEvent(receipt, this.#api.events.stakes.Staked).position.toNumber();
  }

  addLiquidity(owner, position) {
    return this.#send(this.#api.tx.stakes.addLiquidity(position, UNBOUNDED), owner);
  }

  claim(owner, position) {
    return this.#send(this.#api.tx.stakes.claim(position), owner);
  }

  closePosition(owner, position) {
    return this.#send(this.#api.tx.stakes.close(position), owner);
  }

  /** @returns {Promise<bigint>} what a GPU-hour costs in the pool now, in planck */
  async price() {
    return (await this.#api.call.marketApi.pool(this.#pool)).unwrap().pricePerGpuHour.toBigInt();
  }

  /**
   * Rents the device that fits best.
   *
   * @returns {Promise<{ device: number, cost: bigint }>}
   */
  async rent(client, seconds) {
    const quote = await this.#api.call.marketApi.quoteRent(this.#pool, 1, seconds);
    if (quote.isErr) throw refusal(describeError(this.#api, quote.asErr));
    if (quote.asOk.devices.length === 0) throw new Refused('no device has so much time left.');
    const devices = [+quote.asOk.devices[0]];
    const { rentals } = this.#api.tx;
    const receipt = await this.#send(rentals.rent(this.#pool, devices, seconds, UNBOUNDED, ACCESS_KEY), client);
    const { amount, fee } = onlyEvent(receipt, this.#api.events.rentals.Rented);
    return { device: devices[0], cost: amount.toBigInt() + fee.toBigInt() };
  }

  async #send(transaction, signer) {
    const receipt = await submit(this.#api, transaction, signer);
    if (receipt.error === null) return receipt;
    const [section, name] = receipt.error.split('.');
    const docs = this.#api.errors[section]?.[name]?.meta.docs.join(' ').trim() ?? '';
    throw refusal({ name: receipt.error, docs });
  }
}

const refusal = ({ name, docs }) => new Refused(`${docs || 'The chain gives no reason.'} (${name})`);
