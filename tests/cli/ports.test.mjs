/** Ports that somebody else listens on. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { assertClearFailure, runBadNode } from '../lib/bad-input.mjs';
import { freePort, occupy, release } from '../lib/ports.mjs';
import { Scene } from '../lib/scene.mjs';

const scene = new Scene('ports');
const node = scene.node('first', ['--chain', 'dev', '--base-path', scene.path('data')]);

before(() => node.start());

for (const [option, host] of [['--rpc-port', '127.0.0.1'], ['--port', '0.0.0.0'], ['--prometheus-port', '127.0.0.1']]) {
  scene.test(`a port that is taken is named, with ${option}, and the database still opens`, async () => {
    assert.equal(await node.stop(), 0);
    const port = await freePort();
    const taken = await occupy(port, host);
    const args = ['--chain', 'dev', '--base-path', scene.path('data'), option, `${port}`];
    try {
      assertClearFailure(await runBadNode(args), [new RegExp(`\\b${port}\\b`), new RegExp(option)]);
    } finally {
      await release(taken);
    }
    await node.start();
  });
}

scene.test('the ports of a node that runs are taken', async () => {
  const genesis = await node.blockHash(0);
  for (const [option, port] of [['--rpc-port', node.ports.rpc], ['--port', node.ports.p2p], ['--prometheus-port', node.ports.metrics]]) {
    const args = ['--chain', 'dev', '--base-path', scene.path('second'), option, `${port}`];
    assertClearFailure(await runBadNode(args), [new RegExp(`\\b${port}\\b`), new RegExp(option)]);
  }
  assert.equal(await node.blockHash(0), genesis, 'the first node goes on');
});
