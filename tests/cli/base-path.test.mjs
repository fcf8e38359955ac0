/** Base paths that cannot be used, and databases that are not this chain's. Nothing is lost by any of it. */

import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { before } from 'node:test';

import { assertClearFailure, runBadNode } from '../lib/bad-input.mjs';
import { PrivateMount, cannotMount } from '../lib/mounts.mjs';
import { Scene } from '../lib/scene.mjs';
import { writeSpec } from '../lib/specs.mjs';
import { until } from '../lib/wait.mjs';

/** How many blocks the database has that must not be lost. */
const BLOCKS = 10;

const scene = new Scene('base-path');
const data = scene.path('data');
const node = scene.node('kept', ['--dev', '--base-path', data, '--sealing=100']);
let lastHash;

before(async () => {
  await node.start();
  await until(`${BLOCKS} blocks`, 60, async () => (await node.finalizedNumber()) >= BLOCKS);
  lastHash = await node.blockHash(BLOCKS);
  assert.equal(await node.stop(), 0);
});

/** Opens the database that must not be lost, and finds its blocks, and makes more. */
async function assertDatabaseIsWhole() {
  await node.stop();
  await node.start();
  assert.equal(await node.blockHash(BLOCKS), lastHash);
  const best = await node.bestNumber();
  await until('one more block', 60, async () => (await node.bestNumber()) > best);
  assert.equal(await node.stop(), 0);
}

scene.test('a file in place of the base path is refused', async () => {
  const file = scene.path('a-file');
  writeFileSync(file, 'not a folder');
  assertClearFailure(await runBadNode(['--dev', '--base-path', file]), [/a-file/, /--base-path/]);
  assertClearFailure(await runBadNode(['--dev', '--base-path', `${file}/below`]), [/a-file/, /--base-path/]);
});

scene.test('a base path where no folder can be made is refused', { skip: existsSync('/proc/version') ? false : 'no /proc here' }, async () => {
  assertClearFailure(await runBadNode(['--dev', '--base-path', '/proc/loopin']), [/\/proc\/loopin/, /--base-path/]);
});

scene.test('a file in place of the database is refused', async () => {
  const chain = scene.path('no-database/chains/loopin_dev');
  mkdirSync(chain, { recursive: true });
  writeFileSync(`${chain}/paritydb`, 'not a database');
  assertClearFailure(await runBadNode(['--dev', '--base-path', scene.path('no-database')]), [/paritydb/]);
});

scene.test('a read-only base path is refused, and its database stays whole', { skip: cannotMount }, async () => {
  const mount = await PrivateMount.readOnly(scene, data);
  const outcome = await runBadNode(['--dev', '--base-path', data], mount.wrapper);
  assertClearFailure(outcome, [/Read-only file system/, new RegExp(data), /--base-path/]);
  await mount.end();
  await assertDatabaseIsWhole();
});

scene.test('a base path on a disk that is too full is refused', { skip: cannotMount }, async () => {
  const folder = scene.folder('tiny');
  const mount = await PrivateMount.tiny(scene, folder, 8);
  const outcome = await runBadNode(['--dev', '--base-path', folder], mount.wrapper);
  assertClearFailure(outcome, [/MiB/, new RegExp(folder), /--db-storage-threshold/]);
  await mount.end();
});

scene.test('a disk without room for the database is refused where the threshold is off', { skip: cannotMount }, async () => {
  const folder = scene.folder('tiny-unwatched');
  const mount = await PrivateMount.tiny(scene, folder, 1);
  await mount.run(`head -c 10m /dev/zero > '${folder}/filler' || true`);
  const args = ['--dev', '--base-path', folder, '--db-storage-threshold', '0'];
  assertClearFailure(await runBadNode(args, mount.wrapper), [/No space left on device/, /--base-path/]);
  await mount.end();
});

scene.test('a node ends when its disk runs full, and its database opens when there is room again', { skip: cannotMount }, async () => {
  const folder = scene.folder('filling');
  const mount = await PrivateMount.tiny(scene, folder, 256);
  const args = ['--dev', '--base-path', folder, '--sealing=200', '--db-storage-threshold', '64', '--db-storage-polling-period', '1'];
  const filling = scene.node('filling', args, mount.wrapper);
  await filling.start();
  await until('three blocks', 60, async () => (await filling.finalizedNumber()) >= 3);
  const hash = await filling.blockHash(3);

  // Fills the disk but for 32 MiB: below the threshold, but not full.
  await mount.run(
    `free=$(df -Pk '${folder}' | awk 'NR == 2 { print $4 }'); fallocate -l $(((free - 32768) * 1024)) '${folder}/filler'`,
  );
  const code = await filling.ended(60);
  assertClearFailure(
    { command: 'the node', code, signal: null, timedOut: false, stdout: '', stderr: filling.log() },
    [/space/, /free|--db-storage-threshold/],
  );

  await mount.run(`rm '${folder}/filler'`);
  await filling.start();
  assert.equal(await filling.blockHash(3), hash);
  assert.equal(await filling.stop(), 0);
  await mount.end();
});

scene.test('a database that another node uses is refused, and both go on', async () => {
  await node.start();
  const outcome = await runBadNode(['--dev', '--base-path', data]);
  assertClearFailure(outcome, [/another node/i, /--base-path/]);
  const best = await node.bestNumber();
  await until('one more block', 60, async () => (await node.bestNumber()) > best);
  assert.equal(await node.stop(), 0);
  await assertDatabaseIsWhole();
});

scene.test('a database of a chain with the same name but another genesis is refused, and stays whole', async () => {
  const change = (spec) => (spec.genesis.runtimeGenesis.patch.sudo.key = null);
  const other = await writeSpec(scene.path('other-genesis.json'), { chain: 'dev', change });
  const outcome = await runBadNode(['--chain', other, '--base-path', data]);
  assertClearFailure(outcome, [/another chain/, new RegExp(data), /--base-path/]);
  await assertDatabaseIsWhole();
});

scene.test('the database of another chain is refused, and stays whole', async () => {
  const copied = scene.path('copied');
  cpSync(data, copied, { recursive: true });
  renameSync(`${copied}/chains/loopin_dev`, `${copied}/chains/loopin_local`);
  const outcome = await runBadNode(['--chain', 'local', '--base-path', copied]);
  assertClearFailure(outcome, [/another chain/, new RegExp(copied), /--base-path/]);

  renameSync(`${copied}/chains/loopin_local`, `${copied}/chains/loopin_dev`);
  const back = scene.node('back', ['--dev', '--base-path', copied, '--sealing=manual']);
  await back.start();
  assert.equal(await back.blockHash(BLOCKS), lastHash);
  assert.equal(await back.stop(), 0);
});

scene.test('a node that is killed while it writes opens its database again', async () => {
  for (let round = 0; round < 3; round += 1) {
    await node.start();
    const best = await node.bestNumber();
    await until('two more blocks', 60, async () => (await node.bestNumber()) >= best + 2);
    await node.kill();
  }
  await assertDatabaseIsWhole();
});

scene.test('--dev keeps nothing: its data are gone when it ends', async () => {
  const temporary = scene.node('temporary', ['--dev', '--sealing=manual']);
  await temporary.start();
  const [, path] = /Database: ParityDb at (\S+)/.exec(temporary.log());
  assert.ok(existsSync(path) && readdirSync(path).length > 0, path);
  assert.equal(await temporary.stop(), 0);
  assert.equal(existsSync(path), false, path);
});
