/**
 * A story of the market in which epochs bring rewards. Beside what every story of the market compares, all events of
 * rewards of all blocks must be those that the reference expects, in their order, and so must what there is on record
 * about rewards.
 */

import assert from 'node:assert/strict';

import { Keyring } from '@polkadot/api';
import { hexToU8a } from '@polkadot/util';

import { LOOPIN, SS58_PREFIX, alice, ferdie } from './accounts.mjs';
import { AGENT_KEY, attestation } from './attest.mjs';
import { marketCalls } from './market-calls.mjs';
import { CPU_POOL, MarketStory, SMALL_POOL, plain } from './market-story.mjs';
import { RewardedMarket } from './reward-market.mjs';
import { until } from './wait.mjs';

/** Whose the bond of the development chain's verifier is. */
export const verifier = new Keyring({ type: 'sr25519', ss58Format: SS58_PREFIX }).createFromUri('//Alice//stash', {
  name: 'verifier',
});
/** What the devices of a story are measured by, in Gop/s: a hundredth more or less can be told. */
export const BENCHMARK = 1_000n;
/** After how long an attestation that is neither in a block nor in the pool is lost. */
const LOST_MS = 5_000;
/** Seats of a committee, all of which the only verifier has. */
export const SEATS = 5n;
const PRIVACY_LIMIT = 25n;

/** A story with rewards. */
export class RewardStory extends MarketStory {
  /** The same, with those who take part unasked: the team, the verifier and the treasury. */
  static begin(scene, people) {
    return super.begin(scene, [ferdie, verifier, ...people]);
  }

  constructor(node, api) {
    super(node, api);
    this.call = { ...this.call, ...this.#rewardCalls() };
    this.keys = {
      events: api.query.system.events.key(),
      moment: api.query.timestamp.now.key(),
    };
    /** Events of rewards that were seen and not compared yet. */
    this.seen = [];
    this.factors = new Map();
    /** By device: what its epochs have brought. */
    this.rewarded = new Map();
    this.walked = null;
    /** Everything that happens to the reference, in its order, to be told again with some of it left out. */
    this.journal = [];
    /** Whether what happens now is to be marked as part of an attack. */
    this.isAttack = false;
  }

  /** Here rewards are minted. */
  async prepare() {}

  createMarket(genesis) {
    const treasury = this.api.consts.treasury.potAccount.toString();
    const market = new RewardedMarket({ ...genesis, treasury, team: ferdie.address });
    market.witness = (device, epoch) => this.factors.get(`${device} ${epoch}`);
    return market;
  }

  async issuanceOf({ query }) {
    return (await query.balances.totalIssuance()).toBigInt();
  }

  #rewardCalls() {
    const { tx } = this.api;
    const sudo = (call) => tx.sudo.sudo(call);
    return {
      settleRewards: (device) => ({ tx: tx.rewards.settle(device), apply: (market) => market.settleRewards(device) }),
      claimRewards: ({ address }) => ({ tx: tx.rewards.claim(address), apply: (market) => market.claimRewards(address) }),
      list: (pool, referencePrice, asked) => ({
        tx: sudo(tx.rewards.setListing(pool, referencePrice)),
        apply: (market) => market.list(pool, referencePrice, asked),
      }),
      addToHold: (amount) => ({
        tx: tx.rewards.addToHold(amount),
        apply: (market, signer) => market.addToHold(signer, amount),
      }),
      release: (amount) => ({ tx: tx.rewards.release(amount), apply: (market, signer) => market.release(signer, amount) }),
      payReleased: ({ address }) => ({
        tx: tx.rewards.payReleased(address),
        apply: (market) => market.payReleased(address),
      }),
      setPayout: (payout) => ({
        tx: tx.rewards.setPayout(payout),
        apply: (market, signer) => market.setPayout(signer, payout),
      }),
      setStopped: (stopped) => ({
        tx: sudo(tx.rewards.setStopped(stopped)),
        apply: (market) => market.setStopped(stopped),
      }),
      setEpochSeconds: (seconds, parameters) => ({
        tx: sudo(tx.rewards.setParameters({ ...parameters.toJSON(), epochSeconds: seconds })),
        apply: (market) => market.setEpochSeconds(seconds),
      }),
      transfer: ({ address }, amount) => ({
        tx: tx.balances.transferKeepAlive(address, amount),
        apply: (market, signer) => (market.move(signer, address, amount), {}),
      }),
      conclude: (round, device, verdict) => ({
        tx: tx.verification.conclude(round, device),
        apply: (market) => market.conclude(device, { ...verdict, votes: { [verifier.address]: SEATS } }),
      }),
    };
  }

