// Fails when a Markdown file of the repository links to a file or heading that is not there.
//
// Usage: node scripts/check-links.mjs FILE...

import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The anchors that GitHub gives the headings of a document. */
function anchors(text) {
  const headings = text.match(/^#{1,6} .*$/gm) ?? [];
  return headings.map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  );
}

const withoutCode = (text) => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

let broken = 0;
for (const file of process.argv.slice(2)) {
  const text = withoutCode(readFileSync(file, 'utf8'));
  for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [path, anchor] = target.split('#');
    const linked = path === '' ? file : join(dirname(file), path);
    const found = existsSync(linked);
    if (found && (!anchor || statSync(linked).isDirectory() || anchors(readFileSync(linked, 'utf8')).includes(anchor))) {
      continue;
    }
    console.error(`${file}: the link to ${target} leads nowhere`);
    broken += 1;
  }
}
process.exitCode = broken ? 1 : 0;
