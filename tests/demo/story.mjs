/** The story of one device: which of what happens is told, and what is waited for meanwhile. */

import { sentences } from './sentences.mjs';
import { clock } from './words.mjs';

/** Rounds come about once a minute. After so many seconds without one something is wrong. */
const PATIENCE_SECONDS = 240;
/** What the agent writes when it has answered a challenge. */
const ANSWERED = /challenge of round (\d+) .* answered: ([^;]*);/;

/**
 * How long an answer took by a line of the agent's log: only the agent knows.
 *
 * @param {string} line
 * @returns {{ round: number, seconds: number } | null} nothing where the line is about something else
 */
export function answerTime(line) {
  const [, round, steps] = ANSWERED.exec(line) ?? [];
  if (round === undefined) return null;
  const milliseconds = [...steps.matchAll(/(\d+) ms/g)].reduce((sum, [, each]) => sum + Number(each), 0);
  return { round: Number(round), seconds: milliseconds / 1000 };
}

/** Tells it, as blocks come. */
export class Story {
  #screen;
  #about;
  #miner;
  #tryNext;
  #told = new Set();
  #block = null;
  /** Since when there has been no verdict although there should have been the first, Unix seconds. */
  #silentSince = null;
  #device = null;
  #agentUrl = null;
  #position = null;
  #standing = 'Unverified';
  #before = null;
  #rental = null;
  #round = null;
  #vote = null;
  #answer = null;
  #earned = 0n;

  /**
   * @param {object} settings
   * @param {import('./screen.mjs').Screen} settings.screen
   * @param {import('./chain.mjs').Chain['about']} settings.about
   * @param {string} settings.miner the name of the device's owner
   * @param {() => void} settings.tryNext says where to look and what to try
   */
  constructor({ screen, about, miner, tryNext }) {
    this.#screen = screen;
    this.#about = about;
    this.#miner = miner;
    this.#tryNext = tryNext;
  }

  /** @returns {bigint} what the device has earned so far, in planck */
  get earned() {
    return this.#earned;
  }

  /** The chain does not let the miner do something. */
  refused(why) {
    this.#say('refused', { why });
  }

  /** The device's agent runs. */
  agentStarted(url) {
    this.#agentUrl = url;
    if (this.#device !== null) this.#say('agentStarted', { url });
  }

  /** @param {string} line of the agent's log */
  agentWrote(line) {
    this.#answer = answerTime(line) ?? this.#answer;
  }

  /**
   * Tells what is in a block.
   *
   * @param {{ number: number, time: number, epochEnd: number | null, happenings: object[] }} block
   */
  see(block) {
    if (this.#block === null) this.#say('began', block);
    this.#block = { ...block, seenAt: this.#screen.elapsed };
    for (const { is, ...happening } of block.happenings) {
      if (this.#isOurs(happening)) this.#tell(is, happening);
    }
    if (this.#rental?.end <= block.time) {
      this.#say('rentalOver', this.#rental);
      this.#rental = null;
    }
    this.#complain(block.time);
  }

  /** @returns {string} what is waited for at this moment */
  get waitsFor() {
    if (this.#block === null) return 'waiting for the first block';
    const { number, time, epochEnd, seenAt } = this.#block;
    const now = time + this.#screen.elapsed - seenAt;
    return `block ${number}: ${this.#awaited(now, epochEnd)}`;
  }

  #awaited(now, epochEnd) {
    const until = (moment) => clock(moment - now);
    if (this.#rental) return `rented for another ${until(this.#rental.end)}`;
    const { round, closesAt } = this.#round ?? {};
    if (closesAt > now) return `the challenge of round ${round} comes within ${until(closesAt)}`;
    if (this.#position?.isInPool) return `rewards in ${until(epochEnd)}, stake ends in ${until(this.#position.end)}`;
    if (this.#device === null) return 'the miner is about to register its device';
    if (this.#standing === 'Verified') return 'the miner is about to take the next step';
    return 'waiting for a verifier (about one a minute)';
  }

  // Says so where the first verdict does not come.
  #complain(now) {
    if (this.#device === null || this.#told.has('verdict')) return;
    this.#silentSince ??= now;
    if (now - this.#silentSince < PATIENCE_SECONDS) return;
    this.#silentSince = now;
    this.#say('unchallenged', {});
  }

  #isOurs({ owner, device, devices, position, deviceBound }) {
    if (this.#device === null) return owner === this.#miner;
    if (deviceBound !== undefined) return this.#device < deviceBound;
    if (device !== undefined) return device === this.#device;
    if (devices !== undefined) return devices.includes(this.#device);
    return position === undefined ? owner === this.#miner : position === this.#position?.number;
  }

  #tell(is, happening) {
    // What every round does is told once. Later it is one line for each, when there is a verdict.
    const isTold = this.#standing === 'Unverified';
    switch (is) {
      case 'registered':
        this.#device = happening.device;
        break;
      case 'round':
        this.#round = happening;
        if (!isTold) return;
        break;
      case 'challenged':
        this.#vote = { ...happening, seconds: this.#answer?.round === happening.round ? this.#answer.seconds : undefined };
        if (isTold) this.#say(is, this.#vote);
        return;
      case 'standing':
        this.#before = this.#standing;
        this.#standing = happening.standing;
        return;
      case 'verdict':
        if (this.#round?.round === happening.round) this.#round = null;
        this.#say(is, {
          ...happening,
          before: this.#before,
          standing: this.#standing,
          vote: this.#vote?.round === happening.round ? this.#vote : null,
        });
        return;
      case 'staked':
        this.#position = { number: happening.position, end: happening.end, isInPool: false };
        break;
      case 'provided':
        this.#position.isInPool = true;
        break;
      case 'closed':
      case 'ejected':
        this.#position = null;
        break;
      case 'rented':
        this.#rental = happening;
        this.#say(is, { ...happening, seconds: happening.end - this.#block.time });
        return;
      case 'rewarded':
        this.#earned += happening.paid;
        break;
    }
    const isFirst = !this.#told.has(is);
    this.#say(is, happening);
    // The agent may be there before the block in which the device was registered is looked at.
    if (is === 'registered' && this.#agentUrl) this.agentStarted(this.#agentUrl);
    if (isFirst && (is === 'provided' || is === 'claimed')) this.#tryNext();
  }

  // What it means is said the first time only.
  #say(is, facts) {
    const { text, meaning, style } = sentences[is](facts, this.#about);
    this.#screen.say(text, this.#told.has(meaning) ? undefined : meaning, style);
    this.#told.add(is).add(meaning);
  }
}
