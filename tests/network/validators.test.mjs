/**
 * A network of three validators, from its first block on: one crashes and comes back, a fourth joins, is cut off,
 * comes back, and leaves. The tests are stages of one story and build on each other.
 */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { LOOPIN, alice, bob, charlie, dave } from '../lib/accounts.mjs';
import { authorship, balanceOf, onlyEvent, submit, submitOk } from '../lib/client.mjs';
import {
  CHANGE_SECONDS,
  Network,
  assertSameFinalizedChain,
  authorsSince,
  progress,
  untilAuthored,
  untilFinal,
} from '../lib/network.mjs';
import { Scene } from '../lib/scene.mjs';
import { rotateKeys, setValidatorParameter } from '../lib/validators.mjs';
import { until } from '../lib/wait.mjs';

const BOND = 10_000n * LOOPIN;

const scene = new Scene('network');
const network = new Network(scene, 'local');
/** @type {import('../lib/node.mjs').ChainNode[]} */
const three = [];
let api;
let fourth;
/** The last block of the fork that the fourth made when it was cut off. */
let cutOff;

before(async () => {
  for (const { meta } of [alice, bob, charlie]) {
    const { name } = meta;
    const others = three.flatMap((other) => ['--bootnodes', network.address(other)]);
    const node = await network.node(name, ['--validator', ...others]);
    await network.insertKeys(name, { babe: `//${name}`, grandpa: `//${name}` });
    await node.start();
    three.push(node);
    progress(`${name} runs`);
  }
  api = await scene.connect(three[0]);
});

const inSet = async ({ address }) => (await api.query.session.validators()).some((who) => who.eq(address));
const currentSession = async () => (await api.query.session.currentIndex()).toNumber();
const isPeerOf = async (node, { name }) =>
  (await node.rpc('system_peers')).some(({ peerId }) => peerId === network.peerIds[name]);

scene.stage('three validators make blocks and finalise them', async () => {
  await untilFinal(three, 3, 90);
  const wanted = [alice, bob, charlie].map(({ address }) => address).sort();
  await until('each of the three has made a block', 120, async () => {
    const authors = new Set((await authorsSince(api, three[0], 0)).map(({ author }) => author));
    return authors.size === 3 && assert.deepEqual([...authors].sort(), wanted) === undefined;
  });
  progress(`final for all: block ${await assertSameFinalizedChain(three)}`);
});

scene.stage('one is killed: the others go on making blocks, which are not final without it', async () => {
  const [first, second, third] = three;
  await third.kill();
  const best = await first.bestNumber();
  progress(`${third.name} was killed after block ${best}`);
  await until('three more blocks', 120, async () => (await first.bestNumber()) >= best + 3);
  await until('the other one follows', 60, async () => (await second.bestNumber()) >= best + 3);
  // More than two thirds of three are three. What was voted on before can still become final.
  assert.ok((await first.finalizedNumber()) <= best, 'two of three finalise nothing new');
  const authors = (await authorsSince(api, first, best + 1)).map(({ author }) => author);
  assert.ok(!authors.includes(charlie.address));
});

scene.stage('it comes back: it catches up, makes blocks again, and finality resumes', async () => {
  const [first, , third] = three;
  const best = await first.bestNumber();
  await third.start();
  progress(`${third.name} is back at block ${best}`);
  await until('it catches up', 60, async () => (await third.bestNumber()) >= best);
  await untilFinal(three, best, 120);
  progress(`block ${best} is final`);
  const number = await untilAuthored(api, first, charlie.address, best, 180);
  progress(`${third.name} made block ${number}`);
  await untilFinal(three, number, 120);
  await assertSameFinalizedChain(three);
});

