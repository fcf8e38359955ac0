/**
 * The whole market, as the protocol describes it: who has what after each call. Written independently of the chain's
 * code, in BigInt, and compared with the chain to the planck.
 *
 * Every call returns the events that tell of it, by name, with all their fields. Calls are assumed to be allowed: what
 * the chain refuses is the business of the tests.
 */

import { EXISTENTIAL_DEPOSIT, LOOPIN } from './accounts.mjs';
import { ReferencePool, divideUp, partUp, scheduledEnd, takePart } from './market-pool.mjs';

/** What a device has shown of which the tests record by hand that it passed. */
export const SHOWN = { workGops: 1, privacy: 25 };

const MILLI = LOOPIN / 1_000n;
const DAY = 86_400n;
/** What is on hold for state that takes so many entries and bytes. */
const deposit = (entries, bytes) => BigInt(entries) * 100n * MILLI + BigInt(bytes) * MILLI;

/** Deposits and rates of the development chain. Parts are in millionths. */
const RATES = {
  poolDeposit: 100n * LOOPIN,
  tokenMetadata: (bytes) => deposit(1, 68) + deposit(0, bytes),
  device: (endpointBytes) => deposit(2, 250 + endpointBytes),
  certificate: deposit(1, 90),
  position: deposit(4, 500),
  rental: (devices, keyBytes) => deposit(1, 150) + BigInt(devices) * deposit(1, 30) + deposit(0, keyBytes),
  report: 10n * LOOPIN,
  certificateBurn: 10_000n,
  certificateValidity: DAY,
  maintenanceFee: 50_000n,
  collateral: 1_100_000n,
  exitFee: 10_000n,
  ejectionSlash: 200_000n,
};

const min = (a, b) => (a < b ? a : b);
const streamedTo = (shareRate, since, until) => (shareRate * (until - since)) >> 128n;

/** What an account has. */
class Party {
  constructor(free) {
    this.free = free;
    /** By reason, as `Stakes.PositionDeposit`. */
    this.holds = new Map();
    /** Reserved in the old way, without a reason. */
    this.reserved = 0n;
    /** Hour tokens by pool. */
    this.hours = new Map();
  }

  hold(reason, amount) {
    this.free -= amount;
    this.holds.set(reason, (this.holds.get(reason) ?? 0n) + amount);
  }

  release(reason, amount) {
    this.free += amount;
    this.forfeit(reason, amount);
  }

  /** What is on hold goes elsewhere. */
  forfeit(reason, amount) {
    const rest = (this.holds.get(reason) ?? 0n) - amount;
    if (rest < 0n) throw new Error(`less than ${amount} is on hold as ${reason}`);
    this.holds.set(reason, rest);
  }

  addHours(pool, seconds) {
    const hours = (this.hours.get(pool) ?? 0n) + seconds;
    if (hours < 0n) throw new Error(`fewer hour tokens of pool ${pool} than are retired`);
    this.hours.set(pool, hours);
  }
}

/** The market and everybody in it. */
export class ReferenceMarket {
  /**
   * @param {{ issuance: bigint, now: bigint }} genesis
   */
  constructor({ issuance, now }) {
    this.issuance = issuance;
    this.now = now;
    this.parties = new Map();
    this.pools = new Map();
    this.devices = [];
    this.certificates = [];
    this.positions = [];
    this.rentals = [];
    /** Open reports, by device. */
    this.reports = new Map();
    /** What clients have spent, by address. */
    this.totals = new Map();
  }

  addParty(address, free) {
    this.parties.set(address, new Party(free));
  }

  party(address) {
    const party = this.parties.get(address);
    if (!party) throw new Error(`nobody looks after the account ${address}`);
    return party;
  }

