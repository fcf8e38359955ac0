/** Sudo on the development chain, and the parameters that governance sets. */

import assert from 'node:assert/strict';
import { before } from 'node:test';

import { LOOPIN, alice, bob, charlie } from '../lib/accounts.mjs';
import { describeError, onlyEvent, poolNumber, submit, submitOk } from '../lib/client.mjs';
import { Scene } from '../lib/scene.mjs';

const scene = new Scene('governance');
const node = scene.node('dev', ['--dev', '--base-path', scene.path('data'), '--sealing=instant']);
let api;

before(async () => {
  await node.start();
  api = await scene.connect(node);
});

/** The stored value of a parameter of the validators, or null where it was never set. */
async function parameter(name) {
  const stored = await api.query.parameters.parameters({ Validators: name });
  return stored.isNone ? null : stored.unwrap().asValidators[`as${name}`];
}

const set = (name, value) => api.tx.parameters.setParameter({ Validators: { [name]: [null, value] } });

scene.test('Alice has sudo on the development chain, and nobody else', async () => {
  assert.equal((await api.query.sudo.key()).unwrap().toString(), alice.address);
  const code = api.tx.system.setHeapPages(64);
  assert.equal((await submit(api, code, alice)).error, 'BadOrigin');
  assert.equal((await submit(api, api.tx.sudo.sudo(code), bob)).error, 'sudo.RequireSudo');
  const receipt = await submitOk(api, api.tx.sudo.sudo(code), alice);
  assert.ok(onlyEvent(receipt, api.events.sudo.Sudid).sudoResult.isOk);
});

scene.test('sudo reports the failure of the call that it carries', async () => {
  const receipt = await submit(api, api.tx.sudo.sudo(api.tx.assets.startDestroy(404)), alice);
  const { sudoResult } = onlyEvent(receipt, api.events.sudo.Sudid);
  assert.equal(describeError(api, sudoResult.asErr).name, 'assets.Unknown');
});

scene.test('a parameter that sudo sets is read back and takes effect', async () => {
  assert.equal(await parameter('MinimumBond'), null);
  assert.equal((await submit(api, set('MinimumBond', 1), bob)).error, 'BadOrigin');
  assert.equal(await parameter('MinimumBond'), null);

  const receipt = await submitOk(api, api.tx.sudo.sudo(set('MinimumBond', 5n * LOOPIN)), alice);
  onlyEvent(receipt, api.events.parameters.Updated);
  assert.equal((await parameter('MinimumBond')).toBigInt(), 5n * LOOPIN);

  const { keys, proof } = await node.rpc('author_rotateKeysWithOwner', api.createType('AccountId', bob.address).toHex());
  await submitOk(api, api.tx.session.setKeys(keys, proof), bob);
  assert.equal((await submit(api, api.tx.validators.bond(5n * LOOPIN - 1n), bob)).error, 'validators.BondTooLow');
  await submitOk(api, api.tx.validators.bond(5n * LOOPIN), bob);
});

scene.test('two thirds of the council set a parameter', async () => {
  const motion = set('UnbondingSessions', 24);
  const hash = motion.method.hash;
  const length = motion.method.encodedLength;
  assert.equal((await api.query.council.members()).length, 3);
  await submitOk(api, api.tx.council.propose(2, motion, length), alice);
  await submitOk(api, api.tx.council.vote(hash, 0, true), alice);
  await submitOk(api, api.tx.council.vote(hash, 0, true), charlie);
  assert.equal(await parameter('UnbondingSessions'), null, 'votes alone change nothing');

  const { weight } = await motion.paymentInfo(alice);
  const receipt = await submitOk(api, api.tx.council.close(hash, 0, weight, length), alice);
  assert.ok(onlyEvent(receipt, api.events.council.Executed).result.isOk);
  assert.equal((await parameter('UnbondingSessions')).toNumber(), 24);
});

/** What comes of a call that sudo carries: the name of its error, or null. */
async function bySudo(call) {
  const { sudoResult } = onlyEvent(await submit(api, api.tx.sudo.sudo(call), alice), api.events.sudo.Sudid);
  return sudoResult.isErr ? describeError(api, sudoResult.asErr).name : null;
}

scene.test('governance says what a GPU-hour is worth, and moves that by steps', async () => {
  const pool = await poolNumber(api, 'cpu');
  const referencePrice = async () => {
    const listings = [...(await api.query.rewards.listings())];
    return listings.find(([id]) => id.toNumber() === pool)[1].referencePrice.toBigInt();
  };
  const before = await referencePrice();
  const list = (price) => api.tx.rewards.setListing(pool, price);
  assert.equal((await submit(api, list(before), bob)).error, 'BadOrigin');
  assert.equal(await bySudo(list(2n * before + 1n)), 'rewards.ReferencePriceMovesTooFar');
  assert.equal(await bySudo(list(1_001n * LOOPIN)), 'rewards.ReferencePriceOutOfRange');
  assert.equal(await referencePrice(), before);
  assert.equal(await bySudo(list(2n * before)), null);
  assert.equal(await referencePrice(), 2n * before);
});

scene.test('no parameters of rewards make it pay to rent from oneself, nor keep what is released for ever', async () => {
  const parameters = (await api.query.rewards.rewardParameters()).toJSON();
  const set = (changes) => api.tx.rewards.setParameters({ ...parameters, ...changes });
  const { caps } = parameters;
  const half = BigInt(caps.rented);
  assert.equal((await submit(api, set({}), bob)).error, 'BadOrigin');
  assert.equal(await bySudo(set({ caps: { ...caps, rented: half + 1n } })), 'rewards.RentedCapOutOfRange');
  assert.equal(await bySudo(set({ caps: { ...caps, idle: 4n * half + 1n } })), 'rewards.IdleCapOutOfRange');
  assert.equal(await bySudo(set({ caps: { ...caps, idle: half / 2n - 1n } })), 'rewards.IdleCapOutOfRange');
  for (const releaseSeconds of [59, 28 * 86_400 + 1]) {
    assert.equal(await bySudo(set({ releaseSeconds })), 'rewards.ReleaseOutOfRange');
  }
  assert.deepEqual((await api.query.rewards.rewardParameters()).toJSON(), parameters);
  assert.equal(await bySudo(set({ releaseSeconds: 7 * 86_400 })), null);
  assert.equal((await api.query.rewards.rewardParameters()).releaseSeconds.toNumber(), 7 * 86_400);
});
