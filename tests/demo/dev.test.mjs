/** `make dev`, from the first line to Ctrl-C, with the real node and agent. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { nodeBinary, runProgram } from '../lib/binary.mjs';
import { freePort, occupy, release } from '../lib/ports.mjs';
import { spawnGuarded } from '../lib/processes.mjs';
import { until } from '../lib/wait.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Where all runs put their logs. */
const LOGS = mkdtempSync(join(tmpdir(), 'loopin-story-'));
after(() => rmSync(LOGS, { recursive: true, force: true }));
const ENVIRONMENT = { ...process.env, CARGO_TARGET_DIR: dirname(dirname(nodeBinary())), TMPDIR: LOGS };
/** How long things may take on a busy machine. */
const START_SECONDS = 180;
const VERIFICATION_SECONDS = 400;
const STOP_SECONDS = 60;

/** A run of scripts/dev.sh on ports of its own, and what it has printed. */
class Run {
  constructor(child, url) {
    this.child = child;
    this.url = url;
    this.output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (this.output += text));
    this.closed = new Promise((resolve) => child.once('close', resolve));
  }

  static async start(options = [], rpcPort = undefined) {
    const port = rpcPort ?? (await freePort());
    const ports = ['--rpc-port', `${port}`, '--port', `${await freePort()}`, '--prometheus-port', `${await freePort()}`];
    const child = spawnGuarded('scripts/dev.sh', [...options, ...ports, '--no-mdns'], {
      cwd: ROOT,
      env: ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Run(child, `ws://127.0.0.1:${port}`);
  }

  /** Waits for a line, and fails where the run ends before. */
  says(pattern, seconds) {
    return until(`${pattern}, in what it says:\n${this.output}`, seconds, () => {
      const found = pattern.exec(this.output);
      assert.ok(found || this.child.exitCode === null, `it ended without ${pattern}:\n${this.output}`);
      return found;
    });
  }

  async ended() {
    await until('it ends', STOP_SECONDS, () => this.child.exitCode !== null || this.child.signalCode !== null);
    return this.closed;
  }

  get folder() {
    return dirname(/\S+\/node\.log/.exec(this.output)[0]);
  }

  /** The process of that name that it has started. */
  async process(name) {
    const { stdout } = await runProgram('ps', ['-o', 'pid=,comm=', '--ppid', `${this.child.pid}`]);
    return Number(new RegExp(`(\\d+) ${name}`).exec(stdout)[1]);
  }
}

describe('make dev', { concurrency: 4 }, () => {
  test('it tells the first minutes, what it suggests works, and Ctrl-C leaves nothing', async () => {
    const run = await Run.start(['--show-log']);
    await run.says(/The chain runs: block \d+/, START_SECONDS);
    await run.says(/registers device 0 in the pool "cpu"/, START_SECONDS);
    const node = await run.process('loopin-node');
    await run.says(/answered in [\d.]+ m?s:/, VERIFICATION_SECONDS);
    await run.says(/passed\. The device is verified/, VERIFICATION_SECONDS);
    await run.says(/docs\/market\.md has the whole market/, START_SECONDS);
    const acts = /burns [\d.]+ LOOPIN for a certificate.*is staked for 10 minutes.*adds liquidity.*Look at it in a browser/s;
    assert.match(run.output, acts);
    assert.ok(run.output.includes(`https://polkadot.js.org/apps/?rpc=${run.url}#/explorer`), run.output);
    assert.match(run.output, /^ {2}\| .*Imported #1 /m, 'the log of the node is shown');

    const [, script, url] = /^ +node (tests\/demo\/rent\.mjs) (\S+)$/m.exec(run.output);
    const rented = await runProgram(process.execPath, [join(ROOT, script), url]);
    assert.equal(rented.code, 0, rented.stderr);
    assert.match(rented.stdout, /Dave rented device 0 .* for 0\.00\d+ LOOPIN/);
    await run.says(/Dave rents the device/, START_SECONDS);

    run.child.kill('SIGINT');
    assert.equal(await run.ended(), 0, run.output);
    assert.match(run.output, /Ended after \d+ minutes? .*the miner earned 0 LOOPIN\. The logs are deleted\.\n$/);
    assert.equal(existsSync(run.folder), false);
    assert.throws(() => process.kill(node, 0), { code: 'ESRCH' });
  });

  test('Ctrl-C ends it while it starts, too', async () => {
    const run = await Run.start();
    await run.says(/node\.log/, START_SECONDS);
    run.child.kill('SIGINT');
    assert.equal(await run.ended(), 0, run.output);
    assert.match(run.output, /Ended after .*, in which the miner earned 0 LOOPIN\. The logs are deleted\.\n$/);
    assert.equal(existsSync(run.folder), false);
  });

  test('a port that is taken is named, with what to do', async () => {
    const port = await freePort();
    const taken = await occupy(port, '127.0.0.1');
    try {
      const run = await Run.start([], port);
      assert.equal(await run.ended(), 1);
      assert.match(run.output, new RegExp(`The node ended with status 1: port ${port} .* --rpc-port`, 's'));
      assert.match(run.output, new RegExp(`The logs are kept in\\s${run.folder}`));
    } finally {
      await release(taken);
    }
  });

  test('a node that dies has its last lines shown, and its log kept', async () => {
    const run = await Run.start();
    await run.says(/registers device/, START_SECONDS);
    process.kill(await run.process('loopin-node'), 'SIGKILL');
    assert.equal(await run.ended(), 1);
    assert.match(run.output, /The node ended by SIGKILL.*\n {2}\| .*Imported #\d+/s);
    assert.equal(existsSync(join(run.folder, 'node.log')), true);
    assert.doesNotMatch(run.output, /API-WS|at .*\.mjs/, 'only the reason is told');
  });
});
