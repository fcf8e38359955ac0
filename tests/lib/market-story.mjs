/**
 * A story of the market: a node whose blocks and time are made on demand, and beside it the reference. After every
 * step everything that anybody has is compared, to the planck.
 */

import assert from 'node:assert/strict';

import { stringToU8a, u8aConcat } from '@polkadot/util';
import { encodeAddress } from '@polkadot/util-crypto';

import { LOOPIN, SS58_PREFIX, alice } from './accounts.mjs';
import { describeError, poolNumber, submit, submitOk } from './client.mjs';
import { marketCalls } from './market-calls.mjs';
import { ReferenceMarket } from './market.mjs';

const SLOT_SECONDS = 6n;
/** So many blocks more than the machine's clock has slots keep the time of the next block from depending on it. */
const BLOCKS_AHEAD = 6;

/** The pool of the development chain for devices that every computer is. Its number, `id`, is the chain's to say. */
export const CPU_POOL = {
  name: 'CPU reference device',
  symbol: 'cpu',
  anchor: 10_000n * LOOPIN,
  pricePerGpuHour: LOOPIN / 10n,
};

/** A pool hardly larger than the smallest, with a price that nothing divides. */
export const SMALL_POOL = {
  name: 'Small reference device',
  anchor: 12_345_678_901_234_567n,
  pricePerGpuHour: 1_999_999_999_999_993n,
};

/** The account of a pool, from the constant `palletId` and the pool's number. */
export function poolAddress(palletId, pool) {
  const bytes = new Uint8Array(32);
  bytes.set(u8aConcat(stringToU8a('modl'), palletId, new Uint8Array(new Uint32Array([pool]).buffer)));
  return encodeAddress(bytes, SS58_PREFIX);
}

/** A decoded value in the reference's terms: numbers as BigInt, variants by name, no value as null. */
export function plain(codec, like) {
  if (typeof like === 'bigint') return codec.toBigInt();
  if (typeof like === 'number') return codec.toNumber();
  if (like === null) return codec.isSome ? codec.unwrap().toString() : null;
  const value = codec.isSome ? codec.unwrap() : codec;
  if (typeof like === 'bigint') return value.toBigInt();
  if (Array.isArray(like)) return value.map((entry) => entry.toNumber());
  if (typeof like === 'object') {
    return Object.fromEntries(Object.entries(like).map(([key, expected]) => [key, plain(value[key], expected)]));
  }
  return value.toString();
}

/** What is compared of a pool. */
const poolView = (state) => ({
  moment: state.updatedAt,
  reserve: state.reserve,
  gpuSeconds: state.gpuSeconds,
  idleGpuSeconds: state.idleSeconds,
  idleDevices: Number(state.idleDevices),
  providerDevices: Number(state.providerDevices),
  pricePerGpuHour: state.pricePerGpuHour,
  meanPricePerGpuHour: state.meanPricePerGpuHour,
  owed: state.owed,
  rentedVolume: state.rentedVolume,
  soldVolume: state.soldVolume,
});

/** A chain, the reference, and the people. */
export class MarketStory {
  /**
   * @param {import('./scene.mjs').Scene} scene
   * @param {import('@polkadot/keyring/types').KeyringPair[]} people who takes part, besides Alice
   */
  static async begin(scene, people) {
    // The story's devices have no agents, so nobody shall challenge them: verdicts come by hand.
    const args = ['--dev', '--base-path', scene.path('data'), '--sealing=instant', '--offchain-worker=never'];
    const node = scene.node('dev', args);
    await node.start();
    const api = await scene.connect(node);
    const story = new this(node, api);
    await story.prepare();
    await story.#readGenesis([alice, ...people]);
    await story.#runAhead();
    return story;
  }

  /** Nothing is minted: emission has tests of its own, and the story is about what people pay each other. */
  async prepare() {
    await submitOk(this.api, this.api.tx.sudo.sudo(this.api.tx.rewards.setStopped(true)), alice);
  }

  /** The reference, as the chain is now. */
  createMarket(genesis) {
    return new ReferenceMarket(genesis);
  }

  /** Reads what a receipt says that the reference has to know before it. */
  hear() {}

  constructor(node, api) {
    this.node = node;
    this.api = api;
    /** What can be done: each with a transaction, and what it does to the reference. */
    this.call = marketCalls(api);
    this.names = new Map();
    this.gpus = 0;
  }

