/** Fills a development chain with something of everything, so that reading its storage means something. */

import { sortAddresses } from '@polkadot/util-crypto';

import { ACCESS_KEY, LOOPIN, SS58_PREFIX, alice, bob, charlie, dave, eve, ferdie, newAccount } from './accounts.mjs';
import { poolNumber, submitOk } from './client.mjs';
import { marketCalls } from './market-calls.mjs';
import { rotateKeys } from './validators.mjs';

/** The asset and the collection that are made; low numbers are those of pools. */
const ASSET = 1_000;
const COLLECTION = 0;
const ITEM = 7;

/** Far enough for nothing scheduled to run during a test. */
const LATER = 1_000_000;

/**
 * Makes entries in the storage of all pallets where users or governance can.
 *
 * @param {import('@polkadot/api').ApiPromise} api connected as Alice's sudo chain
 * @param {import('./node.mjs').ChainNode} node
 */
export async function populate(api, node) {
  const { tx } = api;
  const remark = tx.system.remark('0x01');
  const root = (call) => tx.sudo.sudo(call);
  // `batchAll` fails as a whole where one call fails; `sudo` reports its inner result by event, which
  // `submitOk` checks.
  const send = (signer, ...calls) => submitOk(api, calls.length === 1 ? calls[0] : tx.utility.batchAll(calls), signer);

  await tokens(api, root, send);
  await market(api, send);

  const others = sortAddresses([charlie.address, dave.address], SS58_PREFIX);
  await send(bob, tx.multisig.asMulti(2, others, null, remark, { refTime: 1_000_000_000, proofSize: 0 }));
  await send(bob, tx.proxy.addProxy(ferdie.address, 'Governance', 10));
  await send(ferdie, tx.proxy.announce(bob.address, remark.method.hash));
  const vesting = { locked: 10n * LOOPIN, perBlock: LOOPIN / 1_000n, startingBlock: 10 };
  await send(bob, tx.vesting.vestedTransfer(newAccount('vesting').address, vesting));

  await send(eve, tx.preimage.notePreimage('0xc0ffee'));
  await send(alice, root(tx.scheduler.schedule(LATER, null, 0, remark)));
  await send(alice, root(tx.scheduler.scheduleNamed(new Uint8Array(32).fill(7), LATER, [100, 3], 0, remark)));
  await send(alice, root(tx.treasury.spend(null, LOOPIN, bob.address, null)));
  await send(alice, root(tx.treasury.spendLocal(LOOPIN, bob.address)));
  await send(alice, root(tx.parameters.setParameter({ Validators: { MaximumValidators: [null, 50] } })));

  const motion = tx.parameters.setParameter({ Validators: { InactiveBlocks: [null, 30] } });
  await send(alice, tx.council.propose(2, motion, motion.encodedLength));
  await send(alice, tx.council.vote(motion.method.hash, 0, true));
  const referendum = tx.referenda.submit({ system: 'Root' }, { Inline: remark.method.toHex() }, { After: 100 });
  await send(alice, tx.council.execute(referendum, referendum.method.encodedLength));
  await send(bob, tx.referenda.placeDecisionDeposit(0));
  const vote = { vote: { aye: true, conviction: 'Locked1x' }, balance: LOOPIN };
  await send(bob, tx.convictionVoting.vote(0, { Standard: vote }));
  await send(charlie, tx.convictionVoting.delegate(0, bob.address, 'Locked2x', LOOPIN));

  for (const candidate of [dave, eve]) {
    const { keys, proof } = await rotateKeys(node, candidate);
    await send(candidate, tx.session.setKeys(keys, proof), tx.validators.bond(20_000n * LOOPIN));
  }
  await send(eve, tx.validators.leave());
}

async function tokens({ tx }, root, send) {
  await send(alice, root(tx.assets.forceCreate(ASSET, alice.address, true, 1)));
  await send(
    alice,
    tx.assets.mint(ASSET, bob.address, 1_000),
    tx.assets.setMetadata(ASSET, 'Hours', 'HRS', 0),
    tx.assets.approveTransfer(ASSET, charlie.address, 10),
  );

  // No settings off, minting by the issuer only.
  const mintSettings = { mintType: 'Issuer', price: null, startBlock: null, endBlock: null, defaultItemSettings: 0 };
  await send(alice, root(tx.nfts.forceCreate(alice.address, { settings: 0, maxSupply: 10, mintSettings })));
  await send(
    alice,
    tx.nfts.mint(COLLECTION, ITEM, bob.address, null),
    tx.nfts.setMetadata(COLLECTION, ITEM, '0x1234'),
    tx.nfts.setCollectionMetadata(COLLECTION, '0x5678'),
    tx.nfts.setAttribute(COLLECTION, ITEM, 'CollectionOwner', '0x01', '0x02'),
  );
  await send(bob, tx.nfts.setPrice(COLLECTION, ITEM, LOOPIN, null));
}

/** Somebody provides a device, somebody sells the time of another, and somebody rents one and is not content. */
async function market(api, send) {
  const calls = marketCalls(api);
  const pool = await poolNumber(api, 'cpu');
  for (const [device, [miner, intent]] of [[bob, 'Provide'], [charlie, 'Sell']].entries()) {
    await send(miner, calls.registerDevice(pool, `populate-${device}`).tx, calls.burnForCertificate(pool, 600).tx);
    await send(alice, calls.recordVerdict(device, 'Passed').tx);
    await send(miner, calls.stake(device, device, 600, intent).tx);
  }
  await send(bob, calls.addLiquidity(0).tx, calls.burnForCertificate(pool, 600).tx);
  await send(charlie, calls.sellHours(1, 300).tx);
  await send(dave, calls.rent(pool, [0], 60, ACCESS_KEY).tx);
  await send(dave, calls.reportFailure(0, 0).tx);
}