  /**
   * A pool that nothing has happened to. Returns what its account has reserved for the description of its hour token.
   *
   * @param {number} id
   * @param {{ address: string, name: string, symbol: string, anchor: bigint, pricePerGpuHour: bigint }} pool
   * @param {bigint} createdAt
   */
  addPool(id, { address, name, symbol, anchor, pricePerGpuHour }, createdAt) {
    this.pools.set(id, { address, state: new ReferencePool({ anchor, pricePerGpuHour, now: createdAt }) });
    const party = new Party(anchor + EXISTENTIAL_DEPOSIT);
    party.reserved = RATES.tokenMetadata('LooPIN GPU-seconds '.length + name.length + symbol.length);
    this.parties.set(address, party);
    return party.reserved;
  }

  poolAccount(id) {
    return this.party(this.pools.get(id).address);
  }

  /** The pool, synced. */
  synced(id) {
    const { state } = this.pools.get(id);
    this.poolAccount(id).addHours(id, -state.sync(this.now));
    return state;
  }

  /** The pool as it is at a moment, of which nobody else hears. */
  poolAt(id, moment) {
    const copy = this.pools.get(id).state.copy();
    copy.sync(moment);
    return copy;
  }

  burn(address, amount) {
    this.party(address).free -= amount;
    this.issuance -= amount;
  }

  move(from, to, amount) {
    this.party(from).free -= amount;
    this.party(to).free += amount;
  }

  pay(id, to, amount) {
    this.pools.get(id).state.owed -= amount;
    this.move(this.pools.get(id).address, to, amount);
  }

  burnOwed(id, amount) {
    this.pools.get(id).state.owed -= amount;
    this.burn(this.pools.get(id).address, amount);
  }

  // Pools.

  createPool(creator, id, pool) {
    const { anchor } = pool;
    this.party(creator).free -= anchor + this.addPool(id, pool, this.now) + EXISTENTIAL_DEPOSIT;
    this.party(creator).hold('Pools.PoolDeposit', RATES.poolDeposit);
    const { anchorSeconds: anchorGpuSeconds, pricePerGpuHour: price } = this.pools.get(id).state;
    return { 'pools.PoolCreated': { pool: id, creator, anchor, anchorGpuSeconds, pricePerGpuHour: price } };
  }

  sync(id) {
    this.synced(id);
    return {};
  }

  deepen(who, id, amount) {
    const gpuSeconds = this.synced(id).deepen(amount);
    this.move(who, this.pools.get(id).address, amount);
    return { 'pools.Deepened': { pool: id, who, amount, gpuSeconds } };
  }

  // Devices.

  registerDevice(owner, pool, endpoint) {
    const held = RATES.device(endpoint.length);
    this.party(owner).hold('Devices.DeviceRegistration', held);
    this.devices.push({ owner, pool, standing: 'Unverified', deposit: held, position: null, rental: null });
    return { 'devices.DeviceRegistered': { device: this.devices.length - 1, owner, pool, deposit: held } };
  }

  removeDevice(owner, id) {
    const { deposit: held, standing } = this.devices[id];
    this.party(owner).release('Devices.DeviceRegistration', held);
    return { 'devices.DeviceRemoved': { device: id, owner, standing, deposit: held } };
  }

