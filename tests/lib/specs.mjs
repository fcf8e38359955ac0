/** Chain specs as files. */

import { readFileSync, writeFileSync } from 'node:fs';

import { runNodeOk } from './binary.mjs';

/**
 * @param {string} path
 * @returns {any}
 */
export function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/**
 * Exports the spec of a chain, changes it and writes it.
 *
 * @param {string} path where the spec goes
 * @param {object} options
 * @param {string} options.chain a chain that the node knows
 * @param {boolean} [options.raw] whether genesis is given as storage
 * @param {(spec: any) => void} [options.change]
 * @returns {Promise<string>} the path
 */
export async function writeSpec(path, { chain, raw = false, change = () => {} }) {
  await runNodeOk(['export-chain-spec', '--chain', chain, ...(raw ? ['--raw'] : []), '--output', path]);
  const spec = readJson(path);
  change(spec);
  writeFileSync(path, JSON.stringify(spec));
  return path;
}
