/** dedot: everything comes from the chain's metadata. */

import { DedotClient } from '@dedot/api';
import { WsProvider } from '@dedot/providers';
import { stringCamelCase } from '@polkadot/util';

import { ferdie } from '../accounts.mjs';

/** @param {string} url @returns {Promise<import('./visit.mjs').Client>} */
export async function connect(url) {
  const client = await DedotClient.new({ provider: new WsProvider(url), throwOnUnknownApi: true });
  const storage = async (at, [pallet, name]) => (await client.at(at)).query[stringCamelCase(pallet)][stringCamelCase(name)];

  return {
    plain: async (at, item) => (await storage(at, item))(),
    entries: async (at, item) => (await storage(at, item)).entries(),
    constant: async ([pallet, name]) => client.consts[stringCamelCase(pallet)][stringCamelCase(name)],
    async transfer(recipient, value) {
      const sent = client.tx.balances.transferKeepAlive(recipient, value).signAndSend(ferdie);
      const { status } = await sent.untilFinalized();
      return { blockHash: status.value.blockHash, extrinsic: status.value.txIndex };
    },
    async events(at) {
      const records = await (await storage(at, ['System', 'Events']))();
      return records.map(({ phase, event: { pallet, palletEvent } }) => ({
        extrinsic: phase.type === 'ApplyExtrinsic' ? phase.value : null,
        name: `${pallet}.${palletEvent.name ?? palletEvent}`,
        fields: palletEvent.data,
      }));
    },
    free: async (at, address) => (await (await storage(at, ['System', 'Account']))(address)).data.free,
    disconnect: () => client.disconnect(),
  };
}
