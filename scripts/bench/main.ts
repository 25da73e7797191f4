import { writeFile } from 'node:fs/promises';
import { arch, cpus, platform, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { startCountingProxy } from '../../test/support/counting-proxy.ts';
import { connectTo } from '../../test/support/target.ts';
import { type DiagnosisRow, measureBadImage } from './bad-image.ts';
import { families } from './families.ts';
import { findPeer } from './peers.ts';
import { type Bench, measureFamily, type Row } from './rounds.ts';
import { print, runMain, say } from './run-main.ts';
import { measureStart } from './start.ts';
import { type Measurement, markdownOf } from './table.ts';
import { serverOf, toolsWith } from './tools.ts';
import { type BenchSandbox, withSandbox } from './with-sandbox.ts';

const usage = `npm run bench -- [--rounds 10] [--only oms,configmaps-1000] [--json bench.json]
families: start, bad-image, ${families.map(({ id }) => id).join(', ')}`;

/** How fast we are, against kubectl, Helm and the floor: in one run, interleaved, as Markdown on stdout and JSON in a file. */
async function main(signal: AbortSignal): Promise<number> {
  const { rounds, only, json } = options();
  const isWanted = (id: string): boolean => only.length === 0 || only.includes(id);
  const [kubectl, helm] = [await findPeer('kubectl', say, signal), await findPeer('helm', say, signal)];
  const tools = toolsWith(kubectl, helm);
  const measured = await withSandbox(
    async (sandbox) => {
      const start = isWanted('start') ? await measureStart({ kubectl, helm, rounds: rounds * 2 }, signal) : [];
      const rows = await measureRows(
        sandbox,
        tools,
        families.filter(({ id }) => isWanted(id)),
        rounds,
        signal,
      );
      const diagnosis = isWanted('bad-image') ? await diagnose(sandbox, signal) : [];
      return { start, ...rows, diagnosis };
    },
    say,
    signal,
  );
  const measurement: Measurement = {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${platform()} ${arch()}, Node ${process.version}`,
    rounds,
    tools: tools.map(({ name, shown }) => ({ name, shown })),
    ...measured,
  };
  if (json !== undefined) await writeFile(json, `${JSON.stringify(measurement, undefined, 2)}\n`);
  print(markdownOf(measurement, families));
  return 0;
}

interface BenchOptions {
  readonly rounds: number;
  readonly only: readonly string[];
  readonly json: string | undefined;
}

function options(): BenchOptions {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '10' }, only: { type: 'string' }, json: { type: 'string' } },
  });
  const only = values.only?.split(',') ?? [];
  const known = new Set(['start', 'bad-image', ...families.map(({ id }) => id)]);
  if (only.some((id) => !known.has(id)) || !(Number(values.rounds) >= 1)) throw new Error(usage);
  return { rounds: Number(values.rounds), only, json: values.json };
}

async function diagnose(sandbox: BenchSandbox, signal: AbortSignal): Promise<readonly DiagnosisRow[]> {
  const cluster = connectTo(sandbox.kubeconfig);
  try {
    return await measureBadImage(cluster, sandbox, say, signal);
  } finally {
    cluster.close();
  }
}

async function measureRows(
  { kubeconfig, folder, auditLog }: BenchSandbox,
  tools: ReturnType<typeof toolsWith>,
  wanted: typeof families,
  rounds: number,
  signal: AbortSignal,
): Promise<{ readonly kubernetes: string; readonly rows: readonly Row[] }> {
  const cluster = connectTo(kubeconfig);
  const proxy = await startCountingProxy(Number(new URL(serverOf(kubeconfig)).port));
  const bench: Bench = { cluster, kubeconfig, folder, auditLog, proxy, rounds, budgetMs: 150_000, say };
  try {
    const rows: Row[] = [];
    for (const family of wanted) rows.push(...(await measureFamily(family, tools, bench, signal)));
    return { kubernetes: await cluster.version(signal), rows };
  } finally {
    proxy.close();
    cluster.close();
  }
}

await runMain(main);
