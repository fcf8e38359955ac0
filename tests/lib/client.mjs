/** Using a chain through stock @polkadot/api. */

import { ApiPromise, WsProvider } from '@polkadot/api';

import { within } from './wait.mjs';

const CONNECT_SECONDS = 60;
const TRANSACTION_SECONDS = 90;

/**
 * Connects without custom types: everything comes from the chain's metadata, and a type that it does not
 * define is an error.
 *
 * @param {string} url
 * @param {import('@polkadot/api/types').ApiOptions} [options]
 * @returns {Promise<ApiPromise>}
 */
export async function connect(url, options = {}) {
  const provider = new WsProvider(url);
  const created = ApiPromise.create({ provider, throwOnConnect: true, throwOnUnknown: true, noInitWarn: true, ...options });
  try {
    return await within(`connecting to ${url}`, CONNECT_SECONDS, created);
  } catch (error) {
    await provider.disconnect();
    throw error;
  }
}

/**
 * The number of the pool with that symbol, such as `cpu`. Chains begin with several, and may begin with more.
 *
 * @param {ApiPromise} api
 * @param {string} symbol
 * @returns {Promise<number>}
 */
export async function poolNumber(api, symbol) {
  const pools = await api.query.pools.poolInfos.entries();
  const found = pools.find(([, info]) => info.unwrap().symbol.toUtf8() === symbol);
  if (!found) throw new Error(`the chain has no pool ${symbol}`);
  return found[0].args[0].toNumber();
}

/**
 * The name of a dispatch error as polkadot-js shows it, such as `balances.InsufficientBalance` or
 * `Token.FundsUnavailable`, and what its documentation says.
 *
 * @param {ApiPromise} api
 * @param {import('@polkadot/types/interfaces').DispatchError} error
 * @returns {{ name: string, docs: string }}
 */
export function describeError(api, error) {
  if (error.isModule) {
    const { section, name, docs } = api.registry.findMetaError(error.asModule);
    return { name: `${section}.${name}`, docs: docs.join(' ').trim() };
  }
  const { type, value } = error;
  return { name: value.type === undefined ? type : `${type}.${value.type}`, docs: '' };
}

/**
 * What became of a transaction that is in a block.
 *
 * @typedef {object} Receipt
 * @property {string} blockHash
 * @property {string} parentHash
 * @property {number} blockNumber
 * @property {import('@polkadot/types/interfaces').Event[]} events those of this transaction
 * @property {string | null} error name of the error with which it failed
 * @property {bigint} fee what the sender paid for it, tip included, in planck
 */

/**
 * Signs and sends a transaction, and waits until it is in a block.
 *
 * @param {ApiPromise} api
 * @param {import('@polkadot/api/types').SubmittableExtrinsic<'promise'>} transaction
 * @param {import('@polkadot/keyring/types').KeyringPair} signer
 * @param {object} [options] signer options of @polkadot/api
 * @param {boolean} [options.finalized] whether to wait until the block is final
 * @returns {Promise<Receipt>}
 */
export async function submit(api, transaction, signer, { finalized = false, ...options } = {}) {
  let unsubscribe;
  const included = new Promise((resolve, reject) => {
    transaction
      .signAndSend(signer, { nonce: -1, ...options }, (result) => {
        const { status, internalError } = result;
        if (internalError) reject(internalError);
        if (status.isFinalized) resolve([status.asFinalized, result]);
        else if (status.isInBlock && !finalized) resolve([status.asInBlock, result]);
        else if (result.isError) reject(new Error(`the transaction was refused: ${status.type}`));
      })
      .then((stop) => (unsubscribe = stop), reject);
  });
  const { section, method } = transaction.method;
  try {
    const wanted = `${section}.${method} is ${finalized ? 'final' : 'in a block'}`;
    const [blockHash, { events, dispatchError }] = await within(wanted, TRANSACTION_SECONDS, included);
    const header = await api.rpc.chain.getHeader(blockHash);
    const paid = events.find(({ event }) => api.events.transactionPayment.TransactionFeePaid.is(event));
    return {
      blockHash: blockHash.toHex(),
      parentHash: header.parentHash.toHex(),
      blockNumber: header.number.toNumber(),
      events: events.map(({ event }) => event),
      error: dispatchError ? describeError(api, dispatchError).name : null,
      fee: paid.event.data.actualFee.toBigInt(),
    };
  } finally {
    unsubscribe?.();
  }
}