  recordVerdict(id, verdict, shown = SHOWN) {
    const device = this.devices[id];
    const before = device.standing;
    if (verdict === 'Inconclusive') device.standing = before;
    else if (verdict === 'Passed') device.standing = 'Verified';
    else if (before === 'Verified') device.standing = 'Suspended';
    else if (before === 'Suspended') device.standing = 'Ejected';
    const recorded = verdict === 'Passed' ? JSON.stringify({ passed: shown }) : verdict;
    const events = { 'devices.VerdictRecorded': { device: id, verdict: recorded, before, standing: device.standing } };
    if (verdict === 'Inconclusive') return events;
    if (verdict === 'Passed') return { ...events, ...this.#passed(id) };
    if (device.standing === 'Suspended') return { ...events, ...this.#suspended(id) };
    if (before === 'Suspended') return { ...events, ...this.#ejected(id) };
    return events;
  }

  // Certificates and stakes.

  burnForCertificate(owner, pool, seconds) {
    const burned = partUp(this.synced(pool).value(seconds), RATES.certificateBurn);
    this.burn(owner, burned);
    this.party(owner).hold('Stakes.CertificateDeposit', RATES.certificate);
    const expiresAt = this.now + RATES.certificateValidity;
    this.certificates.push({ owner, pool, seconds, expiresAt });
    const certificate = this.certificates.length - 1;
    const issued = { certificate, owner, pool, gpuSeconds: seconds, burned, deposit: RATES.certificate, expiresAt };
    return { 'stakes.CertificateIssued': issued };
  }

  removeCertificate(id) {
    const { owner } = this.certificates[id];
    this.party(owner).release('Stakes.CertificateDeposit', RATES.certificate);
    return { 'stakes.CertificateRemoved': { certificate: id, owner, deposit: RATES.certificate } };
  }

  stake(owner, deviceId, certificate, seconds, intent) {
    const device = this.devices[deviceId];
    const { pool } = device;
    const party = this.party(owner);
    party.release('Stakes.CertificateDeposit', RATES.certificate);
    const end = scheduledEnd(this.now, seconds);
    const gpuSeconds = end - this.now;
    // Nobody asks for the price of what is provided before it is.
    const maintenanceFee = intent === 'Sell' ? partUp(this.synced(pool).value(gpuSeconds), RATES.maintenanceFee) : 0n;
    party.hold('Stakes.PositionDeposit', RATES.position);
    party.hold('Stakes.MaintenanceFee', maintenanceFee);
    party.addHours(pool, gpuSeconds);
    this.positions.push({
      owner, device: deviceId, pool, intent, end, maintenanceFee,
      collateral: 0n, uncommitted: gpuSeconds, liquidity: null, sale: null, open: true,
    });
    device.position = this.positions.length - 1;
    const staked = {
      position: device.position, owner, device: deviceId, pool, intent, end, gpuSeconds, certificate,
      certificateDeposit: RATES.certificate, deposit: RATES.position, maintenanceFee,
    };
    return { 'stakes.Staked': staked };
  }

  #retireDownTo(position, seconds) {
    const retired = position.uncommitted - seconds;
    this.party(position.owner).addHours(position.pool, -retired);
    position.uncommitted = seconds;
    return retired;
  }

  addLiquidity(id) {
    const position = this.positions[id];
    const { pool, owner } = position;
    const retired = this.#retireDownTo(position, 0n);
    const added = this.synced(pool).addLiquidity(position.end);
    this.move(owner, this.pools.get(pool).address, added.paid);
    this.poolAccount(pool).addHours(pool, added.seconds);
    position.liquidity = { ...added, claimed: 0n };
    const { seconds: gpuSeconds, paid, shareRate } = added;
    return { 'stakes.LiquidityAdded': { position: id, gpuSeconds, paid, shareRate, retiredGpuSeconds: retired } };
  }

  /** From when until when a sale of so many seconds is. */
  timeToSell(id, seconds, now = this.now) {
    const { sale, end } = this.positions[id];
    const running = sale !== null && now < sale.until ? sale : null;
    const start = running?.until ?? now;
    return { running, from: running?.until ?? null, start, until: scheduledEnd(start, min(seconds, end - start)) };
  }

  sellHours(id, seconds) {
    const position = this.positions[id];
    const { pool, owner } = position;
    const { running, from, until } = this.timeToSell(id, seconds);
    const retired = this.#retireDownTo(position, position.end - until);
    const trade = this.synced(pool).sell(from, until);
    this.#buy(pool, owner, trade);
    const collateral = divideUp(trade.amount * RATES.collateral, 1_000_000n);
    this.party(owner).hold('Stakes.SaleCollateral', collateral);
    position.collateral += collateral;
    position.sale = {
      until,
      seconds: (running?.seconds ?? 0n) + trade.seconds,
      amount: (running?.amount ?? 0n) + trade.amount,
    };
    const sold = {
      position: id, gpuSeconds: trade.seconds, amount: trade.amount, fee: trade.fee, collateral,
      soldUntil: until, retiredGpuSeconds: retired,
    };
    return { 'stakes.HoursSold': sold };
  }

  /** The pool pays for time that it gets. */
  #buy(pool, seller, trade) {
    const { address } = this.pools.get(pool);
    this.move(address, seller, trade.proceeds);
    this.burn(address, trade.fee);
    this.party(address).addHours(pool, trade.seconds);
  }

  /** What has streamed to a position since the last claim, and up to which stream index. */
  #streamed({ pool, liquidity, end }) {
    const state = this.synced(pool);
    const index = end > this.now ? state.streamIndex : state.endings.get(end);
    return { amount: streamedTo(liquidity.shareRate, liquidity.streamIndex, index), index };
  }

