import { connectTo } from '../../../test/support/target.ts';
import { print, runMain, say } from '../run-main.ts';
import { type BenchSandbox, withSandbox } from '../with-sandbox.ts';
import { type Contender, findContenders } from './contenders.ts';
import { faults } from './faults.ts';
import { measure } from './measure.ts';
import { flawsOf, type Measured, timesOf, wordsOf } from './report.ts';

/**
 * How soon a rollout that can't succeed is reported: each fault is deployed by oms-deploy, kubectl and helm at the same
 * moment, on a sandbox of this run's own. Ends with 1 where oms-deploy was slow, wrong or not first.
 */
async function main(signal: AbortSignal): Promise<number> {
  const contenders = await findContenders('120s', say, signal);
  const measured = await withSandbox(
    (sandbox) => {
      say('deploying: two minutes, as the other tools wait until their limit');
      return measureAll(contenders, sandbox, signal);
    },
    say,
    signal,
  );
  signal.throwIfAborted();
  return conclude(measured);
}

async function measureAll(
  contenders: readonly [Contender, ...Contender[]],
  { kubeconfig, folder }: BenchSandbox,
  signal: AbortSignal,
): Promise<readonly Measured[]> {
  const cluster = connectTo(kubeconfig);
  // Where one deploy throws, the others are ended.
  const failed = new AbortController();
  const both = AbortSignal.any([signal, failed.signal]);
  try {
    const version = await cluster.version(signal);
    print([
      `A Deployment that can't get ready, a healthy one beside it, and their Services; Kubernetes ${version}.`,
      'Each fault is deployed by all tools at the same moment, each in a namespace of its own:',
      ...contenders.map(({ shown }) => `  ${shown}`),
      'Without these limits, kubectl waits until progressDeadlineSeconds (600 s by default), helm 5 min, oms-deploy 10 min.',
      'The signal is what makes the failure certain to a reader of the pod:',
      ...faults.map(({ title, signal }) => `  ${title}: ${signal}`),
      'The cause is shown by the first line of a tool that names it.',
      '',
    ]);
    const bench = { cluster, kubeconfig, folder };
    return await Promise.all(faults.map((fault) => measure(fault, contenders, bench, both)));
  } finally {
    failed.abort();
    cluster.close();
  }
}

function conclude(measured: readonly Measured[]): number {
  print([...timesOf(measured), '', ...wordsOf(measured)]);
  const flaws = measured.flatMap(flawsOf);
  const isFine = flaws.length === 0;
  const praise = 'oms-deploy was in time each time and named the cause; no other tool had ended before it.';
  print(['', ...(isFine ? [praise] : flaws)]);
  return isFine ? 0 : 1;
}

await runMain(main);
