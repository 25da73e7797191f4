import type { Cluster } from '../../src/cluster/cluster.ts';
import { type Contender, findContenders } from './failures/contenders.ts';
import { faults } from './failures/faults.ts';
import { type Bench, measure } from './failures/measure.ts';
import type { Outcome } from './failures/report.ts';
import type { BenchSandbox } from './with-sandbox.ts';

/** How a tool dealt with an image that isn't there, once for each round. */
export interface DiagnosisRow {
  readonly tool: string;
  /** What is run, for the reader. */
  readonly shown: string;
  readonly outcomes: readonly Outcome[];
}

/** So long the other tools are watched, in seconds. */
export const watchedSeconds = 60;

/** Each round takes as long as the others wait: a few say as much as ten. */
const rounds = 3;

/** Deploys an image that isn't there with all tools at the same moment, each in a namespace of its own. */
export async function measureBadImage(
  cluster: Cluster,
  { kubeconfig, folder }: BenchSandbox,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly DiagnosisRow[]> {
  const fault = faults.find(({ id }) => id === 'image');
  if (fault === undefined) throw new Error('there is no such fault');
  const contenders = await findContenders(`${watchedSeconds}s`, say, signal);
  const bench: Bench = { cluster, kubeconfig, folder };
  const outcomes: (readonly Outcome[])[] = [];
  for (let round = 0; round < rounds; round += 1) {
    outcomes.push((await measure({ ...fault, id: `${fault.id}-${round}` }, contenders, bench, signal)).outcomes);
    say(`a bad image: round ${round + 1} of ${rounds}`);
  }
  return contenders.map(({ name, shown }: Contender) => ({
    tool: name,
    shown,
    outcomes: outcomes.flatMap((those) => those.filter(({ tool }) => tool === name)),
  }));
}
