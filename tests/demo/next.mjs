/** Where to look, and what to try. */

/** The public page that shows any chain, and runs in the browser alone. */
const explorer = (url) => `https://polkadot.js.org/apps/?rpc=${url}#`;
/** The address of a node that runs with the usual port. */
const USUAL_URL = 'ws://127.0.0.1:9944';

/**
 * @param {object} about
 * @param {string} about.url where the node answers
 * @param {number} about.pool the device's pool
 * @param {number} about.agentPid the process that answers verifiers
 * @returns {string[]} paragraphs
 */
export function whatToTry({ url, pool, agentPid }) {
  const node = url === USUAL_URL ? '' : ` ${url}`;
  return [
    '',
    `  Look at it in a browser: ${explorer(url)}/explorer`,
    '  Try next, in another terminal or in that page:',
    '   a. Be a client: as Dave, rent the device for a minute.',
    `        node tests/demo/rent.mjs${node}`,
    '   b. Break the device: its agent falls silent, and it is suspended, then ejected.',
    `        kill -STOP ${agentPid}`,
    '      Bring it back, and the miner stakes it again:',
    `        kill -CONT ${agentPid}`,
    `   c. Look into the pool: Developer > Runtime calls > marketApi > pool, with pool ${pool}, has its GPU-seconds, which ` +
      'run off, and its price. Amounts are in planck: 10^12 of them are a LOOPIN.',
    '  docs/market.md has the whole market, step by step.',
    '',
  ];
}
