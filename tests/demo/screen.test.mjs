/** How the story is printed on terminals and elsewhere. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Screen, layOut } from './screen.mjs';

/** A stream that keeps what it is given, and a clock that is set by hand. */
function setUp({ columns, environment = {} } = {}) {
  const stream = { text: '', isTTY: columns !== undefined, columns, write: (text) => (stream.text += text) };
  const time = { seconds: 0 };
  return { stream, time, screen: new Screen(stream, { environment, now: () => time.seconds * 1000 }) };
}

test('lines are broken between words, and words that are too long are left whole', () => {
  assert.deepEqual(layOut('one two three', 8, '', 2), ['one two', '  three']);
  assert.deepEqual(layOut('see https://a.very.long/address now', 12, '> '), ['> see', '  https://a.very.long/address', '  now']);
});

test('what happens is numbered, with the time since the start', () => {
  const { stream, time, screen } = setUp();
  screen.say('It begins.');
  time.seconds = 65;
  screen.say('It goes on.', 'That is how it is.');
  assert.equal(stream.text, ' 0:00   1. It begins.\n 1:05   2. It goes on.\n           That is how it is.\n');
});

test('without a terminal nothing moves, and it says what it waits for after half a minute of silence', () => {
  const { stream, time, screen } = setUp();
  for (time.seconds = 1; time.seconds < 100; time.seconds += 1) screen.wait('waiting');
  assert.equal(stream.text, ' 0:30    waiting\n 1:00    waiting\n 1:30    waiting\n');
});

test('on a terminal the last line says what it waits for, in one line, and gives way to the story', () => {
  const { stream, screen } = setUp({ columns: 40 });
  screen.wait('waiting for something that has a very long name');
  assert.equal(stream.text, '\r\x1b[2K\x1b[2m 0:00    waiting for something that has\x1b[0m');
  stream.text = '';
  screen.say('Here it is.');
  assert.equal(stream.text, '\r\x1b[2K 0:00   1. Here it is.\n');
});

test('colours are for terminals whose user has not said NO_COLOR', () => {
  const printed = (settings) => {
    const { stream, screen } = setUp(settings);
    screen.say('Oh.', 'Oh dear.', 'alarm');
    return stream.text;
  };
  assert.match(printed({ columns: 80 }), /\x1b\[1;31m/);
  for (const plain of [{}, { columns: 80, environment: { NO_COLOR: '1' } }, { columns: 80, environment: { TERM: 'dumb' } }]) {
    assert.equal(printed(plain), ' 0:00   1. Oh.\n           Oh dear.\n');
  }
});

test('no line is wider than the terminal, however narrow', () => {
  for (const columns of [30, 45, 80, 200]) {
    const { stream, screen } = setUp({ columns, environment: { NO_COLOR: '1' } });
    screen.say('a few words, '.repeat(20), 'and some more of them, '.repeat(20));
    screen.tell(['  a paragraph '.repeat(20)]);
    const widest = Math.max(...stream.text.split('\n').map((line) => line.length));
    assert.ok(widest <= Math.min(columns, 100), `${widest} of ${columns}`);
  }
});

test('lines of other programs are marked', () => {
  const { stream, screen } = setUp();
  screen.quote(['Error: no']);
  assert.equal(stream.text, '  | Error: no\n');
});
