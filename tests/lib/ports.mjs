/** Free TCP ports for nodes. */

import { createServer } from 'node:net';

/** Below the range from which Linux takes the ports of outgoing connections. */
const FIRST = 20_000;
const LAST = 32_000;
const ATTEMPTS = 100;

const given = new Set();

/**
 * Listens on a port, which is then taken until the server is closed.
 *
 * @param {number} port
 * @param {string} host
 * @returns {Promise<import('node:net').Server>}
 */
export function occupy(port, host) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

/**
 * Ends what `occupy` began.
 *
 * @param {import('node:net').Server} server
 * @returns {Promise<void>}
 */
export function release(server) {
  return new Promise((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
}

/**
 * A port on which nothing listens, and that was not given before. Drawn at random, since test files run at
 * the same time.
 *
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (given.has(port)) continue;
    try {
      await release(await occupy(port, '0.0.0.0'));
    } catch (error) {
      if (error.code === 'EADDRINUSE') continue;
      throw error;
    }
    given.add(port);
    return port;
  }
  throw new Error(`no free port found between ${FIRST} and ${LAST}`);
}