  claim(id) {
    const position = this.positions[id];
    const { amount, index } = this.#streamed(position);
    position.liquidity.streamIndex = index;
    position.liquidity.claimed += amount;
    this.pay(position.pool, position.owner, amount);
    return { 'stakes.Claimed': { position: id, owner: position.owner, amount } };
  }

  /** Deposits come back, hour tokens go. */
  finish(position) {
    const party = this.party(position.owner);
    party.release('Stakes.PositionDeposit', RATES.position);
    party.release('Stakes.MaintenanceFee', position.maintenanceFee);
    party.release('Stakes.SaleCollateral', position.collateral);
    const retired = this.#retireDownTo(position, 0n);
    this.devices[position.device].position = null;
    position.open = false;
    return retired;
  }

  withdrawLiquidity(id) {
    const position = this.positions[id];
    const { pool, owner, device } = position;
    const { amount: streamed } = this.#streamed(position);
    const left = this.synced(pool).removeLiquidity(position.liquidity, position.end, null);
    this.poolAccount(pool).addHours(pool, -left.seconds);
    const exitFee = partUp(left.returned, RATES.exitFee);
    this.finish(position);
    this.burnOwed(pool, exitFee);
    this.pay(pool, owner, streamed + left.returned - exitFee);
    const withdrawn = {
      position: id, owner, device, streamed, returned: left.returned, exitFee,
      gpuSeconds: left.seconds, deposit: RATES.position,
    };
    return { 'stakes.LiquidityWithdrawn': withdrawn };
  }

  close(id) {
    const position = this.positions[id];
    const { pool, owner, device, maintenanceFee, collateral } = position;
    const streamed = position.liquidity ? this.#streamed(position).amount : 0n;
    const retired = this.finish(position);
    this.pay(pool, owner, streamed);
    const closed = {
      position: id, owner, device, streamed, maintenanceFee, collateral,
      deposit: RATES.position, retiredGpuSeconds: retired,
    };
    return { 'stakes.Closed': closed };
  }

  /** What `marketApi.positionValue` answers at a moment. */
  positionValue(id, moment) {
    const { pool, end, liquidity, device, maintenanceFee, collateral, uncommitted } = this.positions[id];
    const value = {
      streamedUnclaimed: 0n, claimed: 0n, returnedIfWithdrawn: 0n, exitFee: 0n, maintenanceFee, collateral,
      deposit: RATES.position, uncommittedGpuSeconds: min(uncommitted, end > moment ? end - moment : 0n),
      rentedUntil: this.#rentedUntil(device, moment),
    };
    if (!liquidity) return value;
    const state = this.poolAt(pool, moment);
    const index = end > moment ? state.streamIndex : state.endings.get(end);
    value.claimed = liquidity.claimed;
    value.streamedUnclaimed = streamedTo(liquidity.shareRate, liquidity.streamIndex, index);
    if (end > moment) {
      const returned = state.quoteRemoveLiquidity(liquidity, end, value.rentedUntil);
      value.exitFee = partUp(returned, RATES.exitFee);
      value.returnedIfWithdrawn = returned - value.exitFee;
    }
    return value;
  }

