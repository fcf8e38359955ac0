/** Session keys and parameters of validators. */

import { u8aToHex } from '@polkadot/util';

import { alice } from './accounts.mjs';
import { submitOk } from './client.mjs';

/**
 * Makes new session keys on a node, for the account that is going to own them.
 *
 * @param {import('./node.mjs').ChainNode} node
 * @param {import('@polkadot/keyring/types').KeyringPair} owner
 * @returns {Promise<{ keys: string, proof: string }>} the arguments of `session.setKeys`
 */
export function rotateKeys(node, owner) {
  return node.rpc('author_rotateKeysWithOwner', u8aToHex(owner.addressRaw));
}

/**
 * Sets one of the parameters of validators, by Alice's sudo.
 *
 * @param {import('@polkadot/api').ApiPromise} api
 * @param {string} name such as `MinimumBond`
 * @param {unknown} value
 */
export async function setValidatorParameter(api, name, value) {
  const call = api.tx.parameters.setParameter({ Validators: { [name]: [null, value] } });
  await submitOk(api, api.tx.sudo.sudo(call), alice);
}
