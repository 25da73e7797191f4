import { writeFile } from 'node:fs/promises';
import { arch, cpus, platform, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors.ts';
import { startCountingProxy } from '../../test/support/counting-proxy.ts';
import { connectTo } from '../../test/support/target.ts';
import { measureBadImage } from './bad-image.ts';
import { families } from './families.ts';
import { findPeer } from './peers.ts';
import { type Bench, measureFamily } from './rounds.ts';
import { print, runMain, say } from './run-main.ts';
import { measureStart } from './start.ts';
import { type Measurement, markdownOf } from './table.ts';
import { serverOf, toolsWith } from './tools.ts';
import { withSandbox } from './with-sandbox.ts';

const usage = `npm run bench -- [--rounds 10] [--only oms,configmaps-1000] [--json bench.json]
parts: start, bad-image, ${families.map(({ id }) => id).join(', ')}`;

/**
 * How fast we are, against kubectl, Helm and the floor: in one run, interleaved, as Markdown on stdout and JSON in a file. What
 * can't be measured is told, and the rest goes on: an hour's work isn't lost. The file is written after each part.
 */
async function main(signal: AbortSignal): Promise<number> {
  const chosen = options();
  if (chosen === undefined) {
    print([usage]);
    return 0;
  }
  const { rounds, only, json } = chosen;
  const isWanted = (id: string): boolean => only.length === 0 || only.includes(id);
  const [kubectl, helm] = [await findPeer('kubectl', say, signal), await findPeer('helm', say, signal)];
  const tools = toolsWith(kubectl, helm);
  let measurement: Measurement = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${arch()}, Node ${process.version}`,
    rounds,
    tools: tools.map(({ name, shown }) => ({ name, shown })),
    ...{ kubernetes: '', start: [], rows: [], failures: [], diagnosis: [] },
  };
  const failed: string[] = [];
  const measure = async (id: string, work: () => Promise<Partial<Measurement>>): Promise<void> => {
    if (!isWanted(id)) return;
    try {
      measurement = { ...measurement, ...(await work()) };
    } catch (error) {
      signal.throwIfAborted();
      failed.push(id);
      say(`${id} could not be measured: ${messageOf(error)}`);
    }
    if (json !== undefined) await writeFile(json, `${JSON.stringify(measurement, undefined, 2)}\n`);
  };
  await withSandbox(
    async ({ kubeconfig, folder, auditLog }) => {
      const cluster = connectTo(kubeconfig);
      const proxy = await startCountingProxy(Number(new URL(serverOf(kubeconfig)).port));
      const bench: Bench = { cluster, kubeconfig, folder, auditLog, proxy, rounds, budgetMs: 150_000, say };
      try {
        measurement = { ...measurement, kubernetes: await cluster.version(signal) };
        await measure('start', async () => ({
          start: await measureStart({ kubectl, helm, rounds: rounds * 2 }, signal),
        }));
        for (const family of families) {
          await measure(family.id, async () => {
            const { rows, failures } = await measureFamily(family, tools, bench, signal);
            return { rows: [...measurement.rows, ...rows], failures: [...measurement.failures, ...failures] };
          });
        }
        await measure('bad-image', async () => ({
          diagnosis: await measureBadImage(cluster, { kubeconfig, folder, auditLog }, say, signal),
        }));
      } finally {
        proxy.close();
        cluster.close();
      }
    },
    say,
    signal,
  );
  print(markdownOf(measurement, families));
  return failed.length === 0 ? 0 : 1;
}

interface BenchOptions {
  readonly rounds: number;
  readonly only: readonly string[];
  readonly json: string | undefined;
}

/** Undefined where the usage is asked for. */
function options(): BenchOptions | undefined {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '10' },
      only: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const only = values.only?.split(',') ?? [];
  const known = new Set(['start', 'bad-image', ...families.map(({ id }) => id)]);
  const unknown = only.filter((id) => !known.has(id));
  if (unknown.length > 0) throw new Error(`There is no part ${unknown.join(', ')}.\n${usage}`);
  if (!(Number(values.rounds) >= 1)) throw new Error(`--rounds ${values.rounds} is no number of rounds.\n${usage}`);
  return { rounds: Number(values.rounds), only, json: values.json };
}

await runMain(main);
