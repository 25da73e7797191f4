import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { messageOf } from '../../src/errors.ts';
import { connectSandbox, sandboxCommand, type TestSandbox } from '../../test/support/sandbox.ts';
import { connectTo } from '../../test/support/target.ts';
import { record } from './recording.ts';
import { flawsOf, formatStretches, replay } from './replay.ts';
import { outcomeOf, type Scenario } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';
import { prepare } from './setup.ts';
import { formatStream, parseStream, type Stream } from './stream.ts';

/**
 * Records the event streams of test/fixtures/streams on a sandbox of its own: all of them, or those whose names begin
 * with an argument (`npm run record:streams -- deployment/failed`). With `--expectations` nothing is recorded: only what
 * the product says of each stream is written anew, for a look at the difference.
 */
const fixtures = fileURLToPath(new URL('../../test/fixtures/streams/', import.meta.url));

/** They mostly wait, on one control plane: more at once would get in each other's way. */
const mostAtOnce = 6;

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const isWanted = (id: string): boolean => wanted.length === 0 || wanted.some((prefix) => id.startsWith(prefix));

async function recordAll(signal: AbortSignal): Promise<boolean> {
  const chosen = scenarios.filter(({ id }) => isWanted(id));
  const folder = await mkdtemp(join(tmpdir(), 'oms-deploy-record-'));
  const state = join(folder, 'sandbox');
  try {
    say(`starting a sandbox for ${chosen.length} streams`);
    const sandbox = await connectSandbox(await sandboxCommand('start', state));
    await prepare(sandbox);
    const cluster = connectTo(sandbox.kubeconfig);
    try {
      const work = (some: readonly Scenario[], atOnce: number): Promise<boolean> =>
        inTurns(some, atOnce, (scenario) => recordOne(scenario, sandbox, cluster, signal));
      const areFine = await work(
        chosen.filter(({ alone }) => alone !== true),
        mostAtOnce,
      );
      const isEachFine = await work(
        chosen.filter(({ alone }) => alone === true),
        1,
      );
      return areFine && isEachFine;
    } finally {
      cluster.close();
    }
  } finally {
    await sandboxCommand('stop', state);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Does the work for all, so many at once; true where each was fine. */
async function inTurns<T>(all: readonly T[], atOnce: number, work: (one: T) => Promise<boolean>): Promise<boolean> {
  const left = [...all];
  const results: boolean[] = [];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) results.push(await work(next));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results.every(Boolean);
}

async function recordOne(
  scenario: Scenario,
  sandbox: TestSandbox,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<boolean> {
  signal.throwIfAborted();
  try {
    const stream = await record(scenario, sandbox, cluster, signal);
    const text = formatStream(stream);
    await write(`${scenario.id}.ndjson`, text);
    const flaws = await expect(scenario.id, stream);
    const figures = `${stream.events.length} events, ${Math.round(text.length / 1024)} kB, ${stream.lastsMs / 1000} s`;
    say([`${scenario.id}: ${figures}`, ...flaws].join('\n  '));
    return flaws.length === 0;
  } catch (error) {
    signal.throwIfAborted();
    say(`${scenario.id}: ${messageOf(error)}`);
    return false;
  }
}

async function expectAll(): Promise<boolean> {
  const files = await readdir(fixtures, { recursive: true });
  const ids = files.filter((file) => file.endsWith('.ndjson')).map((file) => file.replace('.ndjson', ''));
  const flaws = await Promise.all(
    ids.filter(isWanted).map(async (id) => {
      const found = await expect(id, parseStream(await readFile(join(fixtures, `${id}.ndjson`), 'utf8')));
      return found.map((flaw) => `${id}: ${flaw}`);
    }),
  );
  for (const flaw of flaws.flat()) say(flaw);
  return flaws.flat().length === 0;
}

/** Writes what the product says of a stream beside it; returns what is wrong with that. */
async function expect(id: string, stream: Stream): Promise<readonly string[]> {
  const said = replay(stream);
  await write(`${id}.expected.txt`, formatStretches(said));
  return flawsOf(outcomeOf(id), said);
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(fixtures, file)), { recursive: true });
  await writeFile(join(fixtures, file), text);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

const interrupt = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt.abort());
try {
  const isFine = process.argv.includes('--expectations') ? await expectAll() : await recordAll(interrupt.signal);
  process.exitCode = isFine ? 0 : 1;
} catch (error) {
  say(interrupt.signal.aborted ? 'Interrupted.' : messageOf(error));
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
}
