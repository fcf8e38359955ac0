/** polkadot-api, without generated descriptors: everything comes from the chain's metadata. */

import { WebSocket } from '@polkadot/x-ws';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { createWsClient } from 'polkadot-api/ws';

import { ferdie } from '../accounts.mjs';

/** @param {string} url @returns {Promise<import('./visit.mjs').Client>} */
export async function connect(url) {
  const client = createWsClient(url, { websocketClass: WebSocket });
  const { query, constants, tx } = client.getUnsafeApi();
  const signer = getPolkadotSigner(ferdie.publicKey, 'Sr25519', (bytes) => ferdie.sign(bytes));

  return {
    plain: (at, [pallet, name]) => query[pallet][name].getValue({ at }),
    entries: (at, [pallet, name]) => query[pallet][name].getEntries({ at }),
    constant: ([pallet, name]) => constants[pallet][name](),
    async transfer(recipient, value) {
      const dest = { type: 'Id', value: recipient };
      const { block } = await tx.Balances.transfer_keep_alive({ dest, value }).signAndSubmit(signer);
      return { blockHash: block.hash, extrinsic: block.index };
    },
    async events(at) {
      const records = await query.System.Events.getValue({ at });
      return records.map(({ phase, event }) => ({
        extrinsic: phase.type === 'ApplyExtrinsic' ? phase.value : null,
        name: `${event.type}.${event.value.type}`,
        fields: event.value.value,
      }));
    },
    free: async (at, address) => (await query.System.Account.getValue(address, { at })).data.free,
    disconnect: () => client.destroy(),
  };
}
