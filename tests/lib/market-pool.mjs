/**
 * The dissipative pool, written from the protocol's description and the roundings that `math/` documents, and from
 * nothing else: what the chain computes is compared with this to the planck. All amounts are BigInt: planck,
 * GPU-seconds, Unix seconds.
 */

const MINUTE = 60n;
const HOUR = 3_600n;
const WEEK = 168n * HOUR;
/** Shares that the anchor has for each of its virtual GPU-seconds. */
const SHARES_PER_ANCHOR_SECOND = 1n << 40n;
/** Bits after the binary point of what has streamed. */
const FRACTION_BITS = 128n;
const MILLION = 1_000_000n;

/** `a / b`, rounded up. */
export const divideUp = (a, b) => (a + b - 1n) / b;
/** So many millionths of an amount, rounded up. */
export const partUp = (amount, millionths) => divideUp(amount * millionths, MILLION);
/** The end of what starts then and lasts so long: the next whole minute. */
export const scheduledEnd = (start, seconds) => divideUp(start + seconds, MINUTE) * MINUTE;

const min = (a, b) => (a < b ? a : b);
const bits = (number) => BigInt(number.toString(2).length);

/** Bits of the mantissa of what is left. */
const MANTISSA_BITS = 128n;
/** All is left: a number is its mantissa times 2^(-127 - exponent). */
const EVERYTHING = { mantissa: 1n << (MANTISSA_BITS - 1n), exponent: 0n };

/** A number of 128 bits and an exponent, times `after / before`, rounded down. */
const shrunk = ({ mantissa, exponent }, after, before) => {
  // So many bits more that the quotient has all that it needs.
  const raised = 256n;
  const quotient = ((mantissa * after) << raised) / before;
  const surplus = bits(quotient) - MANTISSA_BITS;
  return { mantissa: quotient >> surplus, exponent: exponent + raised - surplus };
};

/** What is left in the reserve of what was paid when `retention` was left, now that `now` is. */
const leftOf = ({ kept, retention }, now) =>
  (kept * now.mantissa) / (retention.mantissa << (now.exponent - retention.exponent));

/**
 * Takes one of so many equal parts out of a contribution, and returns it.
 *
 * @param {{ kept: bigint, retention: object }} contribution
 * @param {bigint} parts
 */
export const takePart = (contribution, parts) => {
  const kept = contribution.kept / parts;
  contribution.kept -= kept;
  return { ...contribution, kept };
};

/** The mean price between two moments of which the integrals are known. */
const meanBetween = (first, last, hasGap) => ({
  from: first.moment,
  until: last.moment,
  pricePerGpuHour: ((last.reserve - first.reserve) * HOUR) / (last.seconds - first.seconds),
  hasGap,
});

/** What changes about a pool in one minute. */
const nothing = () => ({ idleJoining: 0n, idleLeaving: 0n, providersLeaving: 0n, rateLeaving: 0n });

/** A pool, its agenda, and the money that it owes. */
export class ReferencePool {
  /**
   * @param {object} settings
   * @param {bigint} settings.anchor planck that are locked for ever
   * @param {bigint} settings.pricePerGpuHour
   * @param {bigint} settings.now
   * @param {bigint} [settings.swapFee] millionths
   */
  constructor(settings) {
    const { anchor, pricePerGpuHour, now, swapFee = 3_000n } = settings;
    this.settings = settings;
    this.reserve = anchor;
    this.anchorSeconds = (anchor * HOUR) / pricePerGpuHour;
    this.gpuSeconds = this.anchorSeconds;
    this.shares = this.anchorSeconds * SHARES_PER_ANCHOR_SECOND;
    this.idleDevices = 0n;
    this.providerDevices = 0n;
    this.shareRate = 0n;
    this.updatedAt = now;
    /** Planck per share given up, times 2^128. */
    this.streamIndex = 0n;
    /** What has streamed of the last planck, times 2^128. */
    this.streamedFraction = 0n;
    /** What is left of the reserve that the pool began with. */
    this.retention = EVERYTHING;
    this.reserveIntegralDoubled = 0n;
    this.secondsIntegralDoubled = 0n;
    this.owed = 0n;
    this.rentedVolume = 0n;
    this.soldVolume = 0n;
    this.swapFee = swapFee;
    /** The integrals at the beginning of the hours in which the pool was synced, by hour. */
    this.marks = new Map();
    /** What will change, by moment. */
    this.agenda = new Map();
    /** The stream index at the moments at which positions ended. */
    this.endings = new Map();
  }

