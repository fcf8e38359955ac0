/** What an operator's monitoring reads. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { before } from 'node:test';

import { Scene } from '../lib/scene.mjs';
import { until } from '../lib/wait.mjs';

const scene = new Scene('metrics');
const node = scene.node('dev', ['--dev', '--base-path', scene.path('data')]);

before(() => node.start());

/** The samples of a metric, by the value of one of its labels. */
async function samples(metric, label) {
  const response = await fetch(`http://127.0.0.1:${node.ports.metrics}/metrics`, { signal: AbortSignal.timeout(10_000) });
  assert.equal(response.status, 200);
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith(`${metric}{`));
  return Object.fromEntries(
    lines.map((line) => {
      const [, labels, value] = /^\w+\{(.*)\} (\S+)$/.exec(line);
      return [new RegExp(`\\b${label}="([^"]*)"`).exec(labels)[1], Number(value)];
    }),
  );
}

scene.test('the metrics show the height of the best and the finalised block, and it rises', async () => {
  const first = await samples('substrate_block_height', 'status');
  assert.ok('best' in first && 'finalized' in first, Object.keys(first).join());
  await until('both heights rise in the metrics', 60, async () => {
    const { best, finalized } = await samples('substrate_block_height', 'status');
    return best >= first.best + 2 && finalized >= first.finalized + 1;
  });
  const shown = (await samples('substrate_block_height', 'status')).best;
  assert.ok(Math.abs(shown - (await node.bestNumber())) <= 2);
});

scene.test('a development node holds less than 300 MB of memory after 100 blocks', {
  skip: existsSync('/proc/self/status') ? false : 'this system does not show the memory of a process in /proc',
}, async (context) => {
  const fast = scene.node('fast', ['--dev', '--base-path', scene.path('fast'), '--sealing=100']);
  await fast.start();
  await until('100 blocks', 60, async () => (await fast.finalizedNumber()) >= 100);
  const status = readFileSync(`/proc/${fast.child.pid}/status`, 'utf8');
  const megabytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)[1]) / 1_000;
  context.diagnostic(`${megabytes.toFixed()} MB`);
  assert.ok(megabytes < 300, `${megabytes} MB`);
});
