import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { messageOf } from '../../src/errors.ts';
import type { CountingProxy, Traffic } from '../../test/support/counting-proxy.ts';
import type { App } from './apps.ts';
import { makeNamespace, type Place } from './place.ts';
import { type Command, runProgram } from './program.ts';
import { type Job, serverOf, type Tool, type ToolName } from './tools.ts';

/** A step of a round, in this order. */
export type StepName = 'plan' | 'first' | 'unchanged' | 'changed' | 'verify';

/** An application, and what is measured on it. */
export interface Family {
  /** For names of namespaces. */
  readonly id: string;
  readonly title: string;
  readonly tools: readonly ToolName[];
  readonly steps: readonly StepName[];
  app(namespace: string): App;
  /** The same with another image. */
  changed?(namespace: string): App;
}

/** One run of a tool. */
export interface Sample {
  readonly ms: number;
  readonly peakMiB: number;
}

/** What one run costs the API server. */
export interface Cost extends Traffic {
  readonly requests: number;
}

/** All runs of a tool in one step. */
export interface Row {
  readonly family: string;
  readonly step: StepName;
  readonly tool: ToolName;
  readonly samples: readonly Sample[];
  /** Of one run more, through a proxy that counts. */
  readonly cost: Cost;
}

/** A tool that couldn't do what the others did: the family goes on without it. */
export interface Failure {
  readonly family: string;
  readonly tool: ToolName;
  /** The last thing that it said. */
  readonly why: string;
}

/** What was measured of a family. */
export interface FamilyRows {
  readonly rows: readonly Row[];
  readonly failures: readonly Failure[];
}

/** Where is measured. */
export interface Bench {
  readonly cluster: Cluster;
  readonly kubeconfig: string;
  readonly folder: string;
  readonly auditLog: string;
  readonly proxy: CountingProxy;
  readonly rounds: number;
  /** A tool that has taken so long in all, in milliseconds, is left out after three rounds. */
  readonly budgetMs: number;
  say(line: string): void;
}

const fewRounds = 3;

/**
 * Measures a family: in each round every tool once, each time in a fresh namespace, beginning with another tool. Then once
 * more through the counting proxy. A peer that fails is left out from then on, and told.
 */
export async function measureFamily(
  family: Family,
  tools: readonly Tool[],
  bench: Bench,
  signal: AbortSignal,
): Promise<FamilyRows> {
  const chosen = tools.filter(({ name }) => family.tools.includes(name));
  const failures: Failure[] = [];
  const hasFailed = ({ name }: Tool): boolean => failures.some(({ tool }) => tool === name);
  const samples = new Map<string, Sample[]>();
  const key = (tool: Tool, step: StepName): string => `${tool.name} ${step}`;
  const spentMs = new Map<ToolName, number>();
  for (let round = 0; round < bench.rounds; round += 1) {
    const order = chosen.map((_, index) => chosen[(index + round) % chosen.length]).filter((one) => one !== undefined);
    for (const tool of order) {
      const spent = spentMs.get(tool.name) ?? 0;
      if ((round >= fewRounds && spent > bench.budgetMs) || hasFailed(tool)) continue;
      const place = await makePlace(`${family.id}-${slug(tool)}-${round}`, tool, bench.kubeconfig, bench, signal);
      try {
        for (const [step, sample] of await runSteps(family, tool, place, signal)) {
          samples.set(key(tool, step), [...(samples.get(key(tool, step)) ?? []), sample]);
          spentMs.set(tool.name, (spentMs.get(tool.name) ?? 0) + sample.ms);
        }
      } catch (error) {
        signal.throwIfAborted();
        if (tool === tools[0]) throw error;
        bench.say(`${family.title}: ${tool.name} is left out: ${messageOf(error)}`);
        failures.push({
          family: family.id,
          tool: tool.name,
          why: messageOf(error).trim().split('\n').at(-1)?.trim() ?? '',
        });
      }
      await clear(place, bench, signal);
    }
    bench.say(`${family.title}: round ${round + 1} of ${bench.rounds}`);
  }
  const rows: Row[] = [];
  for (const tool of chosen.filter((one) => !hasFailed(one))) {
    const costs = await countCosts(family, tool, bench, signal);
    for (const step of family.steps) {
      const cost = costs.get(step);
      const those = samples.get(key(tool, step));
      if (cost !== undefined && those !== undefined) {
        rows.push({ family: family.id, step, tool: tool.name, samples: those, cost });
      }
    }
  }
  return { rows, failures };
}

