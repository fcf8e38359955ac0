// Prints the number of a node's best or last finalised block.
//
// Usage: node scripts/block-height.mjs URL best|finalised
//
// URL is the node's RPC over HTTP, such as http://127.0.0.1:9944.

const [url, which] = process.argv.slice(2);

async function call(method, ...params) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(5000),
  });
  const { result, error } = await response.json();
  if (error) throw new Error(`${method}: ${error.message}`);
  return result;
}

try {
  const hash = which === 'finalised' ? [await call('chain_getFinalizedHead')] : [];
  const { number } = await call('chain_getHeader', ...hash);
  console.log(Number(number));
} catch (error) {
  console.error(`${url}: ${error.cause?.message ?? error.message}`);
  process.exitCode = 1;
}
