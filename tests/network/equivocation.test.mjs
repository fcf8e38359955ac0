/**
 * A network with keys of its own, in which a bonded validator runs two nodes with the same keys: they sign two
 * blocks for one slot. It is reported, loses part of its bond and its seat.
 */

import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { before } from 'node:test';

import { LOOPIN, alice, bob, charlie, dave, palletAccount } from '../lib/accounts.mjs';
import { balanceOf } from '../lib/client.mjs';
import {
  CHANGE_SECONDS,
  Network,
  assertSameFinalizedChain,
  authorsSince,
  generateSessionKeys,
  progress,
  untilAuthored,
  untilFinal,
} from '../lib/network.mjs';
import { Scene } from '../lib/scene.mjs';
import { writeSpec } from '../lib/specs.mjs';
import { until } from '../lib/wait.mjs';

const BOND = 20_000n * LOOPIN;
/** Of one offender among four validators, in parts per billion: the square of three quarters. */
const SLASH_FRACTION = 562_500_000n;

/** The length of a session: half of that of the local network, to wait less. */
const SESSION_SLOTS = 5;

const scene = new Scene('equivocation');
const spec = scene.path('network.json');
const network = new Network(scene, spec);
const owners = [alice, bob, charlie, dave];
/** @type {import('../lib/node.mjs').ChainNode[]} */
const nodes = [];
let honest;
let api;

before(async () => {
  const keys = new Map();
  for (const owner of owners) keys.set(owner, await generateSessionKeys());
  await writeSpec(spec, {
    chain: 'local',
    change: ({ genesis }) => {
      const { session, validators } = genesis.runtimeGenesis.patch;
      session.keys = owners.map((owner) => {
        const { babe, grandpa } = keys.get(owner);
        return [owner.address, owner.address, { babe: babe.ss58PublicKey, grandpa: grandpa.ss58PublicKey }];
      });
      validators.sessionSlots = SESSION_SLOTS;
      validators.candidates = [[dave.address, Number(BOND)]];
    },
  });
  progress('the network has its spec');

  for (const owner of owners) {
    const { name } = owner.meta;
    const { babe, grandpa } = keys.get(owner);
    const node = await network.node(name, ['--validator', ...bootnodes()]);
    await network.insertKeys(name, { babe: babe.secretPhrase, grandpa: grandpa.secretPhrase });
    await node.start();
    nodes.push(node);
    progress(`${name} runs`);
  }
  honest = nodes.slice(0, 3);
  api = await scene.connect(nodes[0]);
});

const bootnodes = () => nodes.flatMap((node) => ['--bootnodes', network.address(node)]);

scene.stage('a network with its own keys makes blocks and finalises them, with a candidate of its genesis', async () => {
  const validators = (await api.query.session.validators()).map(String);
  assert.deepEqual(validators, owners.map(({ address }) => address));
  assert.equal((await balanceOf(api, dave.address)).reserved, BOND);
  const [candidate] = await api.query.validators.candidates();
  assert.equal(candidate.who.toString(), dave.address);
  assert.equal(candidate.bond.toBigInt(), BOND);

  const number = await untilAuthored(api, nodes[0], dave.address, 0, 240);
  progress(`Dave made block ${number}`);
  await untilFinal(nodes, number, 120);
  await assertSameFinalizedChain(nodes);
});