function slug({ name }: Tool): string {
  return name.replaceAll(' ', '-');
}

const jobs: Readonly<Record<StepName, Job>> = {
  plan: 'plan',
  first: 'deploy',
  unchanged: 'deploy',
  changed: 'deploy',
  verify: 'verify',
};

async function runSteps(
  family: Family,
  tool: Tool,
  place: Place,
  signal: AbortSignal,
  before?: (step: StepName) => Promise<() => Promise<void>>,
): Promise<readonly (readonly [StepName, Sample])[]> {
  const samples: (readonly [StepName, Sample])[] = [];
  const first = family.app(place.namespace);
  await tool.write(first, place);
  for (const step of family.steps) {
    const app = step === 'changed' ? (family.changed?.(place.namespace) ?? first) : first;
    if (step === 'changed') await tool.write(app, place);
    const commands = tool.commands(jobs[step], app, place);
    if (commands.length === 0) continue;
    const after = await before?.(step);
    samples.push([step, await runAll(commands, place, signal)]);
    await after?.();
  }
  return samples;
}

async function runAll(commands: readonly Command[], place: Place, signal: AbortSignal): Promise<Sample> {
  const { folder, kubeconfig } = place;
  // A home of its tool's own: what it caches is there in the next round, and nothing of the user's plays a part.
  const env = { PATH: process.env['PATH'], HOME: join(folder, '..', 'home'), KUBECONFIG: kubeconfig };
  const startMs = performance.now();
  let [endMs, peakMiB] = [startMs, 0];
  for (const command of commands) {
    const ended = await runProgram(command, { env, cwd: folder, watchesMemory: true }, signal);
    signal.throwIfAborted();
    endMs = ended.atMs;
    peakMiB = Math.max(peakMiB, ended.peakMiB ?? 0);
    if (ended.code !== 0) {
      const words = ended.lines.slice(-20).map(({ text }) => text);
      throw new Error([`${command.join(' ')} ended with ${ended.code ?? 'a signal'}:`, ...words].join('\n  '));
    }
  }
  return { ms: endMs - startMs, peakMiB };
}

/** Makes a namespace, and a folder in that of the tool. */
async function makePlace(
  namespace: string,
  tool: Tool,
  kubeconfig: string,
  { cluster, folder }: Bench,
  signal: AbortSignal,
): Promise<Place> {
  await makeNamespace(namespace, cluster, signal);
  const place = { folder: join(folder, slug(tool), namespace), namespace, kubeconfig };
  await mkdir(place.folder, { recursive: true });
  await mkdir(join(folder, slug(tool), 'home'), { recursive: true });
  return place;
}

/** Deletes the namespace and waits until it is gone: what it would cost the next run. */
async function clear({ namespace }: Place, { cluster }: Bench, signal: AbortSignal): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Namespace', name: namespace };
  const live = await cluster.get(ref, signal);
  await cluster.remove(ref, { uid: live?.metadata.uid ?? '' }, signal);
  const { items, resourceVersion } = await cluster.list(ref, signal);
  if (items.length === 0) return;
  for await (const event of cluster.watch(ref, resourceVersion, signal)) if (event.type === 'DELETED') return;
}

async function countCosts(
  family: Family,
  tool: Tool,
  bench: Bench,
  signal: AbortSignal,
): Promise<ReadonlyMap<StepName, Cost>> {
  const { proxy, auditLog, folder } = bench;
  const kubeconfig = join(folder, 'counted.kubeconfig');
  const direct = await readFile(bench.kubeconfig, 'utf8');
  const server = serverOf(bench.kubeconfig);
  await writeFile(kubeconfig, direct.replaceAll(server, `https://127.0.0.1:${proxy.port}`));
  const place = await makePlace(`${family.id}-${slug(tool)}-counted`, tool, kubeconfig, bench, signal);
  const costs = new Map<StepName, Cost>();
  await runSteps(family, tool, place, signal, async (step) => {
    const { size } = await stat(auditLog);
    proxy.take();
    return async () => {
      const traffic = proxy.take();
      const lines = (await readFile(auditLog)).subarray(size).toString('utf8').split('\n');
      // The sandbox's own parts aren't logged, controllers have service accounts: what is left is this tool's.
      const own = lines.filter((line) => line.includes('"username":"sandbox:admin"'));
      costs.set(step, { ...traffic, requests: own.length });
    };
  });
  await clear(place, bench, signal);
  return costs;
}