  /** @returns {ReferencePool} a copy that can be changed */
  copy() {
    const copy = Object.assign(new ReferencePool(this.settings), this);
    copy.agenda = new Map([...this.agenda].map(([moment, change]) => [moment, { ...change }]));
    copy.endings = new Map(this.endings);
    copy.marks = new Map(this.marks);
    return copy;
  }

  get idleSeconds() {
    return this.gpuSeconds - this.anchorSeconds;
  }

  get pricePerGpuHour() {
    return (this.reserve * HOUR) / this.gpuSeconds;
  }

  get meanPricePerGpuHour() {
    if (this.secondsIntegralDoubled === 0n) return this.pricePerGpuHour;
    return (this.reserveIntegralDoubled * HOUR) / this.secondsIntegralDoubled;
  }

  /**
   * The mean price between the last known moments that are no later than the two, or nothing where that is one moment.
   *
   * @param {bigint} from
   * @param {bigint} until later
   */
  meanPrice(from, until) {
    const known = this.#knownMoments();
    const [first, last] = [from, until].map((asked) => known.findLast(({ moment }) => moment <= asked) ?? known[0]);
    if (first === last) return null;
    const fallsShort = ({ moment }, asked) => moment / HOUR < min(asked, this.updatedAt) / HOUR;
    return meanBetween(first, last, fallsShort(first, from) || fallsShort(last, until));
  }

  /** The mean prices from each known moment to the next, between the two. */
  priceChart(from, until) {
    const known = this.#knownMoments();
    const start = Math.max(0, known.findLastIndex(({ moment }) => moment <= from));
    const shown = known.slice(start).filter(({ moment }) => moment <= until);
    return shown.slice(1).map((last, index) => meanBetween(shown[index], last, last.moment - shown[index].moment > HOUR));
  }