scene.stage('a fourth makes keys, bonds, becomes active two sessions later and makes blocks', async () => {
  // It has no room for peers but those that it is told of, so that it can be cut off; and makes blocks even when alone.
  const isolated = ['--reserved-only', '--in-peers', '0', '--in-peers-light', '0', '--out-peers', '0', '--force-authoring'];
  const reserved = three.flatMap((node) => ['--reserved-nodes', network.address(node)]);
  fourth = await network.node('Dave', ['--validator', ...isolated, ...reserved]);
  await fourth.start();
  await until('it has caught up', 90, async () => (await fourth.bestNumber()) >= (await three[0].bestNumber()) - 1);

  const { keys, proof } = await rotateKeys(fourth, dave);
  const bond = api.tx.validators.bond(BOND);
  assert.equal((await bond.dryRun(dave, { era: 0 })).asOk.isErr, true, 'no bond without session keys');
  assert.equal((await submit(api, api.tx.session.setKeys(keys, proof), bob)).error, 'session.InvalidProof');
  const registered = await submitOk(api, api.tx.session.setKeys(keys, proof), dave);
  const receipt = await submitOk(api, bond, dave);
  const { who, bond: bonded } = onlyEvent(receipt, api.events.validators.Bonded);
  assert.equal(who.toString(), dave.address);
  assert.equal(bonded.toBigInt(), BOND);
  assert.ok(registered.blockNumber < receipt.blockNumber);

  const session = (await (await api.at(receipt.blockHash)).query.session.currentIndex()).toNumber();
  progress(`Dave bonded in session ${session}`);
  await until('Dave is active', CHANGE_SECONDS, () => inSet(dave));
  assert.equal(await currentSession(), session + 2);
  progress(`Dave is active in session ${session + 2}`);
  const number = await untilAuthored(api, three[0], dave.address, receipt.blockNumber, 240);
  progress(`Dave made block ${number}`);
  await untilFinal([...three, fourth], number, 120);
  await assertSameFinalizedChain([...three, fourth]);
});

scene.stage('a new node warps to the finalised head, past the change of validators', async () => {
  const target = await three[0].finalizedNumber();
  let light;
  // The SDK cannot warp to the block right after a change of validators, since it has the parent's header by then but
  // not what is before it. Then another node tries.
  for (let attempt = 1; light === undefined; attempt += 1) {
    assert.ok(attempt <= 5, 'a node can warp');
    const node = await network.node(`warp-${attempt}`, ['--sync', 'warp', ...three.flatMap((peer) => ['--bootnodes', network.address(peer)])]);
    await node.start();
    const [, outcome] = await until('it has warped', 180, () => /State sync (is complete|failed)/.exec(node.log()));
    progress(`${node.name}: state sync ${outcome}`);
    if (outcome === 'failed') await node.stop();
    else light = node;
  }
  await untilFinal([light], target, 120);
  assert.match(light.log(), /Warp sync is complete/);
  // The blocks before the one that it has warped to come later.
  const hash = await until('it has the blocks before', 120, () => light.blockHash(target));
  const state = await light.rpc('state_getStorage', api.query.session.validators.key(), await light.rpc('chain_getFinalizedHead'));
  assert.equal(api.createType('Vec<AccountId>', state).length, 4, 'it has the state of the finalised head');
  assert.equal(await three[0].blockHash(target), hash);
  progress(`warped to block ${target}`);
  assert.equal(await light.stop(), 0);
});

scene.stage('a minority that is cut off goes on alone without finality, the majority with it', async () => {
  const [first] = three;
  const everybody = [...three, fourth];
  for (const node of three) await fourth.rpc('system_removeReservedPeer', network.peerIds[node.name]);
  await until('Dave has no peers', 60, async () => (await fourth.rpc('system_health')).peers === 0);
  for (const node of three) {
    await until(`Dave is no peer of ${node.name}`, 60, async () => !(await isPeerOf(node, fourth)));
  }
  const cut = Math.max(...(await Promise.all(everybody.map((node) => node.bestNumber()))));
  const finalBefore = await fourth.finalizedNumber();
  progress(`Dave is cut off at block ${cut}`);

  await untilFinal(three, cut + 3, 180);
  progress(`the majority finalised block ${await first.finalizedNumber()}`);
  await until('Dave has two blocks of its own', 240, async () => (await fourth.bestNumber()) >= cut + 2);
  const forked = await fourth.bestNumber();
  const fork = await fourth.blockHash(forked);
  progress(`Dave is at block ${forked} of its own fork`);
  assert.equal((await fourth.rpc('system_health')).peers, 0, 'it has been alone all the time');
  assert.equal(await first.rpc('chain_getHeader', fork), null, 'the majority does not know the fork');
  assert.ok((await fourth.finalizedNumber()) <= cut, 'one of four finalises nothing new');
  assert.ok((await fourth.finalizedNumber()) >= finalBefore);
  cutOff = { number: forked, hash: fork };
});

