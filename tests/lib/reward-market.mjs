/**
 * The market and its rewards: who earns what, and when it is minted. Like the market itself it is written from the
 * protocol and the chain's documentation. It says block by block which events of rewards it expects.
 */

import { EXISTENTIAL_DEPOSIT } from './accounts.mjs';
import { ReferenceMarket } from './market.mjs';
import {
  HISTORY_EPOCHS, ONE, PARAMETERS, emission, factorsOf, isFaithful, lowerMedian, partsByWeight, productOf, provenBy,
  ratePerSecond, roundPassed, secondsThatCount, sharedPart, splitEmission, standardReward,
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
  if (value instanceof Set) return new Set(value);
  if (Array.isArray(value)) return value.map(copied);
  const copy = Object.create(Object.getPrototypeOf(value));
  for (const [key, entry] of Object.entries(value)) copy[key] = copied(entry);
  return copy;
}

/** Nothing has been found out in that epoch. */
const nothingShown = (epoch) => {
  return { epoch, works: [], privacy: 0n, age: 0n, judged: 0, passed: 0n, lost: false, rented: 0n, paid: 0n, drained: 0n };
};

/** Nothing is known of an account. `counted` and `minted` are summed up over the running epoch. */
const nothingKnown = () => {
  return {
    accrued: nothingEarned(), minted: 0n, liquidity: 0n, bonded: 0n, held: 0n, lent: 0n,
    reckoning: { epoch: 0, began: 0n, until: 0n, countedSeconds: 0n, mintedSeconds: 0n, lastCounted: 0n, lastMinted: 0n },
  };
};

/** What counts of an account. */
const counts = ({ accrued, liquidity, bonded, held }) =>
  Object.values(accrued).reduce((sum, each) => sum + each, liquidity + bonded + held);

