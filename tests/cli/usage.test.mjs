/** The help, and command lines that make no sense. */

import assert from 'node:assert/strict';

import { assertClearFailure, assertWrongUsage, runBadNode } from '../lib/bad-input.mjs';
import { runNode, runNodeOk } from '../lib/binary.mjs';
import { Scene } from '../lib/scene.mjs';

const scene = new Scene('usage');

/** The options in the output of `--help`, each with its text. */
function options(help) {
  const found = new Map();
  let current;
  for (const line of help.split('\n')) {
    const option = /^ {1,8}(?:-\w, )?(--[a-z0-9-]+)(.*)$/.exec(line);
    if (option) {
      current = option[1];
      // A short text stands on the same line, two spaces after the value's name.
      found.set(current, option[2].replace(/^[= ]?(?:<[^>]*>|\[[^\]]*\])?(?:\.\.\.)?/, '').trim());
    } else if (current && line.startsWith(' ') && line.trim()) {
      found.set(current, `${found.get(current)} ${line.trim()}`.trim());
    } else if (!line.startsWith(' ') && line.trim()) {
      current = undefined;
    }
  }
  return found;
}

const SUBCOMMANDS = [
  'chain-info', 'check-block', 'export-blocks', 'export-chain-spec', 'export-state', 'import-blocks', 'key',
  'purge-chain', 'revert',
];
const KEY_SUBCOMMANDS = ['generate', 'generate-node-key', 'insert', 'inspect', 'inspect-node-key'];

scene.test('--help explains every option', async () => {
  const found = options(await runNodeOk(['--help']));
  for (const option of ['--dev', '--sealing', '--chain', '--base-path', '--rpc-port', '--db-storage-threshold']) {
    assert.ok(found.has(option), option);
  }
  const unexplained = [...found].filter(([, text]) => !/\w+ \w+/.test(text)).map(([option]) => option);
  assert.deepEqual(unexplained, []);
});

scene.test('--help lists the subcommands, each with a text, and each has a help that explains its options', async () => {
  const help = await runNodeOk(['--help']);
  for (const name of SUBCOMMANDS) {
    assert.match(help, new RegExp(`^  ${name} +\\S|^  ${name}\\n +\\S`, 'm'), name);
  }
  const commands = [...SUBCOMMANDS.map((name) => [name]), ...KEY_SUBCOMMANDS.map((name) => ['key', name])];
  for (const command of commands) {
    const found = options(await runNodeOk([...command, '--help']));
    assert.ok(found.has('--help'), command.join(' '));
    const unexplained = [...found].filter(([, text]) => !/\w+ \w+/.test(text)).map(([option]) => option);
    assert.deepEqual(unexplained, [], command.join(' '));
  }
});

scene.test('--version names the program and a version', async () => {
  assert.match(await runNodeOk(['--version']), /^loopin-node \d+\.\d+\.\d+(-[0-9a-f]+)?\s*$/);
});

scene.test('an option that does not exist is named', async () => {
  assertWrongUsage(await runNode(['--dev', '--no-such-option']), [/--no-such-option/]);
});

scene.test('a subcommand that does not exist is named', async () => {
  assertWrongUsage(await runNode(['build-spec']), [/build-spec/]);
});

scene.test('a value that an option cannot take is named, with the option', async () => {
  const cases = [
    ['--rpc-port', '70000'],
    ['--rpc-port', 'http'],
    ['--sealing', 'sometimes'],
    ['--sealing', '0'],
    ['--sync', 'slowly'],
    ['--rpc-methods', 'some'],
    ['--db-storage-threshold', 'much'],
    ['--bootnodes', 'not-an-address'],
  ];
  for (const [option, value] of cases) {
    const outcome = await runNode(['--dev', option, value]);
    assertWrongUsage(outcome, [new RegExp(option), new RegExp(value)]);
  }
});

scene.test('an option without its value is named', async () => {
  assertWrongUsage(await runNode(['--chain']), [/--chain/]);
});

scene.test('options that exclude each other are named', async () => {
  assertWrongUsage(await runNode(['--chain', 'local', '--alice', '--bob']), [/--alice/, /--bob/]);
});

scene.test('--sealing on a chain that is not for development is refused', async () => {
  const args = ['--chain', 'local', '--base-path', scene.path('sealing'), '--sealing=instant'];
  assertClearFailure(await runBadNode(args), [/--sealing/, /--dev/]);
});

scene.test('a validator does not open its RPC to everybody by --rpc-external alone', async () => {
  const args = ['--chain', 'local', '--alice', '--base-path', scene.path('external'), '--rpc-external'];
  args.push('--unsafe-force-node-key-generation');
  assertClearFailure(await runBadNode(args), [/--rpc-external/, /--unsafe-rpc-external/]);
});

scene.test('a validator without a network key is told how to make one', async () => {
  const args = ['--chain', 'local', '--validator', '--base-path', scene.path('no-network-key')];
  const outcome = await runBadNode(args);
  assertClearFailure(outcome, [/network key/, /key generate-node-key/]);

  // What it is told works.
  const [, command] = /`loopin-node (key generate-node-key [^`]*)`/.exec(outcome.stderr);
  await runNodeOk(command.split(' '));
  const node = scene.node('with-key', args);
  await node.start();
  assert.equal(await node.stop(), 0);
});

scene.test('keys that cannot be used are refused', async () => {
  const insert = (...args) => runNode(['key', 'insert', '--base-path', scene.path('keys'), '--chain', 'dev', ...args]);
  const cases = [
    [['--suri', 'no secret phrase', '--key-type', 'babe', '--scheme', 'sr25519'], [/./]],
    [['--suri', '//Alice', '--key-type', 'toolong', '--scheme', 'sr25519'], [/key type/i]],
  ];
  for (const [args, says] of cases) assertClearFailure(await insert(...args), says);
  assertWrongUsage(await insert('--suri', '//Alice', '--key-type', 'babe', '--scheme', 'rsa'), [/--scheme/, /rsa/]);
});
