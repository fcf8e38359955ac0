// Writes what scripts/gpu-check.sh found on cards as tables into a document, between the marks
// `<!-- gpu-check: begin -->` and `<!-- gpu-check: end -->`.
//
// Usage: node scripts/gpu-check-table.mjs DOCUMENT RESULT.json...
//        node scripts/gpu-check-table.mjs - RESULT.json...      to standard output, rehearsals too

import { readFileSync, writeFileSync } from 'node:fs';

const BEGIN = '<!-- gpu-check: begin -->';
const END = '<!-- gpu-check: end -->';

const number = (value, digits = 0) =>
  value == null ? '' : value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

const row = (...cells) => `| ${cells.join(' | ')} |`;

/** A Markdown table, whose first column is text and whose others are numbers. */
const table = (head, rows) =>
  rows.length === 0 ? [] : [row(...head), row('---', ...head.slice(1).map(() => '--:')), ...rows.map((cells) => row(...cells)), ''];

/** The section about one card. */
function section(run) {
  const step = (name) => run.steps.find((step) => step.name === name);
  // The result of a step is an object with its name as the only field; what failed has an error in it.
  const result = (name) => {
    const found = step(name)?.result?.[name];
    return found?.error === undefined ? found : undefined;
  };
  const card = result('card');
  const lines = [`### ${card?.name ?? (run.card || 'A card that could not be opened')}`, ''];
  lines.push(
    `Measured on ${run.date} as the class ${run.class}, with driver ${run.driver || 'unknown'} ` +
      `(CUDA ${card ? card.driver_cuda_version / 1000 : 'unknown'}); power limit and highest clocks: ${run.limits || 'unknown'}.` +
      (run.is_rehearsal ? ' **A rehearsal on the emulator: the figures mean nothing.**' : ''),
    '',
  );
  const failed = run.steps.filter((step) => step.status !== 0);
  if (failed.length > 0) {
    lines.push(`Steps that failed or took too long: ${failed.map((step) => `${step.name} (${step.status})`).join(', ')}.`, '');
  }
  const roots = result('roots');
  if (roots) lines.push(`Known roots: ${roots.equal} equal, ${roots.wrong.length} wrong.`, '');
  if (card) {
    const library = card.library_missing === null ? 'usable' : `not used: ${card.library_missing}`;
    lines.push(
      `Opened and checked in ${number(card.open_ms)} ms, again in ${number(card.open_again_ms)} ms. cublasLt is ${library}.`,
      '',
    );
  }
  lines.push(
    ...table(
      ['product', 'n', 'step, ms', 'with hashing, ms', 'Gop/s', '% of plain cublasLt', 'hashing alone, ms', '% of it hidden'],
      (result('products') ?? []).map((way) => [
        way.multiplier,
        number(way.n),
        number(way.step_ms, 3),
        number(way.step_with_hashing_ms, 3),
        number(way.gops),
        number(way.percent_of_plain, 1),
        number(way.hashing_alone_ms, 3),
        number(way.percent_of_hashing_hidden),
      ]),
    ),
    ...table(
      ['product by PyTorch', 'ms', 'Gop/s'],
      (result('torch') ?? []).map((product) => [`n = ${number(product.n)}`, number(product.product_ms, 3), number(product.gops)]),
    ),
    ...table(
      ['walk over', 'ms', 'GB/s'],
      (result('walk') ?? []).map((walk) => [
        `${number(walk.state_bytes / 2 ** 30, 1)} GiB`,
        number(walk.walk_ms, 1),
        number(walk.gigabytes_per_second),
      ]),
    ),
  );
  const challenge = result('challenge');
  const pulse = result('pulse');
  const memory = result('memory');
  lines.push(
    ...table(
      ['what', 'measured', 'class', 'limit'],
      [
        challenge && ['fill, ms', number(challenge.fill_ms), number(challenge.class_fill_ms), number(challenge.limit_fill_ms)],
        challenge && ['walk, ms', number(challenge.walk_ms), number(challenge.class_walk_ms), number(challenge.limit_walk_ms)],
        challenge && [`work by ${challenge.multiplier}, Gop/s`, number(challenge.gops), number(challenge.benchmark_gops), ''],
        challenge && ['preparing, ms', number(challenge.prepare_ms), '', ''],
        challenge && ['openings, ms', number(challenge.open_ms), '', ''],
        pulse && ['pulse alone, ms', number(pulse.alone_ms, 1), '', number(pulse.limit_ms)],
        pulse && ['pulse beside a load, ms', number(pulse.beside_load_ms, 1), '', number(pulse.limit_ms)],
        pulse && ['pulse with the load stopped, ms', number(pulse.load_stopped_ms, 1), '', number(pulse.limit_ms)],
        memory && ['memory taken, MiB', number((memory.free_before_bytes - memory.free_prepared_bytes) / 2 ** 20), '', ''],
        memory && ['overwriting free memory, ms', number(memory.overwriting_ms), '', ''],
      ].filter(Boolean),
    ),
  );
  return lines.join('\n');
}

const [document, ...files] = process.argv.slice(2);
if (files.length === 0) {
  console.error('Usage: node scripts/gpu-check-table.mjs DOCUMENT|- RESULT.json...');
  process.exit(2);
}
const runs = files.map((file) => JSON.parse(readFileSync(file, 'utf8')));
const sections = runs.map(section).join('\n');
if (document === '-') {
  console.log(sections);
} else {
  const rehearsal = runs.findIndex((run) => run.is_rehearsal);
  if (rehearsal >= 0) {
    console.error(`${files[rehearsal]} is a rehearsal: what no card has shown does not belong into ${document}`);
    process.exit(1);
  }
  const text = readFileSync(document, 'utf8');
  const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (before < 0 || after < before) {
    console.error(`${document} has no marks for what was found on cards: ${BEGIN} and ${END}`);
    process.exit(1);
  }
  writeFileSync(document, `${text.slice(0, before)}${BEGIN}\n${sections}\n${text.slice(after)}`);
}
