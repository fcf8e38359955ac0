/** Numbers of the chain in plain words. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { becauseOf, clock, duration, factorsInShort, loopin, percent } from './words.mjs';

const LOOPIN = 10n ** 12n;

test('amounts have as many digits as say something', () => {
  assert.equal(loopin(166_666_667n), '0.000167 LOOPIN');
  assert.equal(loopin(17_500_000_000n), '0.0175 LOOPIN');
  assert.equal(loopin((612_345n * LOOPIN) / 1000n), '612.35 LOOPIN');
  assert.equal(loopin(1_000_000n * LOOPIN), '1,000,000 LOOPIN');
  assert.equal(loopin(0n), '0 LOOPIN');
});

test('times are said with their two largest units, and never below zero', () => {
  assert.equal(duration(1), '1 second');
  assert.equal(duration(630), '10 minutes 30 seconds');
  assert.equal(duration(3_600), '1 hour');
  assert.equal(duration(30 * 86_400), '30 days');
  assert.equal(duration(-5), '0 seconds');
});

test('a clock shows hours only where there are some', () => {
  assert.equal(clock(5.9), '0:05');
  assert.equal(clock(605), '10:05');
  assert.equal(clock(3_661), '1:01:01');
  assert.equal(clock(-1), '0:00');
});

test('parts are percentages', () => {
  assert.equal(percent(1), '100 %');
  assert.equal(percent(0.09995), '10 %');
  assert.equal(percent(0.0123), '1.2 %');
  assert.equal(
    factorsInShort({ time: 0.1, loyalty: 1, privacy: 0.5, work: 0.983 }),
    'age 10 % x loyalty 100 % x privacy 50 % x speed 98.3 %',
  );
});

test('a reason that nobody has put into words is given as it is', () => {
  assert.match(becauseOf('Late'), /too late/);
  assert.match(becauseOf('Offline'), /nobody/);
  assert.equal(becauseOf('Eclipse'), 'Eclipse');
});
