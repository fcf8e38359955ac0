#!/usr/bin/env node
/**
 * A client of `make dev`: Dave rents a device of the pool for a minute, with a key that nobody has.
 *
 * Usage: node tests/demo/rent.mjs [RPC URL]
 */

import { dave } from '../lib/accounts.mjs';
import { Chain, Refused } from './chain.mjs';
import { duration, loopin } from './words.mjs';

const [url = 'ws://127.0.0.1:9944'] = process.argv.slice(2);
const SECONDS = 60;

const chain = await Chain.open(url);
try {
  const before = await chain.price();
  const { device, cost } = await chain.rent(dave, SECONDS);
  const raised = Number((await chain.price()) - before) / Number(before);
  console.log(`Dave rented device ${device} until ${duration(SECONDS)} from now is over, for ${loopin(cost)}.`);
  console.log(`That raised the price by ${(100 * raised).toFixed(6)} %: the pool is large, and a minute is little.`);
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.error(`Dave could not rent: ${error.message}`);
  console.error('The device is free for new rentals soon after it is staked anew, which `make dev` shows.');
  process.exitCode = 1;
} finally {
  await chain.disconnect();
}
