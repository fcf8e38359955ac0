/**
 * The market and its rewards: who earns what, and when it is minted. Like the market itself it is written from the
 * protocol and the chain's documentation. It says block by block which events of rewards it expects.
 */

import { ReferenceMarket } from './market.mjs';
import {
  HISTORY_EPOCHS, ONE, PARAMETERS, emission, factorsOf, isFaithful, lowerMedian, partsByWeight, productOf,
  ratePerSecond, rewardAtRate, secondsThatCount, sharedPart, splitEmission, usablePrice,
} from './reward-reference.mjs';

const max = (a, b) => (a > b ? a : b);
const min = (a, b) => (a < b ? a : b);
/** Seconds that two times have in common. */
const overlap = (one, other) => max(min(one.until, other.until) - max(one.from, other.from), 0n);
const nothingEarned = () => ({ mining: 0n, renting: 0n, verifying: 0n });
const noShares = () => ({ Client: 0n, Verifier: 0n });

/** A copy of what a market knows, however deep. */
function copied(value) {
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.copy === 'function') return value.copy();
  if (value instanceof Map) return new Map([...value].map(([key, entry]) => [key, copied(entry)]));
  if (Array.isArray(value)) return value.map(copied);
  const copy = Object.create(Object.getPrototypeOf(value));
  for (const [key, entry] of Object.entries(value)) copy[key] = copied(entry);
  return copy;
}

/** Nothing has been found out in that epoch. `rentedSince`: whether it was rented after its last full pass. */
const nothingShown = (epoch, rentedSince = false) => {
  return { epoch, works: [], privacy: 0n, age: 0n, failed: false, rentedSince };
};

/** A market whose epochs bring rewards. */
export class RewardedMarket extends ReferenceMarket {
  constructor(genesis) {
    super(genesis);
    this.endowed = genesis.issuance;
    this.treasury = genesis.treasury;
    this.team = genesis.team;
    this.parameters = { ...PARAMETERS };
    /** Events of rewards that are to be seen: name and fields. */
    this.expected = [];
    /** What the chain says of each reward, to be checked; without it the reference's own factors are used. */
    this.witness = null;
    /** Begins with the first block that knows the time. */
    this.epoch = null;
    this.emitted = 0n;
    this.minted = { earned: nothingEarned(), treasury: 0n, team: 0n };
    this.withheld = { multiplier: 0n, failed: 0n, capped: 0n };
    this.treasuryDue = 0n;
    this.teamDue = 0n;
    this.stopped = false;
    /** Fees of sales, which are burned. */
    this.saleFees = 0n;
    /** By pool: weight, where its epoch began, the price used before, and what is asked of devices. */
    this.listings = new Map();
    /** By epoch: a map of pools, and what there is for clients and verifiers. */
    this.poolEpochs = new Map();
    this.budgets = new Map();
    /** By party and account: what they have to show for the last epoch in which they did something. */
    this.shares = new Map();
    this.totalShares = noShares();
    /** By device: owner, pool, performance, epochs that are not settled, and until when it was rented last. */
    this.miners = new Map();
    /** When devices were provided: for ever, as nothing else says whether the chain forgets too much. */
    this.intervals = [];
    this.accounts = new Map();
  }

  account(address) {
    const account = this.accounts.get(address) ?? { accrued: nothingEarned(), minted: 0n, liquidity: 0n };
    this.accounts.set(address, account);
    return account;
  }

  /** @returns {RewardedMarket} one that goes its own way */
  copy() {
    const copy = new RewardedMarket({ issuance: this.issuance, now: this.now });
    for (const [key, value] of Object.entries(this)) copy[key] = copied(value);
    return copy;
  }

  // Epochs.

  /** What happens at the beginning of a block: `now` is the time of the block before. */
  beginBlock() {
    if (this.epoch === null) this.#beginFirst();
    else if (this.now >= this.epoch.end) this.#close(this.epoch);
  }