/** Holds that are bonds. */
const BONDS = ['Verification.VerifierBond', 'Validators.ValidatorBond'];
/** The hold of what is to count. */
const LOYALTY = 'Rewards.Loyalty';
/** The hold of the team's share. */
const TEAM_SHARE = 'Rewards.TeamShare';

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
    this.withheld = { multiplier: 0n, unproven: 0n, capped: 0n };
    this.treasuryDue = 0n;
    this.teamDue = 0n;
    this.teamLocks = [];
    this.stopped = false;
    /** Fees of sales, which are burned. */
    this.saleFees = 0n;
    /** Rounds of challenges that have begun in the running epoch. */
    this.rounds = 0;
    /** By device: what it has shown in its last full challenge. */
    this.lastFull = new Map();
    /** Who has its earnings paid freely, and what has been released from the loyalty hold. */
    this.paidFreely = new Set();
    this.releases = new Map();
    /** By pool: reference price, where its epoch began, and what is asked of devices. */
    this.listings = new Map();
    /** By epoch: a map of pools, and what there is for clients and verifiers. */
    this.poolEpochs = new Map();
    this.budgets = new Map();
    /** By party and account: what they have to show for the last epoch in which they did something. */
    this.shares = new Map();
    this.totalShares = noShares();
    /** By device: owner, pool, performance, the epoch that is not settled, and what its time is used for now. */
    this.miners = new Map();
    /** When devices were provided: for ever, as nothing else says whether the chain forgets too much. */
    this.intervals = [];
    this.accounts = new Map();
  }

  /** What rewards know of an account, with its time until now reckoned, for who only looks. */
  account(address) {
    const account = copied(this.accounts.get(address) ?? nothingKnown());
    if (this.epoch !== null) this.#reckon(address, account);
    return account;
  }

  /** The same for who changes it. Rewards look at bonds whenever they change something, and at no other time. */
  #account(address) {
    const known = this.accounts.get(address);
    // Of whom there is nothing to say nothing is kept.
    const isKnown = known && (known.minted > 0n || counts(known) > 0n || known.lent > 0n);
    const account = isKnown ? known : nothingKnown();
    if (this.epoch !== null) this.#reckon(address, account);
    this.accounts.set(address, account);
    return account;
  }

  /** What the chain says of somebody's loyalty. */
  loyalty(address) {
    const account = this.account(address);
    const { accrued, liquidity, bonded, held, minted, reckoning: { lastCounted, lastMinted } } = account;
    const { mining, renting, verifying } = accrued;
    return {
      accrued: mining + renting + verifying, liquidity, bonded, held, counted: counts(account), minted, lastCounted,
      lastMinted, payout: this.paidFreely.has(address) ? 'Free' : 'Hold', releases: this.releases.get(address) ?? [],
    };
  }

  #reckon(address, account) {
    const { holds } = this.party(address);
    const bonded = BONDS.reduce((sum, reason) => sum + (holds.get(reason) ?? 0n), 0n);
    const { epoch, now } = this;
    const { reckoning } = account;
    account.bonded = min(account.bonded, bonded);
    const pass = (until) => {
      const seconds = max(until - reckoning.until, 0n);
      reckoning.countedSeconds += counts(account) * seconds;
      reckoning.mintedSeconds += account.minted * seconds;
      reckoning.until = max(reckoning.until, until);
    };
    const begin = () => {
      Object.assign(reckoning, {
        epoch: epoch.index, began: epoch.start, until: epoch.start, countedSeconds: 0n, mintedSeconds: 0n,
      });
    };
    if (reckoning.epoch < epoch.index) {
      const isNext = reckoning.epoch + 1 === epoch.index;
      pass(epoch.start);
      const seconds = reckoning.until - reckoning.began;
      const mean = (sum) => (seconds === 0n ? 0n : sum / seconds);
      reckoning.lastCounted = isNext ? mean(reckoning.countedSeconds) : counts(account);
      reckoning.lastMinted = isNext ? mean(reckoning.mintedSeconds) : account.minted;
      begin();
    } else if (reckoning.began < epoch.start) {
      begin();
    }
    pass(min(now, epoch.end));
    account.bonded = bonded;
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

  /** A pool shares in rewards from now on, or at another reference price in all of the running epoch. */
  list(pool, referencePrice, { benchmark, privacyLimit }) {
    const known = this.listings.get(pool);
    const mark = known ? known.mark : this.epoch === null ? null : this.#mark(pool, this.now);
    this.listings.set(pool, { referencePrice, mark, benchmark, privacyLimit });
    if (this.epoch !== null) this.#expect('ListingChanged', { pool, referencePrice });
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
      const time = { from: before.moment, until: listing.mark.moment };
      const providerSeconds = this.intervals
        .filter((interval) => interval.pool === pool)
        .reduce((sum, interval) => sum + overlap(interval, time), 0n);
      const counted = secondsThatCount(providerSeconds, time.until - time.from, epoch.end - epoch.start);
      const { referencePrice } = listing;
      return { pool, ...time, referencePrice, providerSeconds, weight: referencePrice * counted };
    });
    const parts = partsByWeight(budget, measured.map(({ weight }) => weight));
    const { rounds } = this;
    this.rounds = 0;
    this.poolEpochs.set(epoch.index, new Map(measured.map(({ pool, from, until, referencePrice, providerSeconds }, index) => {
      const amount = parts[index];
      this.#expect('PoolRewarded', { pool, epoch: epoch.index, referencePrice, providerSeconds, part: amount });
      return [pool, { from, until, referencePrice, rounds, rate: ratePerSecond(amount, providerSeconds), left: amount }];
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
    // All of it, as the team has something else besides that keeps its account alive.
    this.#putUnder(TEAM_SHARE, this.team, amount);
    this.teamLocks.push({ amount, until: this.now + this.parameters.teamLockSeconds });
    this.#expect('TeamPaid', { who: this.team, amount });
  }

  #payOut(who) {
    const { mining, renting, verifying } = this.account(who).accrued;
    const amount = mining + renting + verifying;
    if (amount === 0n || this.stopped) return;
    const account = this.#account(who);
    this.#mint(who, amount);
    for (const [purpose, paid] of Object.entries(account.accrued)) this.minted.earned[purpose] += paid;
    account.accrued = nothingEarned();
    account.minted += amount;
    const held = this.#putOnHold(who, amount);
    this.#expect('Paid', { who, mining, renting, verifying, held });
  }

  // The loyalty hold.

  /** What somebody has just been paid goes on the hold, but for what any account keeps. */
  #putOnHold(who, paid) {
    if (this.paidFreely.has(who)) return 0n;
    const amount = min(paid, max(this.party(who).free - EXISTENTIAL_DEPOSIT, 0n));
    this.#hold(who, amount);
    return amount;
  }

  #hold(who, amount) {
    this.#putUnder(LOYALTY, who, amount);
    this.#account(who).held += amount;
  }

  #putUnder(reason, who, amount) {
    const party = this.party(who);
    party.free -= amount;
    party.holds.set(reason, (party.holds.get(reason) ?? 0n) + amount);
  }

  #free(who, amount) {
    const party = this.party(who);
    party.free += amount;
    party.holds.set(LOYALTY, party.holds.get(LOYALTY) - amount);
  }

  addToHold(who, amount) {
    this.#hold(who, amount);
    this.#expect('HoldIncreased', { who, amount });
    return {};
  }

  release(who, amount) {
    const until = this.now + this.parameters.releaseSeconds;
    this.#account(who).held -= amount;
    this.releases.set(who, [...(this.releases.get(who) ?? []), { amount, until }]);
    this.#expect('ReleaseBegan', { who, amount, until });
    return {};
  }

  payReleased(who) {
    const releases = this.releases.get(who) ?? [];
    const due = releases.filter(({ until }) => until <= this.now);
    const amount = due.reduce((sum, each) => sum + each.amount, 0n);
    this.releases.set(who, releases.filter(({ until }) => until > this.now));
    if (amount === 0n) return {};
    this.#free(who, amount);
    this.#expect('Released', { who, amount });
    return {};
  }

  setPayout(who, payout) {
    if (payout === 'Free') this.paidFreely.add(who);
    else this.paidFreely.delete(who);
    this.#expect('PayoutChanged', { who, payout });
    return {};
  }

  /** Liquidity is paid from the hold as far as that goes. Returns how much comes from there. */
  #lend(owner, cost) {
    const amount = min(cost, this.account(owner).held);
    if (amount === 0n) return 0n;
    this.#free(owner, amount);
    this.#account(owner).held -= amount;
    return amount;
  }

  // Devices.

  recordVerdict(id, verdict, shown = undefined) {
    const { rental } = this.devices[id];
    const events = super.recordVerdict(id, verdict, shown);
    const device = this.devices[id];
    if (rental !== device.rental) this.#givenBack(id, events['rentals.DeviceFailed'].refund);
    if (device.standing === 'Verified') device.verifiedSince ??= this.now;
    if (device.standing === 'Ejected') device.verifiedSince = null;
    return events;
  }

  addLiquidity(id) {
    const events = super.addLiquidity(id);
    const { owner, device, pool, end, liquidity } = this.positions[id];
    const { index } = this.epoch;
    const unknown = { owner, pool, performance: nothingShown(index), unsettled: null, overpaid: 0n, countedUntil: this.now };
    const miner = this.miners.get(device) ?? unknown;
    this.miners.set(device, miner);
    this.#countUntilNow(device, miner);
    Object.assign(miner, { failing: false, draining: false, tenancy: null });
    const fromHold = this.#lend(owner, liquidity.paid);
    const outstanding = this.listings.has(pool) ? liquidity.paid : 0n;
    const time = { from: this.now, until: end };
    this.intervals.push({ position: id, device, pool, ...time, outstanding, fromHold, ended: false });
    this.#account(owner).liquidity += outstanding;
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
    const { amount } = events['stakes.Claimed'];
    this.#returned(id, amount);
    const interval = this.#running(id);
    const toHold = min(amount, interval.fromHold);
    interval.fromHold -= toHold;
    if (toHold > 0n) this.#putOnHold(owner, toHold);
    this.#pay(owner, device);
    return events;
  }

  close(id) {
    const events = super.close(id);
    this.#backOnHold(id, events['stakes.Closed'].streamed);
    this.#payForLiquidity(this.positions[id]);
    return events;
  }

  withdrawLiquidity(id) {
    const events = super.withdrawLiquidity(id);
    const { streamed, returned, exitFee } = events['stakes.LiquidityWithdrawn'];
    this.#backOnHold(id, streamed + returned - exitFee);
    this.#payForLiquidity(this.positions[id]);
    return events;
  }

  /** A position is over, in whatever way. */
  finish(position) {
    const id = this.positions.indexOf(position);
    const retired = super.finish(position);
    const interval = this.#running(id);
    if (interval) {
      const miner = this.miners.get(interval.device);
      this.#countUntilNow(interval.device, miner);
      Object.assign(miner, { draining: false, tenancy: null });
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
    this.#account(this.positions[position].owner).liquidity -= returned;
  }

  /** Of what the owner of a position that is over was paid, as much goes on the hold as came from there. */
  #backOnHold(id, paid) {
    const interval = this.intervals.find(({ position }) => position === id);
    if (interval?.fromHold > 0n) this.#putOnHold(this.positions[id].owner, min(interval.fromHold, paid));
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

  // What a device's time is used for.

  rent(client, pool, devices, seconds, key) {
    const events = super.rent(client, pool, devices, seconds, key);
    this.#rented(this.rentals.at(-1), events['rentals.Rented'].amount);
    return events;
  }

  extend(id, seconds) {
    const events = super.extend(id, seconds);
    this.#rented(this.rentals[id], events['rentals.Extended'].amount);
    return events;
  }

  terminate(id) {
    const { devices } = this.rentals[id];
    const events = super.terminate(id);
    const { refund, fee } = events['rentals.RentalEnded'];
    for (const device of devices) this.#givenBack(device, (refund + fee) / BigInt(devices.length));
    return events;
  }

  #rented({ devices, end }, amount) {
    for (const device of devices.filter((each) => this.miners.has(each))) {
      const miner = this.miners.get(device);
      this.#countUntilNow(device, miner);
      const isProvided = this.intervals.some((interval) => interval.device === device && !interval.ended && this.now < interval.until);
      const paid = (miner.tenancy?.paid ?? 0n) + amount / BigInt(devices.length);
      if (isProvided) miner.tenancy = { until: end, paid };
    }
  }

  /** A rental of the device is over before its end, and that much has come back. */
  #givenBack(device, refund) {
    const miner = this.miners.get(device);
    if (!miner) return;
    this.#countUntilNow(device, miner);
    const { tenancy, performance } = miner;
    miner.tenancy = null;
    if (!tenancy || miner.draining) return;
    const paid = performance.paid + tenancy.paid;
    performance.paid = max(paid - refund, 0n);
    let beyond = max(refund - paid, 0n);
    if (miner.unsettled) {
      const before = miner.unsettled.paid;
      miner.unsettled.paid = max(before - beyond, 0n);
      beyond = max(beyond - before, 0n);
    }
    miner.overpaid += beyond;
  }

  #countUntilNow(device, miner) {
    this.#roll(device, miner);
    this.#count(device, miner, this.now);
  }

  /** Counts what the time until that moment was used for. */
  #count(device, miner, moment) {
    const { countedUntil: from, tenancy, performance } = miner;
    if (moment <= from) return;
    miner.countedUntil = moment;
    let [seconds, paid] = [0n, 0n];
    if (tenancy) {
      const all = tenancy.until - from;
      seconds = min(all, moment - from);
      paid = (tenancy.paid * seconds) / all;
      tenancy.paid -= paid;
    }
    if (miner.draining) {
      const interval = this.intervals.find((each) => each.device === device && !each.ended);
      performance.drained += interval ? max(min(interval.until, moment) - from, 0n) : 0n;
    } else {
      const madeUp = min(paid, miner.overpaid);
      miner.overpaid -= madeUp;
      performance.rented += seconds;
      performance.paid += paid - madeUp;
    }
    if (tenancy && tenancy.until <= moment) miner.tenancy = null;
  }

  // Verdicts.

  /** A round of challenges begins. */
  roundBegan() {
    this.rounds += 1;
  }

  /** The verdict of a committee. `shown` is what the device has shown, where it passed. */
  conclude(device, { verdict, kind, shown, votes }) {
    const told = shown && { workGops: Number(shown.work), privacy: Number(shown.privacy) };
    const isStaked = this.devices[device].position !== null;
    const events = this.recordVerdict(device, verdict, told);
    const miner = this.miners.get(device);
    const isFull = verdict === 'Passed' && kind === 'Full';
    if (miner) {
      this.#roll(device, miner);
      this.#note(device, miner, verdict, isFull ? shown : null);
      this.#settleRecord(device, miner);
      this.#store(device, miner);
    }
    if (isFull) this.lastFull.set(device, shown);
    // Only devices that have something to lose make work for which verifiers are paid.
    if (verdict !== 'Inconclusive' && isStaked)
      for (const [verifier, number] of Object.entries(votes)) this.#credit('Verifier', verifier, number, null);
    return events;
  }

  /** The books on the last epoch in which something happened to a device are closed, and on all those since. */
  #roll(device, miner) {
    const { index, start } = this.epoch;
    const { performance } = miner;
    if (performance.epoch >= index) return;
    const ended = (epoch) => this.poolEpochs.get(epoch)?.get(miner.pool)?.until ?? start;
    this.#count(device, miner, ended(performance.epoch));
    if (performance.judged > 0 || performance.lost) miner.unsettled = { ...performance, evidence: this.#shown(device, miner) };
    miner.performance = nothingShown(index);
    this.#count(device, miner, ended(index - 1));
    Object.assign(miner.performance, { rented: 0n, paid: 0n, drained: 0n });
  }

  /** What the device has shown in the full challenges of its epoch, or else in the last one before. */
  #shown(device, { performance: { works, privacy, age } }) {
    if (works.length > 0) return { work: lowerMedian(works), privacy, age };
    const last = this.lastFull.get(device);
    return last ? { ...last, age } : null;
  }

  #note(device, miner, verdict, full) {
    const { performance } = miner;
    performance.age = this.now - (this.devices[device].verifiedSince ?? this.now);
    if (full) {
      performance.privacy = performance.works.length === 0 ? full.privacy : min(performance.privacy, full.privacy);
      performance.works.push(full.work);
    }
    if (verdict === 'Passed') {
      performance.judged += 1;
      performance.passed += roundPassed(1, 0);
      miner.failing = false;
    } else if (verdict === 'Failed') {
      performance.judged += 1;
      performance.lost ||= miner.failing || this.devices[device].standing === 'Ejected';
      miner.failing = true;
    }
  }

  #settleDevice(device) {
    const miner = this.miners.get(device);
    if (!miner) return;
    this.#roll(device, miner);
    this.#settleRecord(device, miner);
    this.#store(device, miner);
  }

  /** A device that can earn nothing any more is forgotten. */
  #store(device, miner) {
    const mayEarn = (interval) => interval.device === device && (!interval.ended || interval.until > this.epoch.start);
    if (miner.unsettled === null && !this.intervals.some(mayEarn)) this.miners.delete(device);
  }

  #settleRecord(device, miner) {
    const { owner, pool, unsettled: record } = miner;
    miner.unsettled = null;
    const poolEpoch = record && this.poolEpochs.get(record.epoch)?.get(pool);
    if (!poolEpoch) return;
    const inPool = this.#secondsIn(device, poolEpoch);
    const left = inPool - min(record.drained, inPool);
    const rented = min(record.rented, left);
    const time = { idle: left - rented, rented, paid: record.paid };
    const { rate, referencePrice, rounds } = poolEpoch;
    const standard = min(standardReward(this.parameters, rate, referencePrice, time), poolEpoch.left);
    if (standard === 0n) return;
    poolEpoch.left -= standard;
    const proven = record.lost ? 0n : provenBy(record, rounds);
    const counted = (standard * proven) / ONE;
    const { epoch, evidence } = record;
    const factors = counted > 0n && evidence ? this.#checkedFactors(device, epoch, owner, pool, evidence) : null;
    const paid = factors ? (counted * productOf(factors)) / ONE : 0n;
    this.withheld.unproven += standard - counted;
    this.withheld.multiplier += counted - paid;
    if (paid > 0n) this.#account(owner).accrued.mining += paid;
    this.#expect('DeviceRewarded', {
      device, owner, pool, epoch, idleSeconds: time.idle, rentedSeconds: rented, standard, proven, factors, paid,
      burned: standard - paid,
    });
  }

  #secondsIn(device, time) {
    return this.intervals
      .filter((interval) => interval.device === device)
      .reduce((sum, interval) => sum + overlap(interval, time), 0n);
  }

  /** Everything that an account has: free, on hold, accrued, and paid into listed pools. */
  wealthKnown(address) {
    const { free, reserved, holds } = this.party(address);
    const { accrued, liquidity } = this.account(address);
    return [...holds.values(), ...Object.values(accrued), reserved, liquidity].reduce((sum, each) => sum + each, free);
  }

  factors(owner, pool, evidence) {
    const { benchmark, privacyLimit } = this.listings.get(pool);
    const { lastCounted: kept, lastMinted: minted } = this.account(owner).reckoning;
    return factorsOf(this.parameters, { ...evidence, kept, minted, privacyLimit, benchmark });
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

  // Clients and verifiers.

  spent(client, amount, fees, pool) {
    super.spent(client, amount, fees, pool);
    if (this.listings.has(pool)) this.#credit('Client', client, amount, fees / 2n);
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
    this.#account(who).accrued[party === 'Client' ? 'renting' : 'verifying'] += paid;
    const { epoch, amount } = share;
    this.#expect('ShareRewarded', { party, who, epoch, share: amount, standard, paid, burned: standard - paid });
  }

  /** Anybody has an account paid. */
  claimRewards(who) {
    this.#settleShare('Client', who);
    this.#settleShare('Verifier', who);
    this.#payOut(who);
    this.payReleased(who);
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
