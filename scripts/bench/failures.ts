import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../src/errors.ts';
import { connectTo } from '../../test/support/target.ts';
import { buildHelm, type Contender, findKubectl, omsDeploy, program } from './contenders.ts';
import { faults } from './faults.ts';
import { measure } from './measure.ts';
import { type Command, runProgram } from './program.ts';
import { flawsOf, type Measured, timesOf, wordsOf } from './report.ts';

/**
 * How soon a rollout that can't succeed is reported: each fault is deployed by oms-deploy, kubectl and helm at the same
 * moment, on a sandbox of this run's own. Ends with 1 where oms-deploy was slow, wrong or not first.
 */
async function main(signal: AbortSignal): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'oms-deploy-bench-'));
  const state = join(folder, 'sandbox');
  try {
    await succeed('The build', [process.execPath, '--import', 'tsx', 'scripts/build.ts'], signal);
    const contenders = [omsDeploy, await findKubectl(signal), await buildHelm(say, signal)] as const;
    // The sandbox ends with this process, however that ends.
    const start = ['sandbox', 'start', '--state', state, '--owner-pid', String(process.pid), '--output', 'plain'];
    await succeed('The start of the sandbox', [...program, ...start], signal);
    say('deploying: two minutes, as the other tools wait until their limit');
    const measured = await measureAll(contenders, join(state, 'kubeconfig'), folder, signal);
    signal.throwIfAborted();
    return conclude(measured);
  } finally {
    // An interrupted run has a sandbox to stop, too: its signal has fired already.
    const stop: Command = [...program, 'sandbox', 'stop', '--state', state];
    await runProgram(stop, { env: process.env }, new AbortController().signal);
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureAll(
  contenders: readonly [Contender, ...Contender[]],
  kubeconfig: string,
  folder: string,
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

/** Runs a step of the preparation, with what it says of its progress passed on. */
async function succeed(what: string, command: Command, signal: AbortSignal): Promise<void> {
  const { code } = await runProgram(command, { env: process.env, says: say }, signal);
  signal.throwIfAborted();
  if (code !== 0) throw new Error(`${what} failed: the reason is above.`);
}

/** The result: stdout. */
function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** What is being done: stderr. */
function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

const interrupt = new AbortController();
// Ctrl-C comes twice: from the terminal, and passed on by the program that runs this script.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => interrupt.abort());
try {
  process.exitCode = await main(interrupt.signal);
} catch (error) {
  say(interrupt.signal.aborted ? 'Interrupted.' : messageOf(error));
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
}
