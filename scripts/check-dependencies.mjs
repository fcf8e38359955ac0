// Fails when a crate of the workspace depends on another that ARCHITECTURE.md does not list, or does not depend on one
// that it lists, and when the pure crates depend on FRAME.
//
// Usage: node scripts/check-dependencies.mjs

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Crates that know nothing of FRAME, and what counts as FRAME. */
const PURE = ['loopin-math', 'loopin-challenge'];
const FRAME = /^(frame-|pallet-|sp-(api|io|runtime|state-machine|trie)$)/;
/** Crates that are not part of what is shipped: their dependencies are their own business. */
const AROUND = ['bench-report', 'loopin-hostile-agents', 'loopin-simulation', 'market-bench'];

const complaints = [];

const page = readFileSync('ARCHITECTURE.md', 'utf8');
const [, table] = page.split('| crate | depends on |\n|---|---|\n');
const allowed = new Map();
for (const [, crate, text] of table.split('\n\n')[0].matchAll(/^\| `([^`]+)` \| (.*?) ?\|$/gm)) {
  const named = [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  const but = text.startsWith('everything above but');
  allowed.set(crate, but ? [...allowed.keys()].filter((name) => !named.includes(name)) : named);
}

const metadata = execFileSync('cargo', ['metadata', '--format-version=1', '--no-deps', '--locked', '--offline'], {
  maxBuffer: 2 ** 26,
});
const { packages } = JSON.parse(metadata);
const ours = new Set(packages.map(({ name }) => name));
for (const { name, dependencies } of packages) {
  const used = dependencies.filter(({ kind }) => kind === null).map((dependency) => dependency.name);
  if (PURE.includes(name)) {
    for (const frame of used.filter((other) => FRAME.test(other))) complaints.push(`${name} is pure, but depends on ${frame}`);
  }
  if (AROUND.includes(name)) continue;
  const listed = allowed.get(name);
  if (listed === undefined) {
    complaints.push(`${name} is not in the table`);
    continue;
  }
  const inner = used.filter((other) => ours.has(other));
  for (const other of inner.filter((each) => !listed.includes(each))) complaints.push(`${name} depends on ${other}`);
  for (const other of listed.filter((each) => !inner.includes(each))) complaints.push(`${name} does not depend on ${other}`);
}

for (const complaint of complaints) console.error(`ARCHITECTURE.md says otherwise: ${complaint}`);
process.exitCode = complaints.length > 0 ? 1 : 0;
