/** What the miner does, and what is told of it, without a chain. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nextStep } from './miner.mjs';
import { Story, answerTime } from './story.mjs';

const LOOPIN = 10n ** 12n;
const ABOUT = {
  ...{ pool: 7, poolSymbol: 'cpu', stakeSeconds: 600, expectedGops: 1 },
  ...{ epochSeconds: 300, fullAgeSeconds: 2_592_000, blockSeconds: 6 },
};
const PASS = { is: 'challenged', device: 4, verifier: 'Alice', gops: 6, reason: null };
const ANSWER = 'Device 4: challenge of round 2 by qpp1 answered: prepare 0 ms, fill 317 ms, walk 83 ms, open 0 ms; 6 Gop/s';

/** A story of Ferdie's device 4, which is registered in the first block. */
function begin() {
  const told = [];
  const screen = { elapsed: 0, say: (text, meaning, style) => told.push({ text, meaning, style }) };
  const tries = [];
  const story = new Story({ screen, about: ABOUT, miner: 'Ferdie', tryNext: () => tries.push(told.length) });
  let number = 0;
  const see = (...happenings) => {
    number += 1;
    told.length = 0;
    story.see({ number, time: 1_000 + 6 * number, epochEnd: 1_306, happenings });
    return told.map(({ text }) => text).join('\n');
  };
  see({ is: 'registered', owner: 'Ferdie', device: 4, deposit: LOOPIN });
  return { story, see, told, tries };
}

const verdict = (round, verdict, standing) => [
  { is: 'standing', device: 4, standing },
  { is: 'verdict', device: 4, round, verdict },
];

test('the next step follows from how things are', () => {
  const state = { isVerified: true, certificate: null, position: null, epoch: 3, claimedEpoch: null };
  const inPool = { isInPool: true, isOver: false };
  const steps = [
    [{ isVerified: false }, 'wait'],
    [{}, 'buyCertificate'],
    [{ certificate: 0 }, 'stake'],
    [{ position: { isInPool: false, isOver: false } }, 'addLiquidity'],
    [{ position: inPool, claimedEpoch: 3 }, 'wait'],
    [{ position: inPool, claimedEpoch: 2 }, 'claim'],
    [{ position: { ...inPool, isOver: true }, claimedEpoch: 2 }, 'close'],
    [{ position: { ...inPool, isOver: true }, isVerified: false }, 'wait'],
  ];
  for (const [change, step] of steps) assert.equal(nextStep({ ...state, ...change }), step);
});

test('the time of an answer is the sum of its steps', () => {
  assert.deepEqual(answerTime(ANSWER), { round: 2, seconds: 0.4 });
  assert.equal(answerTime('Connected to ws://127.0.0.1:9944'), null);
});

test('the first round is told in full, and each one after it in a line', () => {
  const { story, see, told } = begin();
  const round = { is: 'round', opensAt: 1_020, closesAt: 1_068, deviceBound: 5 };
  assert.match(see({ ...round, round: 1 }), /Round 1 .* begins/);
  assert.match(see({ ...PASS, round: 1 }), /Alice.* 6 billion operations a second/);
  assert.match(see(...verdict(1, 'Passed', 'Verified')), /The device is verified/);
  assert.equal(told[0].style, 'good');
  assert.equal(see({ ...round, round: 2 }), '');
  story.agentWrote(ANSWER);
  assert.equal(see({ ...PASS, round: 2 }), '');
  assert.equal(
    see(...verdict(2, 'Passed', 'Verified')),
    'Round 2: passed (Alice saw 6 billion operations a second, answered in 400 ms).',
  );
});

test('the agent is introduced after the device, whichever is there first', () => {
  const told = [];
  const screen = { elapsed: 0, say: (text) => told.push(text) };
  const story = new Story({ screen, about: ABOUT, miner: 'Ferdie', tryNext: () => {} });
  story.agentStarted('http://127.0.0.1:9090');
  story.see({ number: 1, time: 6, epochEnd: null, happenings: [{ is: 'registered', owner: 'Ferdie', device: 4, deposit: 1n }] });
  assert.deepEqual(told.map((text) => /runs|registers|agent/.exec(text)[0]), ['runs', 'registers', 'agent']);
});

