/** The calls of the market, each as a transaction and as what it does to the reference. */

import { blake2AsHex } from '@polkadot/util-crypto';
import { SHOWN } from './market.mjs';

/** The largest bound, which never stops a call. */
export const UNBOUNDED = (1n << 128n) - 1n;
/** Where the agents of all test devices answer. */
const ENDPOINT = 'http://127.0.0.1:9090';
/** The key with which they sign. */
const AGENT_KEY = `0x${'42'.repeat(32)}`;

/**
 * @param {import('@polkadot/api').ApiPromise} api
 */
export function marketCalls({ tx }) {
  return {
    createPool: (pool, terms) => ({
      tx: tx.pools.createPool(pool.name, pool.symbol, pool.anchor, pool.pricePerGpuHour, terms),
      apply: (market, signer) => market.createPool(signer, pool.id, pool),
    }),
    sync: (pool) => ({ tx: tx.pools.sync(pool), apply: (market) => market.sync(pool) }),

    registerDevice: (pool, gpu, endpoint = ENDPOINT, agentKey = AGENT_KEY) => ({
      tx: tx.devices.registerDevice(pool, agentKey, endpoint, blake2AsHex(`GPU-${gpu}`)),
      apply: (market, signer) => market.registerDevice(signer, pool, endpoint),
    }),
    removeDevice: (device) => ({
      tx: tx.devices.removeDevice(device),
      apply: (market, signer) => market.removeDevice(signer, device),
    }),
    recordVerdict: (device, verdict) => ({
      tx: tx.sudo.sudo(tx.devices.recordVerdict(device, verdict === 'Passed' ? { Passed: SHOWN } : verdict)),
      apply: (market) => market.recordVerdict(device, verdict),
    }),

    burnForCertificate: (pool, seconds, maxBurn = UNBOUNDED) => ({
      tx: tx.stakes.burnForCertificate(pool, seconds, maxBurn),
      apply: (market, signer) => market.burnForCertificate(signer, pool, seconds),
    }),
    deepen: (pool, amount) => ({
      tx: tx.pools.deepen(pool, amount),
      apply: (market, signer) => market.deepen(signer, pool, amount),
    }),
    removeCertificate: (certificate) => ({
      tx: tx.stakes.removeCertificate(certificate),
      apply: (market) => market.removeCertificate(certificate),
    }),
    stake: (device, certificate, seconds, intent) => ({
      tx: tx.stakes.stake(device, certificate, seconds, intent),
      apply: (market, signer) => market.stake(signer, device, certificate, seconds, intent),
    }),
    addLiquidity: (position, maxLoopin = UNBOUNDED) => ({
      tx: tx.stakes.addLiquidity(position, maxLoopin),
      apply: (market) => market.addLiquidity(position),
    }),
    sellHours: (position, seconds, minProceeds = 0n) => ({
      tx: tx.stakes.sellHours(position, seconds, minProceeds),
      apply: (market) => market.sellHours(position, seconds),
    }),
    claim: (position) => ({ tx: tx.stakes.claim(position), apply: (market) => market.claim(position) }),
    drain: (device) => ({ tx: tx.stakes.drain(device), apply: () => ({}) }),
    undrain: (device) => ({ tx: tx.stakes.undrain(device), apply: () => ({}) }),
    withdrawLiquidity: (position, minReturned = 0n) => ({
      tx: tx.stakes.withdrawLiquidity(position, minReturned),
      apply: (market) => market.withdrawLiquidity(position),
    }),
    close: (position) => ({ tx: tx.stakes.close(position), apply: (market) => market.close(position) }),

    rent: (pool, devices, seconds, key, maxCost = UNBOUNDED) => ({
      tx: tx.rentals.rent(pool, devices, seconds, maxCost, key),
      apply: (market, signer) => market.rent(signer, pool, devices, seconds, key),
    }),
    extend: (rental, seconds, maxCost = UNBOUNDED) => ({
      tx: tx.rentals.extend(rental, seconds, maxCost),
      apply: (market) => market.extend(rental, seconds),
    }),
    terminate: (rental, minRefund = 0n) => ({
      tx: tx.rentals.terminate(rental, minRefund),
      apply: (market) => market.terminate(rental),
    }),
    complete: (rental) => ({ tx: tx.rentals.complete(rental), apply: (market) => market.complete(rental) }),
    retireUsedHours: (rental) => ({
      tx: tx.rentals.retireUsedHours(rental),
      apply: (market) => market.retireUsedHours(rental),
    }),
    reportFailure: (rental, device) => ({
      tx: tx.rentals.reportFailure(rental, device),
      apply: (market, signer) => market.reportFailure(signer, rental, device),
    }),
    withdrawReport: (device) => ({
      tx: tx.rentals.withdrawReport(device),
      apply: (market) => market.withdrawReport(device),
    }),
  };
}
