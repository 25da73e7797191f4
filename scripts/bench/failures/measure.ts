import { join } from 'node:path';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { makeNamespace, type Place } from '../place.ts';
import type { Contender } from './contenders.ts';
import type { Fault } from './faults.ts';
import type { Measured, Outcome } from './report.ts';
import { watchForSignal } from './signals.ts';

/** Where it is measured. */
export interface Bench {
  readonly cluster: Cluster;
  readonly kubeconfig: string;
  /** For the files of the deploys. */
  readonly folder: string;
}

/** Deploys a fault with each tool at the same moment, each in a namespace of its own. */
export async function measure(
  fault: Fault,
  contenders: readonly [Contender, ...Contender[]],
  bench: Bench,
  signal: AbortSignal,
): Promise<Measured> {
  const [first, ...others] = await Promise.all([
    prepare(fault, contenders[0], bench, signal),
    ...contenders.slice(1).map((contender) => prepare(fault, contender, bench, signal)),
  ]);
  const startMs = performance.now();
  const outcomes = await Promise.all([first(startMs), ...others.map((start) => start(startMs))]);
  return { title: fault.title, outcomes };
}

/** Makes the namespace and the files, and returns what starts the clock. */
async function prepare(
  fault: Fault,
  contender: Contender,
  { cluster, kubeconfig, folder }: Bench,
  signal: AbortSignal,
): Promise<(startMs: number) => Promise<Outcome>> {
  const { name: tool, missing } = contender;
  if (missing !== undefined) return async () => ({ tool, missing });
  const namespace = `${fault.id}-${tool}`;
  const place = { folder: join(folder, namespace), namespace, kubeconfig };
  await makeNamespace(namespace, cluster, signal);
  await contender.prepare(fault, place);
  return (startMs) => compete(fault, contender, place, cluster, startMs, signal);
}

async function compete(
  fault: Fault,
  contender: Contender,
  place: Place,
  cluster: Cluster,
  startMs: number,
  signal: AbortSignal,
): Promise<Outcome> {
  const ended = new AbortController();
  let signalAtMs: number | undefined;
  const seen = (): void => {
    signalAtMs = performance.now() - startMs;
  };
  const both = AbortSignal.any([signal, ended.signal]);
  const watch = watchForSignal(cluster, place.namespace, fault.isSignalled, seen, both);
  const answer = await contender.deploy(fault, place, signal);
  ended.abort();
  await watch;
  return {
    tool: contender.name,
    ...(signalAtMs === undefined ? {} : { signalMs: signalAtMs }),
    answer: {
      ...answer,
      atMs: answer.atMs - startMs,
      ...(answer.causeAtMs === undefined ? {} : { causeAtMs: answer.causeAtMs - startMs }),
    },
  };
}