/**
 * As `submit`, for a transaction that must succeed, and with it each call that it carries.
 *
 * @param {ApiPromise} api
 * @param {import('@polkadot/api/types').SubmittableExtrinsic<'promise'>} transaction
 * @param {import('@polkadot/keyring/types').KeyringPair} signer
 * @param {object} [options]
 * @returns {Promise<Receipt>}
 */
export async function submitOk(api, transaction, signer, options) {
  const receipt = await submit(api, transaction, signer, options);
  const failed = (error) => {
    throw new Error(`${transaction.method.section}.${transaction.method.method} failed: ${error}`);
  };
  if (receipt.error) failed(receipt.error);
  const results = [
    [api.events.sudo.Sudid, 'sudoResult'],
    [api.events.proxy.ProxyExecuted, 'result'],
    [api.events.multisig.MultisigExecuted, 'result'],
    [api.events.council.MemberExecuted, 'result'],
  ];
  for (const event of receipt.events) {
    for (const [kind, field] of results) {
      if (kind.is(event) && event.data[field].isErr) failed(describeError(api, event.data[field].asErr).name);
    }
  }
  return receipt;
}

/**
 * The one event of a kind in a receipt.
 *
 * @param {Receipt} receipt
 * @param {{ is: (event: object) => boolean, meta: { name: { toString: () => string } } }} kind such as
 *   `api.events.balances.Transfer`
 * @returns {any} its fields
 */
export function onlyEvent(receipt, kind) {
  const found = receipt.events.filter((event) => kind.is(event));
  if (found.length !== 1) {
    const seen = receipt.events.map(({ section, method }) => `${section}.${method}`).join(', ');
    throw new Error(`expected one event ${kind.meta.name}, found ${found.length} among: ${seen}`);
  }
  return found[0].data;
}

/**
 * The LOOPIN of an account after a block, in planck.
 *
 * @param {ApiPromise} api
 * @param {string} address
 * @param {string} [blockHash] the best block when left out
 * @returns {Promise<{ free: bigint, reserved: bigint, frozen: bigint }>}
 */
export async function balanceOf(api, address, blockHash) {
  const state = blockHash ? await api.at(blockHash) : api;
  const { free, reserved, frozen } = (await state.query.system.account(address)).data;
  return { free: free.toBigInt(), reserved: reserved.toBigInt(), frozen: frozen.toBigInt() };
}

/**
 * The validator that made a block, and its slot.
 *
 * @param {ApiPromise} api
 * @param {string} blockHash
 * @returns {Promise<{ number: number, parentHash: string, author: string, slot: number }>}
 */
export async function authorship(api, blockHash) {
  const header = await api.rpc.chain.getHeader(blockHash);
  const [engine, data] = header.digest.logs.find((item) => item.isPreRuntime).asPreRuntime;
  if (!engine.isBabe) throw new Error(`block ${header.number} is not BABE's but ${engine}'s`);
  const { authorityIndex, slotNumber } = api.createType('RawBabePreDigest', data.toU8a(true)).value;
  // The block's own state: the first block of a session is made by the new set already.
  const validators = await (await api.at(blockHash)).query.session.validators();
  return {
    number: header.number.toNumber(),
    parentHash: header.parentHash.toHex(),
    author: validators[authorityIndex.toNumber()].toString(),
    slot: slotNumber.toNumber(),
  };
}