scene.stage('a validator that signs twice is reported, slashed, disabled and loses its seat', async () => {
  const treasury = palletAccount(api.consts.treasury.palletId);
  const treasuryBefore = (await balanceOf(api, treasury)).free;
  const twin = await network.node('twin', ['--validator', ...bootnodes()]);
  // Chain and id are those of the spec, so the keystore is where the first node has it.
  const [, chainPath] = /Database: ParityDb at (\S+)\/paritydb/.exec(nodes[3].log());
  const keystore = `${chainPath}/keystore`;
  cpSync(keystore, keystore.replace(network.basePath('Dave'), network.basePath('twin')), { recursive: true });
  let scanned = await nodes[0].finalizedNumber();
  await twin.start();
  progress(`Dave has a twin from block ${scanned} on`);

  const slashed = await until('the equivocation is reported in a final block', 300, async () => {
    const final = await nodes[0].finalizedNumber();
    while (scanned < final) {
      scanned += 1;
      const blockHash = await nodes[0].blockHash(scanned);
      const events = (await (await api.at(blockHash)).query.system.events()).map(({ event }) => event);
      if (events.some((event) => api.events.validators.Slashed.is(event))) return { number: scanned, blockHash, events };
    }
    return undefined;
  });
  progress(`reported in block ${slashed.number}`);

  const find = (kind) => slashed.events.find((event) => kind.is(event))?.data;
  assert.match(find(api.events.offences.Offence).kind.toUtf8(), /^(babe|grandpa):equivoca/);
  const { who, session, fraction, value } = find(api.events.validators.Slashed);
  const cost = (BOND * SLASH_FRACTION) / 1_000_000_000n;
  assert.equal(who.toString(), dave.address);
  assert.equal(fraction.toBigInt(), SLASH_FRACTION);
  assert.equal(value.toBigInt(), cost);
  const removed = find(api.events.validators.CandidateRemoved);
  assert.equal(removed.who.toString(), dave.address);
  assert.equal(removed.reason.type, 'Offence');
  assert.equal(find(api.events.session.ValidatorDisabled).validator.toString(), dave.address);

  const state = await api.at(slashed.blockHash);
  assert.equal((await balanceOf(api, dave.address, slashed.blockHash)).reserved, BOND - cost);
  assert.equal((await balanceOf(api, treasury, slashed.blockHash)).free, treasuryBefore + cost);
  assert.equal((await state.query.validators.candidates()).length, 0);
  assert.equal((await state.query.validators.unbonding(dave.address)).unwrap().value.toBigInt(), BOND - cost);
  const index = (await state.query.session.validators()).findIndex((validator) => validator.eq(dave.address));
  const disabled = (await state.query.session.disabledValidators()).map((entry) => Number(entry[0]));
  assert.deepEqual(disabled, [index]);
  assert.ok((await state.query.session.currentIndex()).toNumber() >= session.toNumber());

  await twin.stop();
  progress(`Dave lost ${cost / LOOPIN} LOOPIN`);

  // Nothing it signs from now on is taken, and further reports of the same session cost nothing more.
  const current = async () => (await api.query.session.validators()).map(String);
  await until('Dave is out of the set', CHANGE_SECONDS, async () => !(await current()).includes(dave.address));
  const last = await nodes[0].bestNumber();
  const authors = (await authorsSince(api, nodes[0], slashed.number)).map(({ author }) => author);
  assert.ok(authors.length > 0 && !authors.includes(dave.address), 'a disabled validator makes no blocks');
  // Both may have signed in a second session before anybody knew of the first: that is a slash of its own.
  const slashes = [];
  for (let number = slashed.number; number <= last; number += 1) {
    const records = await (await api.at(await nodes[0].blockHash(number))).query.system.events();
    const events = records.map(({ event }) => event).filter((event) => api.events.validators.Slashed.is(event));
    slashes.push(...events.map(({ data }) => data));
  }
  assert.equal(new Set(slashes.map((slash) => slash.session.toNumber())).size, slashes.length, 'once for a session');
  const lost = slashes.reduce((sum, slash) => sum + slash.value.toBigInt(), 0n);
  assert.equal((await balanceOf(api, dave.address, await nodes[0].blockHash(last))).reserved, BOND - lost);
  progress('Dave is out of the set');
  await untilFinal(honest, last, 120);
  await assertSameFinalizedChain(honest);
});

scene.stage('no honest node has panicked', () => {
  for (const node of honest) assert.doesNotMatch(node.log(), /panicked at/, node.name);
});