  // Rentals.

  rent(client, pool, devices, seconds, key) {
    const end = scheduledEnd(this.now, seconds);
    const held = RATES.rental(devices.length, key.length);
    this.party(client).hold('Rentals.RentalDeposit', held);
    const trade = this.synced(pool).rent(BigInt(devices.length), end);
    this.#sellTo(client, pool, trade);
    this.rentals.push({
      client, pool, devices: [...devices], start: this.now, end, hoursRetiredUntil: this.now,
      paid: trade.amount, contribution: trade.contribution, fees: trade.fee, deposit: held, open: true,
    });
    const rental = this.rentals.length - 1;
    for (const device of devices) this.devices[device].rental = rental;
    const rented = {
      rental, client, pool, devices, end, gpuSeconds: trade.seconds, amount: trade.amount, fee: trade.fee, deposit: held,
    };
    return { 'rentals.Rented': rented };
  }

  /** The client pays for time, and gets it. */
  #sellTo(client, pool, trade) {
    const { address } = this.pools.get(pool);
    this.move(client, address, trade.amount);
    this.burn(client, trade.fee);
    this.party(address).addHours(pool, -trade.seconds);
    this.party(client).addHours(pool, trade.seconds);
  }

  extend(id, seconds) {
    const rental = this.rentals[id];
    const end = scheduledEnd(rental.end, seconds);
    const events = this.#retireUsedHours(id);
    const devices = BigInt(rental.devices.length);
    const trade = this.synced(rental.pool).extendRental(devices, rental.end, end, rental.contribution);
    this.#sellTo(rental.client, rental.pool, trade);
    rental.end = end;
    rental.paid += trade.amount;
    rental.contribution = trade.contribution;
    rental.fees += trade.fee;
    const extended = { rental: id, end, gpuSeconds: trade.seconds, amount: trade.amount, fee: trade.fee };
    return { ...events, 'rentals.Extended': extended };
  }

  /** Hour tokens that have been used are burned. */
  #retireUsedHours(id) {
    const rental = this.rentals[id];
    const until = min(this.now, rental.end);
    const seconds = (until - rental.hoursRetiredUntil) * BigInt(rental.devices.length);
    if (seconds === 0n) return {};
    this.party(rental.client).addHours(rental.pool, -seconds);
    rental.hoursRetiredUntil = until;
    return { 'rentals.UsedHoursRetired': { rental: id, gpuSeconds: seconds } };
  }

  retireUsedHours(id) {
    return this.#retireUsedHours(id);
  }

  terminate(id) {
    const rental = this.rentals[id];
    const events = this.#retireUsedHours(id);
    const devices = BigInt(rental.devices.length);
    const trade = this.synced(rental.pool).giveBack(devices, rental.end, rental.contribution);
    this.party(rental.client).addHours(rental.pool, -trade.seconds);
    this.#buy(rental.pool, rental.client, trade);
    const ended = this.#release(id, rental.paid - trade.amount, rental.fees + trade.fee);
    const returned = { gpuSeconds: trade.seconds, refund: trade.proceeds, fee: trade.fee };
    return { ...events, 'rentals.RentalEnded': { ...ended, reason: 'Terminated', ...returned } };
  }

  complete(id) {
    const events = this.#retireUsedHours(id);
    const { paid, fees } = this.rentals[id];
    const ended = this.#release(id, paid, fees);
    return { ...events, 'rentals.RentalEnded': { ...ended, reason: 'Completed', gpuSeconds: 0n, refund: 0n, fee: 0n } };
  }

  #release(id, consumed, fees) {
    const rental = this.rentals[id];
    this.party(rental.client).release('Rentals.RentalDeposit', rental.deposit);
    this.spent(rental.client, consumed, fees, rental.pool);
    for (const device of rental.devices) {
      if (this.devices[device].rental === id) this.devices[device].rental = null;
    }
    rental.open = false;
    return { rental: id, client: rental.client, pool: rental.pool, deposit: rental.deposit };
  }

  spent(client, consumedAmount, feesBurned) {
    const before = this.totals.get(client) ?? { consumedAmount: 0n, feesBurned: 0n };
    this.totals.set(client, {
      consumedAmount: before.consumedAmount + consumedAmount,
      feesBurned: before.feesBurned + feesBurned,
    });
  }

  /** The rental that a device is in at a moment. */
  #rentalOf(device, moment) {
    const id = this.devices[device].rental;
    return id !== null && moment < this.rentals[id].end ? id : null;
  }

  #rentedUntil(device, moment) {
    const rental = this.#rentalOf(device, moment);
    return rental === null ? null : this.rentals[rental].end;
  }

  reportFailure(client, rental, device) {
    this.party(client).hold('Rentals.FailureReport', RATES.report);
    this.reports.set(device, { client, rental });
    return { 'rentals.FailureReported': { device, rental, client, deposit: RATES.report } };
  }

  withdrawReport(device) {
    return this.#closeReport(device, 'Withdrawn');
  }

  #closeReport(device, outcome) {
    const report = this.reports.get(device);
    if (!report) return {};
    this.reports.delete(device);
    const party = this.party(report.client);
    if (outcome === 'Refuted') {
      party.forfeit('Rentals.FailureReport', RATES.report);
      this.issuance -= RATES.report;
    } else {
      party.release('Rentals.FailureReport', RATES.report);
    }
    return { 'rentals.ReportClosed': { device, ...report, outcome, deposit: RATES.report } };
  }

  // Verdicts.

  #passed(device) {
    const { position } = this.devices[device];
    const staked = position === null ? {} : { 'stakes.Verified': { position, device } };
    return { ...staked, ...this.#closeReport(device, 'Refuted') };
  }

  #suspended(device) {
    const { position } = this.devices[device];
    const staked = position === null ? {} : { 'stakes.Suspended': { position, device } };
    const report = this.reports.get(device);
    if (!report) return staked;
    const closed = this.#closeReport(device, 'Confirmed');
    const id = this.#rentalOf(device, this.now);
    if (id !== report.rental) return { ...staked, ...closed };

    const rental = this.rentals[id];
    const { pool, client, end } = rental;
    const consumed = this.#retireUsedHours(id);
    const state = this.synced(pool);
    // Nothing is forfeited yet, so the pool pays all of it.
    const { unused, contribution } = this.#claimForFailure(rental);
    const refund = min(unused, state.quoteGiveBack(end - this.now, contribution).amount);
    const events = this.#endPart(id, device, refund);
    const seconds = state.returnUnserved(end);
    this.party(client).addHours(pool, -seconds);
    this.poolAccount(pool).addHours(pool, seconds);
    const paid = state.refund(refund);
    this.pay(pool, client, paid);
    const refunded = { 'rentals.Refunded': { rental: id, device, client, amount: paid } };
    return { ...staked, ...closed, ...consumed, ...events, ...refunded };
  }

  /** What a client is due for one device that fails, and the device's part of what was paid, which the rental loses. */
  #claimForFailure({ devices, paid, contribution, start, end }) {
    const count = BigInt(devices.length);
    const unused = ((paid / count) * (end - this.now)) / (end - start);
    return { unused, contribution: takePart(contribution, count) };
  }

  /** The device's part of a rental whose used hours are retired ends. */
  #endPart(id, device, refund) {
    const rental = this.rentals[id];
    const count = BigInt(rental.devices.length);
    const [paid, fees] = [rental.paid / count, rental.fees / count];
    const remaining = rental.end - this.now;
    rental.devices = rental.devices.filter((other) => other !== device);
    rental.paid -= paid;
    rental.fees -= fees;
    this.devices[device].rental = null;
    this.spent(rental.client, paid - refund, fees, rental.pool);
    const { client } = rental;
    const events = { 'rentals.DeviceFailed': { rental: id, device, client, gpuSeconds: remaining, refund } };
    if (rental.devices.length === 0) {
      const ended = this.#release(id, rental.paid, rental.fees);
      events['rentals.RentalEnded'] = { ...ended, reason: 'ProviderFailed', gpuSeconds: 0n, refund: 0n, fee: 0n };
    }
    return events;
  }

  #ejected(device) {
    const id = this.devices[device].position;
    if (id === null) return this.#closeReport(device, 'Confirmed');
    const position = this.positions[id];
    const { pool, owner, maintenanceFee, collateral } = position;
    const state = this.synced(pool);
    let events = this.#closeReport(device, 'Confirmed');

    const rentalId = this.#rentalOf(device, this.now);
    const rental = rentalId === null ? null : this.rentals[rentalId];
    let claim = { unused: 0n, contribution: null };
    if (rental) {
      const consumed = this.#retireUsedHours(rentalId);
      this.party(rental.client).addHours(pool, this.now - rental.end);
      claim = this.#claimForFailure(rental);
      events = { ...events, ...consumed, ...this.#endPart(rentalId, device, claim.unused) };
    }
    const refund = claim.unused;

    const departure = this.#depart(position, rental?.end ?? null);
    this.finish(position);
    const slash = partUp(departure.returned, RATES.ejectionSlash);
    // What was on hold comes to the pool, to be shared out.
    this.move(owner, this.pools.get(pool).address, maintenanceFee + collateral);
    state.owed += maintenanceFee + collateral;
    this.pay(pool, owner, departure.streamed + departure.returned - slash);

    const forfeits = slash + maintenanceFee + collateral;
    const refundFromForfeits = min(refund, forfeits);
    const lacking = refund - refundFromForfeits;
    // What giving the time back brings, now that the device has left.
    const worth = lacking > 0n ? state.quoteGiveBack(rental.end - this.now, claim.contribution).amount : 0n;
    const refundFromPool = state.refund(min(lacking, worth));
    if (rental) this.pay(pool, rental.client, refundFromForfeits + refundFromPool);
    const left = forfeits - refundFromForfeits;
    const compensation = min(departure.lostValue, left);
    state.compensate(compensation);
    this.burnOwed(pool, left - compensation);
    const account = {
      streamed: departure.streamed, returned: departure.returned, slash, maintenanceFee, collateral,
      deposit: RATES.position, client: rental?.client ?? null, refundFromForfeits, refundFromPool,
      shortfall: refund - refundFromForfeits - refundFromPool, lostGpuSeconds: departure.seconds,
      compensation, burned: left - compensation,
    };
    return { ...events, 'stakes.Ejected': { position: id, owner, device, account } };
  }

  /** The device leaves its pool. */
  #depart(position, rentedUntil) {
    const { pool, end, liquidity, sale } = position;
    const state = this.synced(pool);
    const departure = { streamed: 0n, returned: 0n, seconds: 0n, lostValue: 0n };
    if (liquidity) departure.streamed = this.#streamed(position).amount;
    if (liquidity && this.now < end) {
      Object.assign(departure, state.removeLiquidity(liquidity, end, rentedUntil));
    } else if (sale && this.now < sale.until) {
      departure.seconds = state.removeSold(sale.until, rentedUntil);
      departure.lostValue = divideUp(sale.amount * departure.seconds, sale.seconds);
    }
    this.poolAccount(pool).addHours(pool, -departure.seconds);
    return departure;
  }
}
