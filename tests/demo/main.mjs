#!/usr/bin/env node
/**
 * What `make dev` shows: a development chain of one node on this machine, and a miner with one device on it, from nothing
 * to being paid. Each thing that happens is a line; what node and agent write goes into files.
 *
 * Usage: node tests/demo/main.mjs [--show-log] [OPTION OF loopin-node...]
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ferdie } from '../lib/accounts.mjs';
import { agentBinary, makeKey } from '../lib/agent.mjs';
import { nodeBinary } from '../lib/binary.mjs';
import { freePort } from '../lib/ports.mjs';
import { within } from '../lib/wait.mjs';
import { Chain } from './chain.mjs';
import { LoggedProgram } from './logged-program.mjs';
import { Miner } from './miner.mjs';
import { whatToTry } from './next.mjs';
import { Screen } from './screen.mjs';
import { Story } from './story.mjs';
import { duration, loopin } from './words.mjs';

/** How long node and agent may take until they listen, on a busy machine. */
const START_SECONDS = 180;
/** How long node and agent get to end by themselves. Neither has anything that is lost otherwise. */
const STOP_SECONDS = 5;
const SHOW_LOG = '--show-log';

/** Something that the user can do something about, with what a program wrote before it. */
class Trouble extends Error {
  constructor(message, lines = []) {
    super(message);
    this.lines = lines;
  }
}

const options = process.argv.slice(2);
const screen = new Screen(process.stdout);
const folder = mkdtempSync(join(tmpdir(), 'loopin-dev-'));
const programs = [];
let chain, story;
let isEnding = false;

/** Starts a program, and waits until it says where it listens. */
async function start(name, command, listens, onLine) {
  const shown = options.includes(SHOW_LOG);
  let heard;
  const address = new Promise((resolve) => (heard = resolve));
  const program = new LoggedProgram({
    name,
    command,
    logPath: join(folder, `${name}.log`),
    onLine(line) {
      const found = listens.exec(line);
      if (found) heard(found[1]);
      if (shown && name === 'node') screen.quote([line]);
      onLine?.(line);
    },
  });
  programs.push(program);
  program.ended.then((how) => end(new Trouble(causeOf(program, how), program.lastLines)));
  try {
    return { program, address: await within(`the ${name} listens`, START_SECONDS, address) };
  } catch {
    throw new Trouble(`The ${name} has not begun to listen for ${duration(START_SECONDS)}. Its last words:`, program.lastLines);
  }
}

/** In one line, why a program ended. Both say what was wrong, and what to do, after the word `Error`. */
function causeOf({ name, lastLines }, how) {
  const said = lastLines.map((line) => /^Error: (.*)/i.exec(line)?.[1]).find(Boolean);
  const hint = said?.includes(' --') ? ' (Options go to the node as in: make dev ARGS="--rpc-port 9955".)' : '';
  return `The ${name} ended ${how}: ${said ?? 'it does not say why'}.${hint} Its last words:`;
}

async function main() {
  screen.tell(['', '  LooPIN, a market for GPU time: one miner with one device, on a chain of its own on this machine.'], 'bold');
  screen.tell([
    `  What the node writes is in ${join(folder, 'node.log')}, what the agent writes in ${join(folder, 'agent.log')}.`,
    '  Ctrl-C ends it all, and deletes these files. When something goes wrong they are kept.',
    '',
  ]);
  const nodeOptions = ['--dev', ...options.filter((option) => option !== SHOW_LOG)];
  const node = await start('node', [nodeBinary(), ...nodeOptions], /Running JSON-RPC server: addr=127\.0\.0\.1:(\d+)/);
  // Lost connections, of which the library complains there, are for the log: why one was lost is told here.
  console.warn = console.error = (...words) => node.program.note(words.join(' '));
  const url = `ws://127.0.0.1:${node.address}`;
  chain = await Chain.open(url);

  let agent;
  const tryNext = () => screen.tell(whatToTry({ url, pool: chain.about.pool, agentPid: agent.program.pid }));
  story = new Story({ screen, about: chain.about, miner: ferdie.meta.name, tryNext });
  const following = chain.follow((block) => story.see(block));

  const keyFile = join(folder, 'agent-key');
  const { agentKey, gpuId } = await makeKey(keyFile);
  const listen = `127.0.0.1:${await freePort()}`;
  const device = await chain.register(ferdie, { agentKey, gpuId, endpoint: `http://${listen}` });
  agent = await start(
    'agent',
    [
      ...[agentBinary(), 'run', '--backend', 'cpu', '--node', url, '--listen', listen],
      ...['--device', `${device}`, '--key-file', keyFile],
    ],
    /Answering on (\S+)/,
    (line) => story.agentWrote(line),
  );
  story.agentStarted(agent.address);
  await Promise.race([following, new Miner(chain, ferdie, device).work((why) => story.refused(why))]);
}

/** Ends everything, with one line. */
async function end(trouble) {
  if (isEnding) return;
  isEnding = true;
  clearInterval(waiting);
  if (trouble) {
    screen.tell(['', trouble.message], 'alarm');
    // A type error or its like is a mistake in this program.
    screen.quote(trouble.lines ?? (trouble.name === 'Error' ? [] : trouble.stack.split('\n').slice(1)));
  }
  screen.wait('ending');
  await chain?.disconnect().catch(() => {});
  await Promise.all(programs.map((program) => program.stop(STOP_SECONDS)));
  const earned = loopin(story?.earned ?? 0n);
  const left = trouble ? `The logs are kept in ${folder}.` : 'The logs are deleted.';
  screen.tell(['', `Ended after ${duration(screen.elapsed)}, in which the miner earned ${earned}. ${left}`]);
  if (!trouble) rmSync(folder, { recursive: true, force: true });
  process.exit(trouble ? 1 : 0);
}

const waiting = setInterval(() => screen.wait(story?.waitsFor ?? 'the node starts'), 1_000);
// Some tell a program twice: it takes only seconds.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => end());
// Nobody reads any more, as in `make dev | head`.
process.stdout.once('error', () => process.exit(1));
main().catch(end);