  // Blocks.

  async moveTo(blockHash) {
    await super.moveTo(blockHash);
    await this.#walk(blockHash);
  }

  async beReady() {
    await super.beReady();
    await this.#walk(await this.node.rpc('chain_getBlockHash'));
  }

  /** Goes through all blocks until that one, as each of them may end an epoch. */
  async #walk(blockHash) {
    const number = Number((await this.node.rpc('chain_getHeader', blockHash)).number);
    if (this.walked === null) await this.#firstStep();
    const numbers = Array.from({ length: number - this.walked.number }, (_, index) => this.walked.number + 1 + index);
    const blocks = await Promise.all(numbers.map((each) => this.#block(each)));
    for (const { number: each, moment, events } of blocks) {
      this.market.now = this.walked.moment;
      this.market.beginBlock();
      this.journal.push({ now: this.walked.moment, does: (market) => market.beginBlock() });
      this.walked = { number: each, moment };
      for (const { event } of events) {
        if (event.section === 'rewards') this.#see(event);
        if (event.section === 'verification' && event.method === 'RoundBegan') this.#began();
      }
    }
    this.market.now = this.walked.moment;
  }

  /** What the reference has to know of the first block: the chain's pool is listed, and the treasury has something. */
  async #firstStep() {
    const { moment } = await this.#block(1);
    const state = await this.api.at(await this.node.blockHash(1));
    assert.ok((await state.query.rewards.currentEpoch()).isNone, 'the first epoch has not begun');
    this.walked = { number: 1, moment };
    this.market.list(CPU_POOL.id, LOOPIN / 10n, { benchmark: 1n, privacyLimit: PRIVACY_LIMIT });
    const { treasury } = this.market;
    await this.introduce(state, { address: treasury, meta: { name: 'treasury' } });
  }