test('a failure says why, and what follows', () => {
  const { see, told } = begin();
  see(...verdict(1, 'Passed', 'Verified'));
  see({ ...PASS, round: 2, gops: null, reason: 'Late' });
  assert.match(see(...verdict(2, 'Failed', 'Suspended')), /Round 2: .*answered too late.*suspended/);
  assert.equal(told[0].style, 'alarm');
  assert.match(see(...verdict(3, 'Failed', 'Ejected'), { is: 'ejected', device: 4 }), /stake has ended/);
  assert.match(see(...verdict(4, 'Passed', 'Verified')), /verified again/);
});

test('a rented device is left in peace, and what is decided late belongs to its own round', () => {
  const { story, see } = begin();
  see(...verdict(1, 'Passed', 'Verified'));
  see({ is: 'rented', client: 'Dave', devices: [4], end: 1_030, cost: LOOPIN });
  assert.match(story.waitsFor, /rented for another 0:12/);
  see({ is: 'round', round: 3, opensAt: 1_036, closesAt: 1_084, deviceBound: 5 });
  const late = see(...verdict(2, 'Inconclusive', 'Verified'));
  assert.match(late, /^Round 2: undecided, as nobody has challenged the device.*\nThe time that Dave has rented is over/);
  assert.match(story.waitsFor, /round 3 comes within/);
});

test('rewards are explained once, and add up', () => {
  const { story, see, told } = begin();
  const factors = { time: 0.1, loyalty: 1, privacy: 0.1, work: 1 };
  const reward = { is: 'rewarded', device: 4, epoch: 0, seconds: 182, standard: 60_000n * LOOPIN, paid: 600n * LOOPIN, factors };
  assert.match(see(reward), /600 LOOPIN for 3 minutes 2 seconds .* 60,000 LOOPIN: age 10 % x .* privacy 10 %/);
  assert.match(told[0].meaning, /30 days/);
  see({ ...reward, epoch: 1 });
  assert.equal(told[0].meaning, undefined);
  assert.match(see({ ...reward, epoch: 2, paid: 0n, factors: null }), /nothing/);
  assert.equal(story.earned, 1_200n * LOOPIN);
});

test('what to try is said when the device is in the pool, and when the first reward is there', () => {
  const { see, tries } = begin();
  const staked = { is: 'staked', device: 4, position: 9, deposit: LOOPIN, end: 1_700 };
  const provided = { is: 'provided', position: 9, paid: LOOPIN, seconds: 600 };
  const claimed = { is: 'claimed', position: 9, streamed: LOOPIN };
  see(staked);
  see(provided);
  assert.equal(tries.length, 1);
  see(claimed);
  assert.equal(tries.length, 2);
  see(claimed, { is: 'closed', device: 4, streamed: 0n, deposit: LOOPIN }, staked, provided);
  assert.equal(tries.length, 2);
});

test('what others do is not told', () => {
  const { see } = begin();
  assert.equal(
    see(
      { is: 'registered', owner: 'Bob', device: 5, deposit: LOOPIN },
      { is: 'certificate', owner: 'Bob', burned: LOOPIN },
      { is: 'provided', position: 8, paid: LOOPIN, seconds: 600 },
      { is: 'rented', client: 'Dave', devices: [5], end: 1_100, cost: LOOPIN },
      { is: 'round', round: 1, opensAt: 1_000, closesAt: 1_100, deviceBound: 4 },
    ),
    '',
  );
  assert.match(see({ is: 'rented', client: 'Dave', devices: [5, 4], end: 1_100, cost: LOOPIN }), /Dave rents/);
});

test('it says what it waits for', () => {
  const { story, see } = begin();
  assert.match(story.waitsFor, /waiting for a verifier/);
  see({ is: 'round', round: 1, opensAt: 1_020, closesAt: 1_072, deviceBound: 5 });
  assert.match(story.waitsFor, /round 1 comes within 1:00/);
  see(...verdict(1, 'Passed', 'Verified'), { is: 'staked', device: 4, position: 9, deposit: LOOPIN, end: 1_618 });
  see({ is: 'provided', position: 9, paid: LOOPIN, seconds: 600 });
  assert.equal(story.waitsFor, 'block 4: rewards in 4:42, stake ends in 9:54');
});

test('it complains where no verifier comes', () => {
  const { see } = begin();
  const lines = Array.from({ length: 50 }, () => see()).filter(Boolean);
  assert.equal(lines.length, 1);
  assert.match(lines[0], /node's log/);
});
