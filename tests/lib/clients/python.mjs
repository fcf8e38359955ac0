/** py-substrate-interface, in a Python of its own that scripts/setup.sh installs. */

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { runProgram } from '../binary.mjs';

const VISIT_SECONDS = 120;

const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const python = join(cache, 'loopin/python/bin/python');
const script = fileURLToPath(new URL('visit.py', import.meta.url));

/**
 * @param {import('./visit.mjs').Order & { general: string }} order with a general transaction, in hexadecimal digits
 * @returns {Promise<import('./visit.mjs').Report & { general: string }>} with the call that this is taken for
 */
export async function visitInPython(order) {
  if (!existsSync(python)) throw new Error(`there is no ${python}: run scripts/setup.sh`);
  const outcome = await runProgram(python, ['-I', script], { seconds: VISIT_SECONDS, input: JSON.stringify(order) });
  if (outcome.code !== 0) throw new Error(`${script} ended with ${outcome.code ?? outcome.signal}:\n${outcome.stderr}`);
  return JSON.parse(outcome.stdout);
}