  /** The beginning, the marks and the present, in order, each with the integrals until then. */
  #knownMoments() {
    const known = new Map([[this.settings.now, { reserve: 0n, seconds: 0n }]]);
    for (const [hour, mark] of this.marks) known.set(hour * HOUR, mark);
    known.set(this.updatedAt, { reserve: this.reserveIntegralDoubled, seconds: this.secondsIntegralDoubled });
    return [...known].map(([moment, mark]) => ({ moment, ...mark })).sort((one, other) => Number(one.moment - other.moment));
  }

  /** The value of GPU time, rounded up. */
  value(seconds) {
    return divideUp(this.reserve * seconds, this.gpuSeconds);
  }

  /**
   * Lets time pass, and happen what is due.
   *
   * @param {bigint} now
   * @returns {bigint} GPU-seconds that ran off
   */
  sync(now) {
    if (now === this.updatedAt) return 0n;
    const perShare = ((this.reserve << FRACTION_BITS) - this.streamedFraction) / this.shares;
    const { shares: sharesBefore, gpuSeconds: secondsBefore } = this;
    let sharesIntegralDoubled = 0n;
    const pass = (moment) => {
      const elapsed = moment - this.updatedAt;
      const [shares, seconds] = [this.shares, this.gpuSeconds];
      this.shares -= this.shareRate * elapsed;
      this.gpuSeconds -= this.idleDevices * elapsed;
      sharesIntegralDoubled += (shares + this.shares) * elapsed;
      this.secondsIntegralDoubled += (seconds + this.gpuSeconds) * elapsed;
      this.streamIndex += perShare * elapsed;
      this.updatedAt = moment;
    };
    let hour = now / HOUR > this.updatedAt / HOUR ? now / HOUR : null;
    const passAndMark = (moment) => {
      if (hour !== null && hour * HOUR <= moment) {
        pass(hour * HOUR);
        const reserve = this.reserveIntegralDoubled + ((perShare * sharesIntegralDoubled) >> FRACTION_BITS);
        this.marks.set(hour, { reserve, seconds: this.secondsIntegralDoubled });
        hour = null;
      }
      pass(moment);
    };
    const due = [...this.agenda.keys()].filter((moment) => moment <= now).sort((a, b) => Number(a - b));
    for (const moment of due) {
      passAndMark(moment);
      const change = this.agenda.get(moment);
      this.idleDevices += change.idleJoining - change.idleLeaving;
      this.providerDevices -= change.providersLeaving;
      this.shareRate -= change.rateLeaving;
      if (change.providersLeaving > 0n) this.endings.set(moment, this.streamIndex);
      this.agenda.delete(moment);
    }
    passAndMark(now);

    const streamed = perShare * (sharesBefore - this.shares) + this.streamedFraction;
    this.reserve -= streamed >> FRACTION_BITS;
    this.owed += streamed >> FRACTION_BITS;
    this.streamedFraction = BigInt.asUintN(128, streamed);
    this.retention = shrunk(this.retention, this.shares, sharesBefore);
    this.reserveIntegralDoubled += (perShare * sharesIntegralDoubled) >> FRACTION_BITS;
    return secondsBefore - this.gpuSeconds;
  }

  /** What taking so much time costs. */
  quoteRent(seconds) {
    return this.#trade(seconds, divideUp(this.reserve * seconds, this.gpuSeconds - seconds));
  }

  /** What bringing so much time earns. */
  quoteSale(seconds) {
    return this.#trade(seconds, (this.reserve * seconds) / (this.gpuSeconds + seconds));
  }

  /** What is left in the reserve of what was paid. */
  left(contribution) {
    return leftOf(contribution, this.retention);
  }

  /** What giving so much time back brings that was paid for: no more than what is left of that. */
  quoteGiveBack(seconds, contribution) {
    const worth = (this.reserve * seconds) / (this.gpuSeconds + seconds);
    return this.#trade(seconds, min(worth, this.left(contribution)));
  }

  /**
   * LOOPIN is locked for ever at the present price, or at the mean price of a week, if that is higher.
   *
   * @param {bigint} amount
   * @returns {bigint} the virtual GPU-seconds for it
   */
  deepen(amount) {
    const since = this.marks.get((this.updatedAt - WEEK) / HOUR) ?? { reserve: 0n, seconds: 0n };
    const [reserve, gpuSeconds] = [this.reserveIntegralDoubled - since.reserve, this.secondsIntegralDoubled - since.seconds];
    const seconds = min((amount * this.gpuSeconds) / this.reserve, (amount * gpuSeconds) / reserve);
    const shares = (seconds * this.shares) / this.gpuSeconds;
    this.reserve += amount;
    this.gpuSeconds += seconds;
    this.anchorSeconds += seconds;
    this.shares += shares;
    return seconds;
  }

  #trade(seconds, amount) {
    const fee = partUp(amount, this.swapFee);
    return { seconds, amount, fee, cost: amount + fee, proceeds: amount - fee };
  }

  /** A device joins until then, with LOOPIN of the same value. */
  addLiquidity(until) {
    const seconds = until - this.updatedAt;
    const paid = this.value(seconds);
    const shareRate = this.shares / this.gpuSeconds;
    this.reserve += paid;
    this.gpuSeconds += seconds;
    this.shares += shareRate * seconds;
    this.shareRate += shareRate;
    this.idleDevices += 1n;
    this.providerDevices += 1n;
    this.#schedule(until, { idleLeaving: 1n, providersLeaving: 1n, rateLeaving: shareRate });
    return { seconds, paid, shareRate, streamIndex: this.streamIndex, retention: this.retention };
  }

  /**
   * What leaving early brings now: the least of the shares' part of the reserve, of the unspent part of what was paid,
   * of what is left of that in the reserve, and of what leaves `B * A / L^2` as it is.
   */
  quoteRemoveLiquidity({ shareRate, paid, seconds, retention }, end, rentedUntil) {
    const remaining = end - this.updatedAt;
    const part = (this.reserve * shareRate * remaining) / this.shares;
    const unspent = (paid * remaining) / seconds;
    const sharesAfter = this.shares - shareRate * remaining;
    const secondsAfter = this.gpuSeconds - (end - (rentedUntil ?? this.updatedAt));
    const kept = divideUp(this.reserve * this.gpuSeconds * sharesAfter ** 2n, this.shares ** 2n * secondsAfter);
    const left = this.left({ kept: paid, retention });
    return min(min(part, unspent), min(left, kept < this.reserve ? this.reserve - kept : 0n));
  }

  /** A position ends before its time. What it returns is owed. */
  removeLiquidity(liquidity, end, rentedUntil) {
    const returned = this.quoteRemoveLiquidity(liquidity, end, rentedUntil);
    this.reserve -= returned;
    this.owed += returned;
    this.shares -= liquidity.shareRate * (end - this.updatedAt);
    this.shareRate -= liquidity.shareRate;
    this.providerDevices -= 1n;
    const seconds = this.#withdraw(end, rentedUntil);
    this.#cancel(end, { idleLeaving: 1n, providersLeaving: 1n, rateLeaving: liquidity.shareRate });
    return { returned, seconds };
  }

  /** A device whose time was sold leaves before that time is over. */
  removeSold(until, rentedUntil) {
    const seconds = this.#withdraw(until, rentedUntil);
    this.#cancel(until, { idleLeaving: 1n });
    return seconds;
  }

  #withdraw(until, rentedUntil) {
    if (rentedUntil === null) this.idleDevices -= 1n;
    else this.#cancel(rentedUntil, { idleJoining: 1n });
    const seconds = until - (rentedUntil ?? this.updatedAt);
    this.gpuSeconds -= seconds;
    return seconds;
  }

  /** So many devices are rented until then. The trade says what was contributed. */
  rent(devices, until) {
    const trade = this.#take(devices * (until - this.updatedAt), { kept: 0n, retention: EVERYTHING });
    this.idleDevices -= devices;
    this.#schedule(until, { idleJoining: devices });
    return trade;
  }

  /** A rental that has contributed something ends later. */
  extendRental(devices, from, until, contribution) {
    const trade = this.#take(devices * (until - from), contribution);
    this.#cancel(from, { idleJoining: devices });
    this.#schedule(until, { idleJoining: devices });
    return trade;
  }

  #take(seconds, contribution) {
    const trade = this.quoteRent(seconds);
    const kept = this.left(contribution) + trade.amount;
    this.reserve += trade.amount;
    this.gpuSeconds -= seconds;
    this.rentedVolume += trade.amount;
    return { ...trade, contribution: { kept, retention: this.retention } };
  }

  /** A rental that has contributed something ends now. */
  giveBack(devices, until, contribution) {
    const trade = this.#bring(this.quoteGiveBack(devices * (until - this.updatedAt), contribution));
    this.idleDevices += devices;
    this.#cancel(until, { idleJoining: devices });
    return trade;
  }

  /** The time of a device is sold, from now, or from the end of what was sold already. */
  sell(from, until) {
    const trade = this.#bring(this.quoteSale(until - (from ?? this.updatedAt)));
    if (from === null) this.idleDevices += 1n;
    else this.#cancel(from, { idleLeaving: 1n });
    this.#schedule(until, { idleLeaving: 1n });
    this.soldVolume += trade.amount;
    return trade;
  }

  #bring(trade) {
    this.reserve -= trade.amount;
    this.gpuSeconds += trade.seconds;
    return trade;
  }

  /** A rented device did not serve: its time comes back. */
  returnUnserved(until) {
    const seconds = until - this.updatedAt;
    this.gpuSeconds += seconds;
    this.idleDevices += 1n;
    this.#cancel(until, { idleJoining: 1n });
    return seconds;
  }

  /** As much of an amount as the reserve can pay is owed to a client. */
  refund(amount) {
    const paid = min(amount, this.reserve - 1n);
    this.reserve -= paid;
    this.owed += paid;
    return paid;
  }

  /** What was owed becomes part of the reserve. */
  compensate(amount) {
    this.owed -= amount;
    this.reserve += amount;
  }

  #schedule(moment, change) {
    const entry = this.agenda.get(moment) ?? nothing();
    for (const [key, value] of Object.entries(change)) entry[key] += value;
    this.agenda.set(moment, entry);
  }

  #cancel(moment, change) {
    const entry = this.agenda.get(moment);
    for (const [key, value] of Object.entries(change)) {
      if (!entry || entry[key] < value) throw new Error(`nothing to cancel at ${moment}`);
      entry[key] -= value;
    }
  }
}