  async #readGenesis(people) {
    const state = await this.at(await this.createBlock());
    this.market = this.createMarket({
      issuance: await this.issuanceOf(state),
      now: await this.momentOf(state),
    });
    this.palletId = this.api.consts.pools.palletId.toU8a();
    for (const person of people) await this.introduce(state, person);
    CPU_POOL.id = await poolNumber(this.api, CPU_POOL.symbol);
    // It has begun with the second block, the first that knows the time.
    const { createdAt } = (await state.query.pools.poolInfos(CPU_POOL.id)).unwrap();
    this.market.addPool(CPU_POOL.id, this.withAddress(CPU_POOL), createdAt.toBigInt());
  }

  /** Somebody takes part with what there is in that state. */
  async introduce({ query }, person) {
    const { free } = (await query.system.account(person.address)).data;
    this.meet(person, free.toBigInt());
    const { holds } = this.market.party(person.address);
    for (const hold of await query.balances.holds(person.address)) holds.set(...holdEntry(hold));
  }

  /** Somebody takes part from now on. */
  meet({ address, meta }, free) {
    this.market.addParty(address, free);
    this.names.set(address, meta.name);
  }

  withAddress(pool) {
    const address = poolAddress(this.palletId, pool.id);
    this.names.set(address, `pool ${pool.symbol}`);
    return { ...pool, address };
  }

  /** The present moment: that of the last block, in Unix seconds. */
  get now() {
    return this.market.now;
  }

  /** The moment of the next block that a transaction makes. */
  get next() {
    return (this.milliseconds / 6_000n + 1n) * SLOT_SECONDS;
  }

  /** The pool at the moment of the next block. */
  nextPool(id) {
    return this.market.poolAt(id, this.next);
  }

  async momentOf(state) {
    this.milliseconds = (await state.query.timestamp.now()).toBigInt();
    return this.milliseconds / 1_000n;
  }

  /** The state after a block. polkadot-js takes its time to prepare it, so it is kept for as long as it is the last. */
  async at(blockHash) {
    if (this.last?.blockHash !== blockHash) this.last = { blockHash, state: await this.api.at(blockHash) };
    return this.last.state;
  }

  async createBlock() {
    return (await this.node.rpc('engine_createBlock', true, true)).hash;
  }

  /** Makes blocks until the time of the next one follows from that of the last. */
  async #runAhead() {
    for (let made = 0; made < BLOCKS_AHEAD; made += 1) await this.createBlock();
    await this.beReady();
  }

  /**
   * The block of a session change has no room for transactions, nor for trying one on its state: it is made now if it
   * would be the next, and another one after it.
   */
  async beReady() {
    for (;;) {
      const state = await this.at(await this.node.rpc('chain_getBlockHash'));
      this.market.now = await this.momentOf(state);
      const { startSlot, duration } = await state.call.babeApi.currentEpoch();
      if (this.next / SLOT_SECONDS < startSlot.toBigInt() + duration.toBigInt()) return;
      await this.createBlock();
      await this.createBlock();
    }
  }

  /**
   * Somebody does something, which must succeed, at the moment `next`; several calls happen in one block.
   *
   * @param {import('@polkadot/keyring/types').KeyringPair} signer
   * @param {...{ tx: object, apply: (market: ReferenceMarket, signer: string, receipt: object) => object }} calls
   *   each with what it does to the reference, which returns the events that it expects
   * @returns {Promise<import('./client.mjs').Receipt>}
   */
  async does(signer, ...calls) {
    const transactions = calls.map(({ tx }) => tx);
    const transaction = calls.length === 1 ? transactions[0] : this.api.tx.utility.batchAll(transactions);
    const expectedMoment = this.next;
    const receipt = await submitOk(this.api, transaction, signer);
    await this.moveTo(receipt.blockHash);
    assert.equal(this.now, expectedMoment, 'the time of the block is the one foreseen');
    this.hear(receipt);
    const issuance = this.market.issuance;
    for (const { apply } of calls) this.#expectEvents(receipt, apply(this.market, signer.address, receipt) ?? {});
    const minted = this.#minted(receipt);
    assert.equal(this.#burned(receipt), issuance + minted - this.market.issuance, 'what events say was burned');
    await this.settled(receipt, signer);
    return receipt;
  }

  /**
   * Somebody tries something that is refused, and nothing changes but for the fee.
   *
   * @param {import('@polkadot/keyring/types').KeyringPair} signer
   * @param {{ tx: object }} call
   * @param {string} error
   */
  async refused(signer, { tx }, error) {
    const receipt = await submit(this.api, tx, signer);
    const sudid = receipt.events.find((event) => this.api.events.sudo.Sudid.is(event));
    const inner = sudid?.data.sudoResult.isErr ? describeError(this.api, sudid.data.sudoResult.asErr).name : null;
    assert.equal(receipt.error ?? inner, error);
    assert.equal(this.#burned(receipt), 0n);
    await this.moveTo(receipt.blockHash);
    await this.settled(receipt, signer);
  }

  /**
   * Somebody tries many things in one block, each of which is refused.
   *
   * @param {import('@polkadot/keyring/types').KeyringPair} signer
   * @param {[call: { tx: object }, error: string][]} attempts
   */
  async refusedAll(signer, attempts) {
    const batch = this.api.tx.utility.forceBatch(attempts.map(([{ tx }]) => tx));
    const receipt = await submit(this.api, batch, signer);
    const { ItemFailed, ItemCompleted } = this.api.events.utility;
    const results = receipt.events
      .filter((event) => ItemFailed.is(event) || ItemCompleted.is(event))
      .map((event) => (ItemFailed.is(event) ? describeError(this.api, event.data.error).name : 'accepted'));
    const name = ({ tx: { method } }) => `${method.section}.${method.method}(${method.args.join(', ').slice(0, 100)})`;
    const label = (index, result) => `${name(attempts[index][0])}: ${result}`;
    assert.deepEqual(
      results.map((result, index) => label(index, result)),
      attempts.map(([, error], index) => label(index, error)),
    );
    assert.equal(this.#burned(receipt), 0n);
    await this.moveTo(receipt.blockHash);
    await this.settled(receipt, signer);
  }

  /** What a dry run on the present state says: the name of the error, or null. */
  async tries(signer, { tx }) {
    const result = await tx.dryRun(signer, { era: 0 });
    assert.ok(result.isOk, 'the transaction is valid');
    return result.asOk.isOk ? null : describeError(this.api, result.asOk.asErr).name;
  }

  /** Time passes, and nobody does anything. */
  async jump(seconds) {
    await this.node.rpc('dev_jumpForward', Number(seconds));
    const hash = await this.node.rpc('chain_getBlockHash');
    await this.moveTo(hash);
    await this.compare(hash);
    await this.#runAhead();
  }

  /** Time passes until the next block is made at that moment, or soon after it. */
  async jumpUntil(moment) {
    const margin = BigInt(BLOCKS_AHEAD + 4) * SLOT_SECONDS;
    if (moment - this.now > margin) await this.jump(moment - this.now - margin);
    while (this.next < moment) {
      await this.createBlock();
      await this.beReady();
    }
  }

  async moveTo(blockHash) {
    this.market.now = await this.momentOf(await this.at(blockHash));
  }

  /** The signer pays the fee to the author, and everything is compared. */
  async settled({ blockHash, fee }, signer) {
    this.market.move(signer.address, alice.address, fee);
    await this.compare(blockHash);
    await this.beReady();
  }

  /** What the events of a transaction say was burned. */
  #burned({ events }) {
    const { pools, stakes, rentals } = this.api.events;
    let sum = 0n;
    for (const event of events) {
      if (pools.Burned.is(event)) sum += event.data.amount.toBigInt();
      if (stakes.CertificateIssued.is(event)) sum += event.data.burned.toBigInt();
      if (rentals.ReportClosed.is(event) && event.data.outcome.isRefuted) sum += event.data.deposit.toBigInt();
    }
    return sum;
  }

  /** What the events of a transaction say was minted. */
  #minted({ events }) {
    return events
      .filter((event) => this.api.events.rewards.Paid.is(event))
      .flatMap(({ data: { mining, renting, verifying } }) => [mining, renting, verifying])
      .reduce((sum, amount) => sum + amount.toBigInt(), 0n);
  }

  #expectEvents({ events }, expected) {
    for (const [name, fields] of Object.entries(expected)) {
      const seen = events.filter(({ section, method }) => `${section}.${method}` === name);
      assert.ok(seen.length > 0, `the event ${name} is missing`);
      const found = seen.map(({ data }) => plain(data, fields));
      if (found.length === 1) assert.deepEqual(found[0], fields, name);
      else assert.ok(found.some((one) => same(one, fields)), `${name}: none of several is the expected one`);
    }
  }

  /** What there would be without the rewards that epochs have brought since the genesis: the reference has none. */
  async issuanceOf({ query }) {
    const [issuance, { minted }] = await Promise.all([query.balances.totalIssuance(), query.rewards.supply()]);
    const { mining, renting, verifying } = minted.earned;
    const rewards = [mining, renting, verifying, minted.treasury, minted.team];
    return rewards.reduce((rest, amount) => rest - amount.toBigInt(), issuance.toBigInt());
  }

  /** Compares everything that anybody has, and every pool, after a block. */
  async compare(blockHash) {
    const { market } = this;
    const state = await this.at(blockHash);
    const { query } = state;
    const addresses = [...market.parties.keys()];
    const pools = [...market.pools.keys()];
    const pairs = addresses.flatMap((address) => pools.map((pool) => [pool, address]));
    const [accounts, holds, hours, supplies, issuance, totals, views] = await Promise.all([
      query.system.account.multi(addresses),
      query.balances.holds.multi(addresses),
      query.assets.account.multi(pairs),
      query.assets.asset.multi(pools),
      this.issuanceOf(state),
      query.rentals.clientTotals.multi(addresses),
      Promise.all(pools.map((pool) => state.call.marketApi.pool(pool))),
    ]);
    const seen = { issuance, parties: {}, pools: {}, supplies: {} };
    const expected = { issuance: market.issuance, parties: {}, pools: {}, supplies: {} };
    const noTotals = { consumedAmount: 0n, feesBurned: 0n };
    addresses.forEach((address, index) => {
      const name = this.names.get(address);
      const { free, reserved } = accounts[index].data;
      seen.parties[name] = {
        free: free.toBigInt(),
        reserved: reserved.toBigInt(),
        holds: sorted(holds[index].map((hold) => holdEntry(hold))),
        hours: Object.fromEntries(pools.map((pool, offset) => [pool, hoursOf(hours[index * pools.length + offset])])),
        totals: plain(totals[index], noTotals),
      };
      const party = market.party(address);
      const onHold = [...party.holds].filter(([, amount]) => amount > 0n);
      expected.parties[name] = {
        free: party.free,
        reserved: party.reserved + onHold.reduce((sum, [, amount]) => sum + amount, 0n),
        holds: sorted(onHold),
        hours: Object.fromEntries(pools.map((pool) => [pool, party.hours.get(pool) ?? 0n])),
        totals: market.totals.get(address) ?? noTotals,
      };
    });
    pools.forEach((pool, index) => {
      expected.pools[pool] = poolView(market.poolAt(pool, market.now));
      seen.pools[pool] = plain(views[index], expected.pools[pool]);
      expected.supplies[pool] = Object.values(expected.parties).reduce((sum, party) => sum + party.hours[pool], 0n);
      seen.supplies[pool] = supplies[index].unwrap().supply.toBigInt();
    });
    assert.deepEqual(seen, expected);
  }

  // What most stories begin with.

  /** Small pools with the terms of the one for CPUs, made in one block. Returns their numbers. */
  async createSmallPools(creator, ...symbols) {
    const { terms } = (await this.api.query.pools.poolInfos(CPU_POOL.id)).unwrap();
    const first = Math.max(...this.market.pools.keys()) + 1;
    const pools = symbols.map((symbol, index) => this.withAddress({ ...SMALL_POOL, symbol, id: first + index }));
    await this.does(creator, ...pools.map((pool) => this.call.createPool(pool, terms)));
    return pools.map(({ id }) => id);
  }

  /** One such pool. */
  async createSmallPool(creator) {
    const [pool] = await this.createSmallPools(creator, 'small');
    return pool;
  }

  /** A device that is registered and has passed. Returns its number. */
  async device(owner, pool) {
    this.gpus += 1;
    await this.does(owner, this.call.registerDevice(pool, this.gpus));
    const device = this.market.devices.length - 1;
    await this.verdict(device, 'Passed');
    return device;
  }

  /** A verdict is recorded by hand, by the sudo key. */
  verdict(device, verdict) {
    return this.does(alice, this.call.recordVerdict(device, verdict));
  }

  /** Calls that stake a device for so many seconds, with a certificate of its own. */
  staking(device, seconds, intent) {
    const { certificates, devices } = this.market;
    const { pool } = devices[device];
    return [
      this.call.burnForCertificate(pool, seconds),
      this.call.stake(device, certificates.length, seconds, intent),
    ];
  }

  /** A device that is provided. Returns its number and that of its position. */
  async provider(owner, pool) {
    const device = await this.device(owner, pool);
    const position = this.market.positions.length;
    await this.does(owner, ...this.staking(device, 600n, 'Provide'), this.call.addLiquidity(position));
    return { device, position };
  }

  /** A device of which so many seconds are sold. Returns its number and that of its position. */
  async seller(owner, pool, staked, sold) {
    const device = await this.device(owner, pool);
    const position = this.market.positions.length;
    await this.does(owner, ...this.staking(device, staked, 'Sell'), this.call.sellHours(position, sold));
    return { device, position };
  }
}

const holdEntry = ({ id, amount }) => [`${id.type}.${id.value.type}`, amount.toBigInt()];
const hoursOf = (account) => (account.isSome ? account.unwrap().balance.toBigInt() : 0n);
const sorted = (entries) => Object.fromEntries([...entries].sort(([a], [b]) => a.localeCompare(b)));

function same(seen, expected) {
  try {
    assert.deepEqual(seen, expected);
    return true;
  } catch {
    return false;
  }
}