scene.stage('when it is back, it takes the chain of the majority: no finalised block was forked', async () => {
  const [first] = three;
  const everybody = [...three, fourth];
  const target = await first.bestNumber();
  for (const node of three) await fourth.rpc('system_addReservedPeer', network.address(node));
  await untilFinal(everybody, target, 180);
  progress(`healed: block ${target} is final for all`);
  const last = await assertSameFinalizedChain(everybody);
  assert.ok(last >= target);
  assert.notEqual(await fourth.blockHash(cutOff.number), cutOff.hash, 'its fork is gone');
  const number = await untilAuthored(api, first, dave.address, target, 240);
  progress(`Dave made block ${number} again`);
});

scene.stage('the fourth leaves, is out of the set, and gets its bond back when it has unbonded', async () => {
  await setValidatorParameter(api, 'UnbondingSessions', 1);
  const left = await submitOk(api, api.tx.validators.leave(), dave);
  // What a block's author gets is its fees: here maybe Dave's own.
  const own = (await authorship(api, left.blockHash)).author === dave.address ? left.fee : 0n;
  const [start, unbonding] = await Promise.all(
    [left.parentHash, left.blockHash].map((hash) => balanceOf(api, dave.address, hash)),
  );
  assert.equal(unbonding.free, start.free - left.fee + own);
  assert.equal(unbonding.reserved, start.reserved, 'the bond is held until it is withdrawn');
  const removed = onlyEvent(left, api.events.validators.CandidateRemoved);
  assert.equal(removed.reason.type, 'Left');
  assert.equal(removed.bond.toBigInt(), BOND);
  const session = (await (await api.at(left.blockHash)).query.session.currentIndex()).toNumber();
  const atSession = removed.atSession.toNumber();
  assert.equal(atSession, session + 3, 'two sessions that it may still serve in, and one to unbond');
  progress(`Dave left in session ${session}, its bond is free in session ${atSession}`);

  const withdraw = api.tx.validators.withdraw(dave.address);
  assert.equal((await submit(api, withdraw, bob)).error, 'validators.UnbondingNotOver');
  await until('Dave is out of the set', CHANGE_SECONDS, async () => !(await inSet(dave)));
  assert.equal(await currentSession(), session + 2);
  progress('Dave is out of the set');
  await until('the bond can be withdrawn', CHANGE_SECONDS, async () => (await currentSession()) >= atSession);

  const withdrawn = await submitOk(api, withdraw, bob);
  assert.equal(onlyEvent(withdrawn, api.events.validators.Withdrawn).value.toBigInt(), BOND);
  const [before, end] = await Promise.all(
    [withdrawn.parentHash, withdrawn.blockHash].map((hash) => balanceOf(api, dave.address, hash)),
  );
  assert.equal(end.free, before.free + BOND);
  assert.equal(end.reserved, before.reserved - BOND);
  assert.equal(before.reserved, start.reserved);
  assert.ok((await api.query.validators.unbonding(dave.address)).isNone);
  progress('Dave has its bond back');

  // Three are again enough, and needed.
  const best = await three[0].bestNumber();
  assert.equal(await fourth.stop(), 0);
  await untilFinal(three, best + 1, 120);
  await assertSameFinalizedChain(three);
});
