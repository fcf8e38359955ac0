// Writes the chain spec of a local network: the preset of `--chain local` with its validators and verifiers replaced.
//
// Usage: node scripts/local-net-spec.mjs FOLDER VALIDATORS
//
// FOLDER holds `preset.json`, as `export-chain-spec --chain local` writes it, and for each validator, from 1,
// `validator-N/keys/{stash,babe,grandpa,verifier}.json` as `key generate --output-type json` writes them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, count] = process.argv.slice(2);

/** What each stash owns, in planck: a million LOOPIN, of 12 decimals. */
const STASH = 1e18;
/** What each has as a bond as a verifier, in planck: 10,000 LOOPIN. */
const VERIFIER_BOND = 1e16;

const text = readFileSync(join(folder, 'preset.json'), 'utf8');
const spec = JSON.parse(text);
// Integers above 2^53 that are not round would come out changed.
if (JSON.stringify(spec, null, 2) !== text.trim()) {
  throw new Error('JavaScript cannot read every number of the preset exactly');
}

const key = (number, name) => {
  const file = join(folder, `validator-${number}`, 'keys', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8')).ss58PublicKey;
};
const validators = Array.from({ length: Number(count) }, (_, index) => ({
  stash: key(index + 1, 'stash'),
  keys: { babe: key(index + 1, 'babe'), grandpa: key(index + 1, 'grandpa') },
  verifierKey: key(index + 1, 'verifier'),
}));

spec.name = 'LooPIN Local Network';
const { patch } = spec.genesis.runtimeGenesis;
patch.validators.invulnerables = validators.map(({ stash }) => stash);
patch.session.keys = validators.map(({ stash, keys }) => [stash, stash, keys]);
patch.verification.verifiers = validators.map(({ stash, verifierKey }) => [stash, VERIFIER_BOND, verifierKey]);
patch.balances.balances.push(...validators.map(({ stash }) => [stash, STASH]));
process.stdout.write(`${JSON.stringify(spec, null, 2)}\n`);
