/** Chain specs that are missing, damaged, incomplete or another chain's. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { before } from 'node:test';

import { assertClearFailure, runBadNode } from '../lib/bad-input.mjs';
import { runNode } from '../lib/binary.mjs';
import { Scene } from '../lib/scene.mjs';
import { writeSpec } from '../lib/specs.mjs';

const scene = new Scene('chain-spec');
let plain;
let raw;

before(async () => {
  plain = readFileSync(await writeSpec(scene.path('plain.json'), { chain: 'local' }), 'utf8');
  raw = readFileSync(await writeSpec(scene.path('raw.json'), { chain: 'local', raw: true }), 'utf8');
});

let count = 0;

/** Starts a node with this content as chain spec, which must fail; no database may come of it. */
async function refuses(content, says) {
  count += 1;
  const file = scene.path(`bad-${count}.json`);
  writeFileSync(file, content);
  assertClearFailure(await runBadNode(['--chain', file, '--base-path', scene.path(`data-${count}`)]), says);
}

/** The raw spec with something changed. */
function changed(change) {
  const spec = JSON.parse(raw);
  change(spec);
  return JSON.stringify(spec);
}

const CODE = '0x3a636f6465';

scene.test('the specs that the bad ones are made from are good', async () => {
  const node = scene.node('good', ['--chain', scene.path('raw.json'), '--base-path', scene.path('good')]);
  await node.start();
  assert.equal(await node.rpc('system_chain'), 'LooPIN Local');
  assert.equal(await node.stop(), 0);
});

scene.test('a file that is not there is named, with what --chain takes', async () => {
  const missing = scene.path('missing.json');
  for (const args of [['--chain', missing], ['--chain', missing, '--validator']]) {
    assertClearFailure(await runBadNode([...args, '--base-path', scene.path('nothing')]), [/missing\.json/, /--chain/]);
  }
  assertClearFailure(await runNode(['export-chain-spec', '--chain', missing]), [/missing\.json/]);
});

scene.test('a node without a chain is told what to pass', async () => {
  assertClearFailure(await runBadNode(['--base-path', scene.path('nothing')]), [/--dev/, /--chain/]);
});

scene.test('a folder in place of a file is refused', async () => {
  const args = ['--chain', scene.folder('folder.json'), '--base-path', scene.path('nothing')];
  assertClearFailure(await runBadNode(args), [/folder\.json/]);
});

scene.test('what is not JSON is refused', async () => {
  const file = /bad-\d+\.json/;
  await refuses('', [file, /export-chain-spec|fetch it again/]);
  await refuses('name = "LooPIN"', [file]);
  await refuses(raw.slice(0, raw.length / 2), [file]);
  await refuses(plain.slice(0, -2), [file]);
  await refuses(Buffer.from([0, 159, 146, 150, 255]), [file]);
});

scene.test('JSON that is no chain spec is refused', async () => {
  const file = /bad-\d+\.json/;
  await refuses('{}', [file]);
  await refuses('[]', [file]);
  await refuses('null', [file]);
  await refuses(changed((spec) => delete spec.genesis), [file]);
  await refuses(changed((spec) => delete spec.id), [file]);
  await refuses(changed((spec) => (spec.bootNodes = ['nobody'])), [file]);
  await refuses(changed((spec) => (spec.genesis.raw.top = { '0xzz': '0x00' })), [/spec/]);
});