  #beginFirst() {
    this.epoch = { index: 0, start: this.now, end: this.now + this.parameters.epochSeconds };
    for (const [pool, listing] of this.listings) listing.mark = this.#mark(pool, this.now);
    this.#expect('EpochBegan', { epoch: 0, start: this.now });
  }

  /** A pool shares in rewards from now on. */
  list(pool, weight, { benchmark, privacyLimit }) {
    const mark = this.epoch === null ? null : this.#mark(pool, this.now);
    this.listings.set(pool, { weight, mark, price: null, benchmark, privacyLimit });
    if (mark !== null) this.#expect('ListingChanged', { pool, weight: Number(weight) });
    return {};
  }

  /** The pool at that moment, or where it has come to already. */
  #mark(pool, at) {
    const { state } = this.pools.get(pool);
    if (state.updatedAt < at) this.poolAccount(pool).addHours(pool, -state.sync(at));
    const { updatedAt: moment, reserveIntegralDoubled: reserve, secondsIntegralDoubled: seconds } = state;
    return { moment, reserve, seconds };
  }

  #close(epoch) {
    const amount = emission(this.parameters, epoch.index, this.endowed + this.emitted);
    const parts = splitEmission(this.parameters, amount);
    this.emitted += amount;
    this.treasuryDue += parts.treasury;
    this.teamDue += parts.team;
    this.#expect('EpochClosed', { epoch: epoch.index, emission: amount, parts });
    this.#rewardPools(epoch, parts.miners);
    const budget = (budgetAmount, total) => ({ amount: budgetAmount, total, left: budgetAmount });
    this.budgets.set(epoch.index, {
      Client: budget(parts.clients, this.totalShares.Client),
      Verifier: budget(parts.verifiers, this.totalShares.Verifier),
    });
    this.totalShares = noShares();
    this.budgets.delete(epoch.index - HISTORY_EPOCHS);
    this.poolEpochs.delete(epoch.index - HISTORY_EPOCHS);
    this.epoch = { index: epoch.index + 1, start: epoch.end, end: epoch.end + this.parameters.epochSeconds };
    this.#payTreasury();
    if (this.epoch.index % this.parameters.teamBatchEpochs === 0) this.#payTeam();
  }

  #rewardPools(epoch, budget) {
    const measured = [...this.listings].sort(([a], [b]) => a - b).map(([pool, listing]) => {
      const before = listing.mark;
      listing.mark = this.#mark(pool, epoch.end);
      const seconds = listing.mark.seconds - before.seconds;
      const mean = seconds === 0n
        ? this.pools.get(pool).state.pricePerGpuHour
        : ((listing.mark.reserve - before.reserve) * 3_600n) / seconds;
      listing.price = usablePrice(this.parameters, mean, listing.price);
      const time = { from: before.moment, until: listing.mark.moment };
      const providerSeconds = this.intervals
        .filter((interval) => interval.pool === pool)
        .reduce((sum, interval) => sum + overlap(interval, time), 0n);
      const counted = secondsThatCount(providerSeconds, time.until - time.from, epoch.end - epoch.start);
      const weight = listing.weight * listing.price * counted;
      return { pool, ...time, price: listing.price, providerSeconds, weight };
    });
    const parts = partsByWeight(budget, measured.map(({ weight }) => weight));
    this.poolEpochs.set(epoch.index, new Map(measured.map(({ pool, from, until, price, providerSeconds }, index) => {
      const amount = parts[index];
      this.#expect('PoolRewarded', { pool, epoch: epoch.index, price, providerSeconds, part: amount });
      return [pool, { from, until, rate: ratePerSecond(amount, providerSeconds), left: amount }];
    })));
  }

  // Minting.

  #mint(address, amount) {
    this.party(address).free += amount;
    this.issuance += amount;
  }

  #payTreasury() {
    const amount = this.treasuryDue;
    if (amount === 0n || this.stopped) return;
    this.#mint(this.treasury, amount);
    this.minted.treasury += amount;
    this.treasuryDue = 0n;
    this.#expect('TreasuryPaid', { amount });
  }

  #payTeam() {
    const amount = this.teamDue;
    if (amount === 0n || this.stopped) return;
    this.#mint(this.team, amount);
    this.minted.team += amount;
    this.teamDue = 0n;
    this.#expect('TeamPaid', { who: this.team, amount });
  }

  #payOut(who) {
    const account = this.account(who);
    const { mining, renting, verifying } = account.accrued;
    const amount = mining + renting + verifying;
    if (amount === 0n || this.stopped) return;
    this.#mint(who, amount);
    for (const [purpose, paid] of Object.entries(account.accrued)) this.minted.earned[purpose] += paid;
    account.accrued = nothingEarned();
    account.minted += amount;
    this.#expect('Paid', { who, mining, renting, verifying });
  }

  // Devices.

  recordVerdict(id, verdict, shown = undefined) {
    const { rental } = this.devices[id];
    const events = super.recordVerdict(id, verdict, shown);
    const device = this.devices[id];
    if (rental !== device.rental) this.#freed(id);
    if (device.standing === 'Verified') device.verifiedSince ??= this.now;
    if (device.standing === 'Ejected') device.verifiedSince = null;
    return events;
  }

  addLiquidity(id) {
    const events = super.addLiquidity(id);
    const { owner, device, pool, end, liquidity } = this.positions[id];
    const { index } = this.epoch;
    const unknown = { owner, pool, performance: nothingShown(index), unsettled: [], rentedUntil: 0n };
    const miner = this.miners.get(device) ?? unknown;
    this.miners.set(device, miner);
    this.#roll(miner);
    const time = { from: this.now, until: end };
    this.intervals.push({ position: id, device, pool, ...time, outstanding: liquidity.paid, ended: false });
    this.account(owner).liquidity += liquidity.paid;
    return events;
  }

  sellHours(id, seconds) {
    const events = super.sellHours(id, seconds);
    this.saleFees += events['stakes.HoursSold'].fee;
    return events;
  }

  claim(id) {
    const events = super.claim(id);
    const { owner, device } = this.positions[id];
    this.#returned(id, events['stakes.Claimed'].amount);
    this.#pay(owner, device);
    return events;
  }

  close(id) {
    const events = super.close(id);
    this.#payForLiquidity(this.positions[id]);
    return events;
  }

  withdrawLiquidity(id) {
    const events = super.withdrawLiquidity(id);
    this.#payForLiquidity(this.positions[id]);
    return events;
  }

  /** A position is over, in whatever way. */
  finish(position) {
    const id = this.positions.indexOf(position);
    const retired = super.finish(position);
    const interval = this.#running(id);
    if (interval) {
      this.#returned(id, interval.outstanding);
      interval.until = max(min(interval.until, this.now), interval.from);
      interval.ended = true;
    }
    return retired;
  }

  #running(position) {
    return this.intervals.find((interval) => interval.position === position && !interval.ended);
  }

  #returned(position, amount) {
    const interval = this.#running(position);
    const returned = min(amount, interval.outstanding);
    interval.outstanding -= returned;
    this.account(this.positions[position].owner).liquidity -= returned;
  }

  #payForLiquidity({ owner, device, liquidity }) {
    if (liquidity) this.#pay(owner, device);
  }

  #pay(owner, device) {
    this.#settleDevice(device);
    this.#payOut(owner);
  }

  /** Anybody has a device settled. */
  settleRewards(device) {
    const owner = this.miners.get(device)?.owner;
    this.#settleDevice(device);
    if (owner) this.#payOut(owner);
    return {};
  }

  // Rented devices: nobody challenges them, so that what they earn waits for what they show afterwards.

  rent(client, pool, devices, seconds, key) {
    const events = super.rent(client, pool, devices, seconds, key);
    this.#rented(this.rentals.at(-1));
    return events;
  }

  extend(id, seconds) {
    const events = super.extend(id, seconds);
    this.#rented(this.rentals[id]);
    return events;
  }

  terminate(id) {
    const { devices } = this.rentals[id];
    const events = super.terminate(id);
    for (const device of devices) this.#freed(device);
    return events;
  }

  #rented({ devices, end }) {
    for (const miner of devices.map((device) => this.miners.get(device)).filter(Boolean)) {
      this.#roll(miner);
      miner.rentedUntil = end;
      miner.performance.rentedSince = true;
    }
  }

  /** A rental of the device is over before its end. It has been rented all the same. */
  #freed(device) {
    const miner = this.miners.get(device);
    if (!miner) return;
    this.#roll(miner);
    miner.rentedUntil = min(miner.rentedUntil, this.now);
  }

  // Verdicts.

  /** The verdict of a committee. `shown` is what the device has shown, where it passed. */
  conclude(device, { verdict, kind, shown, votes }) {
    const told = shown && { workGops: Number(shown.work), privacy: Number(shown.privacy) };
    const isStaked = this.devices[device].position !== null;
    const events = this.recordVerdict(device, verdict, told);
    const miner = this.miners.get(device);
    if (miner) {
      this.#roll(miner);
      this.#note(miner, verdict, kind, { ...shown, age: this.now - (this.devices[device].verifiedSince ?? this.now) });
      this.#settleEpochs(device, miner, 1);
      this.#store(device, miner);
    }
    // Only devices that have something to lose make work for which verifiers are paid.
    if (verdict !== 'Inconclusive' && isStaked)
      for (const [verifier, number] of Object.entries(votes)) this.#credit('Verifier', verifier, number, null);
    return events;
  }

  /** The books on the last epoch in which something happened to a device are closed, and on all those since. */
  #roll(miner) {
    const { performance, rentedUntil } = miner;
    const { index, start } = this.epoch;
    if (performance.epoch >= index) return;
    const { works, privacy, age, failed, rentedSince } = performance;
    const evidence = works.length === 0 ? null : { work: lowerMedian(works), privacy, age };
    const record = { epoch: performance.epoch, lost: false, held: false, evidence, onlyUntil: null };
    const unseen = { ...record, held: true, evidence: null, onlyUntil: rentedUntil };
    if (failed) miner.unsettled.push({ ...record, lost: true });
    else if (evidence) miner.unsettled.push({ ...record, held: rentedSince });
    else if (rentedSince) miner.unsettled.push(unseen);
    if (rentedSince) {
      const first = max(performance.epoch + 1, index - HISTORY_EPOCHS);
      for (let epoch = first; epoch < index; epoch += 1) miner.unsettled.push({ ...unseen, epoch });
    }
    miner.performance = nothingShown(index, rentedSince && start < rentedUntil);
  }

  #note(miner, verdict, kind, shown) {
    const { performance, unsettled } = miner;
    const held = unsettled.filter((record) => record.held);
    if (verdict === 'Passed' && kind === 'Full') {
      performance.privacy = performance.works.length === 0 ? shown.privacy : min(performance.privacy, shown.privacy);
      performance.works.push(shown.work);
      performance.age = shown.age;
      performance.rentedSince = false;
      for (const record of held) Object.assign(record, { held: false, evidence: record.evidence ?? shown });
    } else if (verdict === 'Passed') {
      performance.rentedSince = true;
    } else if (verdict === 'Failed') {
      performance.failed = true;
      for (const record of held) Object.assign(record, { held: false, lost: true });
    }
    // What it showed before it was rented says nothing of the time since then.
    if (miner.rentedUntil > this.now) performance.rentedSince = true;
  }

  #settleDevice(device) {
    const miner = this.miners.get(device);
    if (!miner) return;
    this.#roll(miner);
    this.#settleEpochs(device, miner, Infinity);
    this.#store(device, miner);
  }

  /** An epoch in which a device has shown nothing counts only where it began before the end of the rental. */
  #dropUnrented(miner) {
    const began = ({ epoch }) => this.poolEpochs.get(epoch)?.get(miner.pool)?.from ?? Infinity;
    const counts = (record) => record.onlyUntil === null || began(record) < record.onlyUntil;
    miner.unsettled = miner.unsettled.filter(counts).map((record) => ({ ...record, onlyUntil: null }));
  }

  #settleEpochs(device, miner, limit) {
    this.#dropUnrented(miner);
    const isKept = ({ epoch }) => this.poolEpochs.get(epoch)?.has(miner.pool) ?? false;
    const due = miner.unsettled.filter((record) => !record.held || !isKept(record)).slice(0, limit);
    for (const record of due) this.#settleRecord(device, miner, record);
    miner.unsettled = miner.unsettled.filter((record) => !due.includes(record));
  }

  /** A device that can earn nothing any more is forgotten. */
  #store(device, miner) {
    const mayEarn = (interval) => interval.device === device && (!interval.ended || interval.until > this.epoch.start);
    if (miner.unsettled.length === 0 && !this.intervals.some(mayEarn)) this.miners.delete(device);
  }

  #settleRecord(device, { owner, pool }, { epoch, lost, held, evidence }) {
    const poolEpoch = this.poolEpochs.get(epoch)?.get(pool);
    if (!poolEpoch) return;
    const providerSeconds = this.#secondsIn(device, poolEpoch);
    const standard = min(rewardAtRate(poolEpoch.rate, providerSeconds), poolEpoch.left);
    if (standard === 0n) return;
    poolEpoch.left -= standard;
    const isPaid = !lost && !held;
    const factors = isPaid ? this.#checkedFactors(device, epoch, owner, pool, evidence) : null;
    const paid = isPaid ? (standard * productOf(factors)) / ONE : 0n;
    const burned = standard - paid;
    this.withheld[isPaid ? 'multiplier' : 'failed'] += burned;
    this.account(owner).accrued.mining += paid;
    this.#expect('DeviceRewarded', { device, owner, pool, epoch, providerSeconds, standard, factors, paid, burned });
  }

  #secondsIn(device, time) {
    return this.intervals
      .filter((interval) => interval.device === device)
      .reduce((sum, interval) => sum + overlap(interval, time), 0n);
  }

  /** Everything that an account has: free, on hold, accrued, and paid into pools. */
  wealthKnown(address) {
    const { free, reserved, holds } = this.party(address);
    const { accrued, liquidity } = this.account(address);
    return [...holds.values(), ...Object.values(accrued), reserved, liquidity].reduce((sum, each) => sum + each, free);
  }

  factors(owner, pool, evidence) {
    const { benchmark, privacyLimit } = this.listings.get(pool);
    const [balance, { minted }] = [this.wealthKnown(owner), this.account(owner)];
    return factorsOf(this.parameters, { ...evidence, balance, minted, privacyLimit, benchmark });
  }

  /** The chain's factors, which must be what they should be but for their last digit. */
  #checkedFactors(device, epoch, owner, pool, evidence) {
    const exact = this.factors(owner, pool, evidence);
    const seen = this.witness?.(device, epoch);
    if (!seen) return exact;
    if (!isFaithful(seen, exact)) {
      const show = (factors) => Object.entries(factors).map(([name, value]) => `${name} ${value}`).join(', ');
      throw new Error(`device ${device} in epoch ${epoch} has the factors ${show(seen)} instead of ${show(exact)}`);
    }
    return seen;
  }

  /** Standard rewards of a device that are held, of all epochs that are over. */
  heldRewards(device) {
    const miner = copied(this.miners.get(device));
    this.#roll(miner);
    this.#dropUnrented(miner);
    const held = miner.unsettled.filter((record) => record.held);
    return held.reduce((sum, { epoch }) => {
      const poolEpoch = this.poolEpochs.get(epoch)?.get(miner.pool);
      return poolEpoch ? sum + rewardAtRate(poolEpoch.rate, this.#secondsIn(device, poolEpoch)) : sum;
    }, 0n);
  }

  // Clients and verifiers.

  spent(client, amount, fees) {
    super.spent(client, amount, fees);
    this.#credit('Client', client, amount, fees);
  }

  #credit(party, who, amount, most) {
    this.#settleShare(party, who);
    const key = `${party} ${who}`;
    const share = this.shares.get(key) ?? { epoch: this.epoch.index, amount: 0n, most: most === null ? null : 0n };
    share.amount += amount;
    if (most !== null) share.most += most;
    this.shares.set(key, share);
    this.totalShares[party] += amount;
  }

  #settleShare(party, who) {
    const key = `${party} ${who}`;
    const share = this.shares.get(key);
    if (!share || share.epoch >= this.epoch.index) return;
    this.shares.delete(key);
    const budget = this.budgets.get(share.epoch)?.[party];
    if (!budget) return;
    const standard = min(sharedPart(budget.amount, share.amount, budget.total), budget.left);
    const paid = share.most === null ? standard : min(standard, share.most);
    budget.left -= standard;
    this.withheld.capped += standard - paid;
    this.account(who).accrued[party === 'Client' ? 'renting' : 'verifying'] += paid;
    const { epoch, amount } = share;
    this.#expect('ShareRewarded', { party, who, epoch, share: amount, standard, paid, burned: standard - paid });
  }

  /** Anybody has an account paid. */
  claimRewards(who) {
    this.#settleShare('Client', who);
    this.#settleShare('Verifier', who);
    this.#payOut(who);
    return {};
  }

  // Governance.

  setStopped(stopped) {
    this.stopped = stopped;
    this.#expect(stopped ? 'EmissionStopped' : 'EmissionResumed', {});
    return {};
  }

  setEpochSeconds(seconds) {
    this.parameters.epochSeconds = seconds;
    this.#expect('ParametersChanged', {});
    return {};
  }

  #expect(name, fields) {
    this.expected.push({ name, fields });
  }
}
