/** Waiting for something to become true, always with a deadline. */

import { setTimeout as sleep } from 'node:timers/promises';

/** How often a condition is looked at, in milliseconds. */
const POLL_MILLISECONDS = 300;

/**
 * Looks again and again until `probe` returns something truthy.
 *
 * @template T
 * @param {string} what what is waited for, for the error message
 * @param {number} seconds the deadline
 * @param {() => Promise<T> | T} probe an error that it throws ends the wait
 * @returns {Promise<T>} what the probe returned
 */
export async function until(what, seconds, probe) {
  const deadline = Date.now() + seconds * 1000;
  let seen;
  for (;;) {
    seen = await probe();
    if (seen) return seen;
    if (Date.now() > deadline) throw new Error(`waited ${seconds} s in vain: ${what}`);
    await sleep(POLL_MILLISECONDS);
  }
}

/**
 * Fails when a promise takes too long.
 *
 * @template T
 * @param {string} what what is waited for, for the error message
 * @param {number} seconds the deadline
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
export async function within(what, seconds, promise) {
  const done = new AbortController();
  const timeout = sleep(seconds * 1000, undefined, { signal: done.signal }).then(
    () => {
      throw new Error(`waited ${seconds} s in vain: ${what}`);
    },
    () => undefined,
  );
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    done.abort();
  }
}