scene.test('a spec without a runtime, or with a damaged one, is refused', async () => {
  await refuses(changed(({ genesis }) => delete genesis.raw.top[CODE]), [/runtime/]);
  await refuses(changed(({ genesis }) => (genesis.raw.top[CODE] = '0x')), [/runtime/]);
  await refuses(changed(({ genesis }) => (genesis.raw.top[CODE] = '0xdeadbeef')), [/runtime/]);
  // Cut off in the middle.
  await refuses(
    changed(({ genesis }) => {
      const code = genesis.raw.top[CODE];
      genesis.raw.top[CODE] = code.slice(0, 2 + Math.floor(code.length / 4) * 2);
    }),
    [/runtime/],
  );
  // Zeros in the middle.
  await refuses(
    changed(({ genesis }) => {
      const code = genesis.raw.top[CODE];
      const middle = 2 + Math.floor(code.length / 4) * 2;
      genesis.raw.top[CODE] = `${code.slice(0, middle)}${'0'.repeat(2_000)}${code.slice(middle + 2_000)}`;
    }),
    [/runtime/],
  );
});

scene.test('the runtime of another chain is refused', async () => {
  // The smallest Wasm module there is.
  await refuses(changed(({ genesis }) => (genesis.raw.top[CODE] = '0x0061736d01000000')), [/runtime/]);
  // The same module with the section that says what a runtime is: `polkadot`.
  await refuses(changed(({ genesis }) => (genesis.raw.top[CODE] = foreignRuntime('polkadot'))), [/polkadot/, /loopin/, /--chain/]);
});

scene.test('a spec in which nobody makes blocks is refused, and told what to complete', async () => {
  assertClearFailure(
    await runBadNode(['--chain', 'production', '--base-path', scene.path('production')]),
    [/no validators/, /session keys/],
  );
});

scene.test('a plain spec whose genesis the runtime does not understand is refused', async () => {
  const broken = (change) => {
    const spec = JSON.parse(plain);
    change(spec.genesis.runtimeGenesis);
    return JSON.stringify(spec);
  };
  await refuses(broken((genesis) => (genesis.patch = { balances: { balances: [['nobody', 1]] } })), [/genesis|spec/i]);
  await refuses(broken((genesis) => (genesis.patch = { noSuchPallet: {} })), [/genesis|spec/i]);
  await refuses(broken((genesis) => (genesis.patch.validators.sessionSlots = 0)), [/genesis|spec/i]);
  await refuses(broken((genesis) => (genesis.code = '0xdeadbeef')), [/runtime|genesis|spec/i]);
});

scene.test('a plain spec whose genesis the runtime does not understand is not made raw', async () => {
  const refusesToExport = async (change, says) => {
    const spec = JSON.parse(plain);
    change(spec.genesis.runtimeGenesis);
    count += 1;
    const file = scene.path(`bad-${count}.json`);
    writeFileSync(file, JSON.stringify(spec));
    assertClearFailure(await runNode(['export-chain-spec', '--raw', '--chain', file]), [/spec/, ...says]);
  };
  await refusesToExport((genesis) => (genesis.patch.balances.nonsense = 1), [/nonsense/]);
  // What the runtime panics with.
  await refusesToExport((genesis) => (genesis.patch.balances.balances[0][1] = 1), [/existential deposit/]);
  await refusesToExport((genesis) => (genesis.code = '0xdeadbeef'), [/runtime/]);
});

/** A Wasm module without code whose custom section `runtime_version` names another chain. */
function foreignRuntime(specName) {
  const length = (bytes) => {
    const out = [];
    for (let rest = bytes.length; ; rest >>>= 7) {
      if (rest < 128) return [...out, rest];
      out.push((rest & 127) | 128);
    }
  };
  const text = (value) => [value.length, ...Buffer.from(value)];
  const scaleText = (value) => [value.length * 4, ...Buffer.from(value)];
  const u32 = (value) => [value & 255, (value >> 8) & 255, 0, 0];
  const version = [
    ...scaleText(specName), ...scaleText(specName), ...u32(1), ...u32(1_000), ...u32(0), 0, ...u32(1), 1,
  ];
  const section = (name, content) => {
    const body = [...text(name), ...content];
    return [0, ...length(body), ...body];
  };
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const module = [...header, ...section('runtime_version', version), ...section('runtime_apis', [])];
  return `0x${Buffer.from(module).toString('hex')}`;
}