  async #block(number) {
    const hash = await this.node.blockHash(number);
    const [events, moment] = await Promise.all(
      [this.keys.events, this.keys.moment].map((key) => this.node.rpc('state_getStorage', key, hash)),
    );
    return {
      number,
      moment: this.api.createType('u64', hexToU8a(moment)).toBigInt() / 1_000n,
      events: this.api.createType('Vec<FrameSystemEventRecord>', events),
    };
  }

  /** A round has begun, in a block that has ended no later epoch. */
  #began() {
    this.#note((market) => market.roundBegan());
    this.market.roundBegan();
  }

  #see({ method, data }) {
    this.seen.push({ method, data });
    if (method === 'DeviceRewarded') this.#keep(data);
  }

  #keep(data) {
    const { epoch, ...reward } = plain(data, { epoch: 0, standard: 0n, paid: 0n });
    const device = data.device.toNumber();
    const none = { time: 0n, loyalty: 0n, privacy: 0n, work: 0n };
    const factors = data.factors.isSome ? plain(data.factors, none) : null;
    if (!this.rewarded.has(device)) this.rewarded.set(device, new Map());
    this.rewarded.get(device).set(epoch, { ...reward, factors });
    if (factors) this.factors.set(`${device} ${epoch}`, factors);
  }

  does(signer, ...calls) {
    return super.does(signer, ...calls.map(({ tx, apply }) => ({ tx, apply: this.#noted(apply) })));
  }

  #noted(apply) {
    return (market, signer, receipt) => {
      this.#note((other) => apply(other, signer, receipt), this.isAttack);
      return apply(market, signer, receipt);
    };
  }

  #note(does, isAttack = false) {
    this.journal.push({ now: this.market.now, does, isAttack });
  }

  async settled(receipt, signer) {
    const { address } = signer;
    // Even who does not attack is to pay these, so that they are not what makes the difference.
    this.#note((market) => market.move(address, alice.address, receipt.fee));
    await super.settled(receipt, signer);
  }

  /** What everything since that place in the journal would have made of the market as it was then. */
  retold(market, since, { attacks }) {
    const other = market.copy();
    other.witness = null;
    for (const { now, does, isAttack } of this.journal.slice(since)) {
      if (isAttack && !attacks) continue;
      other.now = now;
      does(other);
    }
    return other;
  }

  async compare(blockHash) {
    const { expected } = this.market;
    // Pools that nobody provides to have no part, and are not the reference's business.
    const isOurs = ({ method, data }) => method !== 'PoolRewarded' || this.market.listings.has(data.pool.toNumber());
    const seen = this.seen.filter(isOurs);
    const told = seen.map(({ method, data }, index) => {
      return { name: method, fields: plain(data, expected[index]?.fields ?? {}) };
    });
    assert.deepEqual(told, expected, 'the events of rewards');
    this.seen = [];
    this.market.expected = [];
    await super.compare(blockHash);
    await this.#compareRewards(await this.at(blockHash));
  }

  async #compareRewards({ call, query }) {
    const { market } = this;
    const addresses = [...market.parties.keys()];
    const [supply, epoch, accounts, loyalties, locks] = await Promise.all([
      query.rewards.supply(),
      query.rewards.currentEpoch(),
      query.rewards.accounts.multi(addresses),
      Promise.all(addresses.map((address) => call.rewardsApi.loyalty(address))),
      query.rewards.teamLocks(market.team),
    ]);
    const { endowed, emitted, minted, withheld, treasuryDue, teamDue } = market;
    const expected = { endowed, emitted, minted, withheld, treasuryDue, teamDue };
    assert.deepEqual(plain(supply, expected), expected, 'where LOOPIN comes from');
    assert.deepEqual(plain(epoch, market.epoch), market.epoch, 'the epoch');
    assert.deepEqual(locks.map((lock) => plain(lock, { amount: 0n, until: 0n })), market.teamLocks, 'the team\'s locks');
    addresses.forEach((address, index) => {
      const of = `what rewards know of ${this.names.get(address)}`;
      const { accrued } = market.account(address);
      assert.deepEqual(plain(accounts[index].accrued, accrued), accrued, of);
      const { releases, ...loyalty } = market.loyalty(address);
      assert.deepEqual(plain(loyalties[index], loyalty), loyalty, of);
      const waiting = loyalties[index].releases.map((release) => plain(release, { amount: 0n, until: 0n }));
      assert.deepEqual(waiting, releases, `what ${this.names.get(address)} has released`);
    });
  }

  // What stories need.

  /** The moment at which the running epoch ends. */
  get epochEnd() {
    return this.market.epoch.end;
  }

  /** Time passes until so many epochs more are closed. */
  async passEpochs(count = 1) {
    const index = this.market.epoch.index + count;
    const seconds = this.epochEnd + BigInt(count - 1) * this.market.parameters.epochSeconds - this.now;
    await this.jump(seconds > 1n ? seconds : 1n);
    while (this.market.epoch.index < index) {
      await this.createBlock();
      await this.beReady();
    }
    await this.compare(await this.node.rpc('chain_getBlockHash'));
  }

  /** Epochs last so long from now on, and the first such epoch begins. */
  async beginEpochs(seconds) {
    const parameters = await this.api.query.rewards.rewardParameters();
    await this.does(alice, this.call.setEpochSeconds(seconds, parameters));
    await this.passEpochs();
    // The one that ran has kept its end, and the next has the new length.
    assert.equal(this.market.epoch.end - this.market.epoch.start, seconds);
  }

  /** The node stops, and starts again. polkadot-js takes a new connection. */
  async restart(scene) {
    await scene.disconnect(this.api);
    await this.node.stop();
    await this.node.start();
    this.api = await scene.connect(this.node);
    this.call = { ...marketCalls(this.api), ...this.#rewardCalls() };
    this.last = null;
  }

  /** Pools of which the devices have to do work that can be told apart, listed at these reference prices. */
  async createListedPools(creator, referencePrices, changes = {}) {
    const { terms } = (await this.api.query.pools.poolInfos(CPU_POOL.id)).unwrap();
    const asked = { ...terms.toJSON(), benchmarkGops: Number(BENCHMARK), ...changes.terms };
    const first = Math.max(...this.market.pools.keys()) + 1;
    const pools = referencePrices.map((_, index) => {
      const id = first + index;
      return this.withAddress({ ...SMALL_POOL, ...changes.pool, symbol: `pool${id}`, id });
    });
    await this.does(creator, ...pools.map((pool) => this.call.createPool(pool, asked)));
    const required = { benchmark: BENCHMARK, privacyLimit: PRIVACY_LIMIT };
    await this.does(alice, ...pools.map(({ id }, index) => this.call.list(id, referencePrices[index], required)));
    return pools.map(({ id }) => id);
  }

  /** Devices that are registered, each of an owner and in a pool. Returns their numbers. */
  async register(owner, ...pools) {
    const first = this.market.devices.length;
    const calls = pools.map((pool) => this.call.registerDevice(pool, `rewarded ${(this.gpus += 1)}`, undefined, AGENT_KEY));
    await this.does(owner, ...calls);
    return pools.map((_, index) => first + index);
  }

  /** A device is staked and provided in one block. Returns the number of its position. */
  async provide(owner, device, seconds = 600n) {
    const position = this.market.positions.length;
    await this.does(owner, ...this.staking(device, seconds, 'Provide'), this.call.addLiquidity(position));
    return position;
  }

  /** A round begins, and the time comes at which its devices compute. Returns its number. */
  async openRound() {
    const { verification } = this.api.query;
    for (;;) {
      const number = (await verification.currentRound()).toNumber();
      const round = (await verification.rounds(number)).unwrapOr(null);
      const hasAll = round && round.deviceBound.toNumber() === this.market.devices.length;
      if (hasAll && number > (this.round ?? 0)) {
        const { fillAt } = round.window;
        if (this.next >= fillAt.toBigInt() && this.next + 18n < round.closesAt.toBigInt()) {
          this.round = number;
          return number;
        }
      }
      await this.createBlock();
      await this.beReady();
    }
  }

  /**
   * The verifier challenges devices in a round of its own, and each gets its verdict.
   *
   * @param {Map<number, object>} votes by device
   */
  async verify(votes) {
    const round = await this.openRound();
    const duties = await Promise.all([...votes].map(([device, vote]) => this.#duty(round, device, vote)));
    const attest = (few) =>
      Promise.all(few.map((duty) => this.node.rpc('author_submitExtrinsic', attestation(this.api, duty))));
    await attest(duties);
    let told = Date.now();
    const keys = duties.map(({ device }) => [round, device, verifier.address]);
    await until('all attestations are in blocks', 30, async () => {
      const found = await this.api.query.verification.attestations.multi(keys);
      const missing = duties.filter((_, index) => found[index].isNone);
      if (missing.length === 0) return true;
      // The block of a session change has no room for them.
      if ((await this.node.rpc('author_pendingExtrinsics')).length > 0) await this.createBlock();
      // The pool can lose one that comes while a block is made. A verifier's node tells the chain again as well.
      else if (Date.now() - told > LOST_MS) {
        await attest(missing);
        told = Date.now();
      }
      return false;
    });
    await this.beReady();
    const calls = duties.map(({ device, kind, vote }) => this.call.conclude(round, device, verdictOf(kind, vote)));
    return this.does(alice, ...calls);
  }

  async #duty(round, device, vote) {
    const challenge = (await this.api.call.verificationApi.challengeOf(device)).unwrap();
    const { roundSeed, profile } = challenge;
    const kind = challenge.kind.type;
    return { round, roundSeed: roundSeed.toU8a(), device, verifier: verifier.address, kind, profile: profile.toU8a(), vote };
  }
}

function verdictOf(kind, { Pass, Fail }) {
  if (Pass) return { verdict: 'Passed', kind, shown: { work: BigInt(Pass.work), privacy: BigInt(Pass.privacy) } };
  return { verdict: Fail ? 'Failed' : 'Inconclusive', kind };
}
