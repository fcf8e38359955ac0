/** Where the story is printed: a terminal, on which the last line moves, or anything else, on which nothing does. */

import { clock } from './words.mjs';

/** Lines longer than this are hard to read. */
const WIDEST = 100;
/** Narrower than this words are not laid out, and the terminal breaks lines where it likes. */
const NARROWEST = 30;
/** Without a terminal, how long it may be silent before it says again what it waits for, in seconds. */
const SILENCE_SECONDS = 30;

const CLEAR_LINE = '\r\x1b[2K';
const STYLES = { bold: '1', dim: '2', alarm: '1;31', good: '32' };

/**
 * Breaks a text into lines. Words that are too long for one, such as addresses, are left whole.
 *
 * @param {string} text
 * @param {number} width
 * @param {string} [heading] what the first line begins with
 * @param {number} [indent] how many blanks the others begin with
 * @returns {string[]}
 */
export function layOut(text, width, heading = '', indent = heading.length) {
  const lines = [];
  let [line, isEmpty] = [heading, true];
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      [line, isEmpty] = [' '.repeat(indent), true];
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}

/** A stream of numbered lines with the time since the start, and at its end what is waited for. */
export class Screen {
  #stream;
  #environment;
  #now;
  #start;
  #lastPrinted;
  #number = 0;
  #hasMovingLine = false;

  /**
   * @param {NodeJS.WriteStream} stream
   * @param {object} [settings]
   * @param {Record<string, string | undefined>} [settings.environment] the variables NO_COLOR and TERM count
   * @param {() => number} [settings.now] the time, in milliseconds
   */
  constructor(stream, { environment = process.env, now = Date.now } = {}) {
    this.#stream = stream;
    this.#environment = environment;
    this.#now = now;
    this.#start = now();
    this.#lastPrinted = this.#start;
  }

  /** @returns {number} seconds since the start */
  get elapsed() {
    return (this.#now() - this.#start) / 1000;
  }

  get #isTerminal() {
    return Boolean(this.#stream.isTTY) && this.#environment.TERM !== 'dumb';
  }

  get #columns() {
    return (this.#isTerminal && this.#stream.columns) || WIDEST;
  }

  get #width() {
    return Math.max(NARROWEST, Math.min(WIDEST, this.#columns));
  }

  /**
   * Something has happened.
   *
   * @param {string} text
   * @param {string} [meaning] what that is, for somebody who hears of it for the first time
   * @param {'good' | 'alarm'} [style]
   */
  say(text, meaning, style) {
    this.#number += 1;
    const heading = `${clock(this.elapsed).padStart(5)}${`${this.#number}`.padStart(4)}. `;
    const indent = this.#columns < 2 * NARROWEST ? 3 : heading.length;
    this.#print(layOut(text, this.#width, heading, indent), style);
    const blanks = ' '.repeat(indent);
    if (meaning) this.#print(layOut(meaning, this.#width, blanks), 'dim');
  }

  /**
   * Something else than the story: a heading, what to try. Each keeps its indentation, and the letter it begins with.
   *
   * @param {string[]} paragraphs
   * @param {'bold' | 'alarm'} [style]
   */
  tell(paragraphs, style) {
    for (const paragraph of paragraphs) {
      const [heading] = /^ *([a-z]\. )?/.exec(paragraph);
      this.#print(layOut(paragraph.slice(heading.length), this.#width, heading), style);
    }
  }

  /** Lines of another program as they are. */
  quote(lines) {
    this.#print(lines.map((line) => `  | ${line}`), 'dim');
  }

  /** Says what is waited for: at the end of a terminal at once, elsewhere when there has been nothing else to say. */
  wait(text) {
    const line = `${clock(this.elapsed).padStart(5)}    ${text}`;
    if (this.#isTerminal) {
      this.#stream.write(CLEAR_LINE + this.#styled(line.slice(0, this.#columns - 1), 'dim'));
      this.#hasMovingLine = true;
    } else if (this.#now() - this.#lastPrinted >= SILENCE_SECONDS * 1000) {
      this.#print([line]);
    }
  }

  /** Takes away the line that says what is waited for. */
  stopWaiting() {
    if (this.#hasMovingLine) this.#stream.write(CLEAR_LINE);
    this.#hasMovingLine = false;
  }

  #print(lines, style) {
    this.stopWaiting();
    for (const line of lines) this.#stream.write(`${this.#styled(line, style)}\n`);
    this.#lastPrinted = this.#now();
  }

  #styled(text, style) {
    const isPlain = style === undefined || !this.#isTerminal || this.#environment.NO_COLOR;
    return isPlain ? text : `\x1b[${STYLES[style]}m${text}\x1b[0m`;
  }
}
