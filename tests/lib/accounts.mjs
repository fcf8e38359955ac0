/** Money and the well-known accounts of the development chains. */

import { Keyring } from '@polkadot/api';
import { stringToU8a, u8aConcat } from '@polkadot/util';
import { cryptoWaitReady, encodeAddress } from '@polkadot/util-crypto';

/** Planck in one LOOPIN. */
export const LOOPIN = 1_000_000_000_000n;
/** The least that an account may hold, in planck. */
export const EXISTENTIAL_DEPOSIT = LOOPIN / 1_000n;
/** The prefix of LooPIN addresses. */
export const SS58_PREFIX = 7355;
/** An access key: a line as in a `.pub` file. Nobody knows its secret half. */
export const ACCESS_KEY =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJvZ0cYp7oLZbE8k1nRrD3S4nW1cXq5y0m2b4c6d8e0f me@home';

await cryptoWaitReady();

const keyring = new Keyring({ type: 'sr25519', ss58Format: SS58_PREFIX });

/** The well-known accounts, which anyone can sign for. */
export const alice = keyring.addFromUri('//Alice', { name: 'Alice' });
export const bob = keyring.addFromUri('//Bob', { name: 'Bob' });
export const charlie = keyring.addFromUri('//Charlie', { name: 'Charlie' });
export const dave = keyring.addFromUri('//Dave', { name: 'Dave' });
export const eve = keyring.addFromUri('//Eve', { name: 'Eve' });
export const ferdie = keyring.addFromUri('//Ferdie', { name: 'Ferdie' });

/**
 * An account that no genesis endows.
 *
 * @param {string} name
 * @returns {import('@polkadot/keyring/types').KeyringPair}
 */
export function newAccount(name) {
  return keyring.createFromUri(`//loopin//test//${name}`, { name });
}

/**
 * The account of a pallet, such as the treasury's.
 *
 * @param {Uint8Array} palletId the constant `palletId` of the pallet: eight bytes
 * @returns {string} its address
 */
export function palletAccount(palletId) {
  const bytes = new Uint8Array(32);
  bytes.set(u8aConcat(stringToU8a('modl'), palletId));
  return encodeAddress(bytes, SS58_PREFIX);
}
