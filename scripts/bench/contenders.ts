import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, systemCodeOf } from '../../src/errors.ts';
import { at, stringOf } from '../../src/model/json.ts';
import { type Fault, faulty } from './faults.ts';
import { findHelm, helmVersion } from './helm.ts';
import { type Command, type Ended, runProgram } from './program.ts';
import { readEvents, readSentences, type Said } from './said.ts';

/** How long each tool may wait. */
const timeout = '120s';

/** Where one deploy happens. */
export interface Place {
  readonly folder: string;
  readonly namespace: string;
  readonly kubeconfig: string;
}

/** How a deploy ended. */
export interface Answer extends Said {
  /** When, by `performance.now()`. */
  readonly atMs: number;
}

/** A tool that deploys and waits. */
export interface Contender {
  readonly name: string;
  /** What is run, for the reader. */
  readonly shown: string;
  /** Why it can't be had; then it is left out. */
  readonly missing?: string;
  /** Writes its files, before the clock starts. */
  prepare(fault: Fault, place: Place): Promise<void>;
  deploy(fault: Fault, place: Place, signal: AbortSignal): Promise<Answer>;
}

/** The program that is measured, as users start it: on the bundle. */
export const program: Command = [process.execPath, join(import.meta.dirname, '..', '..', 'bin', 'oms-deploy.js')];

export const omsDeploy: Contender = {
  name: 'oms-deploy',
  shown: `oms-deploy up -f app.yaml --yes --timeout ${timeout}`,
  prepare: writeManifests,
  async deploy(fault, place, signal) {
    const flags = ['-f', 'app.yaml', '-n', place.namespace, '--yes', '--timeout', timeout, '--output', 'json'];
    const { atMs, lines } = await run([...program, 'up', ...flags], place, signal);
    return { atMs, ...readEvents(fault, lines) };
  },
};

/** kubectl, where there is one on the PATH. */
export async function findKubectl(signal: AbortSignal): Promise<Contender> {
  const { version, missing } = await kubectlVersion(signal);
  return {
    name: 'kubectl',
    shown: `kubectl apply -f app.yaml && kubectl rollout status deployment/${faulty} --timeout=${timeout}  (${version})`,
    ...(missing === undefined ? {} : { missing }),
    prepare: writeManifests,
    async deploy(fault, place, signal) {
      const scope = ['-n', place.namespace];
      const applied = await run(['kubectl', 'apply', '-f', 'app.yaml', ...scope], place, signal);
      if (applied.code !== 0) return answerOf(fault, applied);
      const status = ['rollout', 'status', `deployment/${faulty}`, `--timeout=${timeout}`];
      return answerOf(fault, await run(['kubectl', ...status, ...scope], place, signal));
    },
  };
}

async function kubectlVersion(signal: AbortSignal): Promise<{ readonly version: string; readonly missing?: string }> {
  const command: Command = ['kubectl', 'version', '--client', '--output', 'json'];
  try {
    const { lines } = await runProgram(command, { env: process.env }, signal);
    const answer: unknown = JSON.parse(lines.map(({ text }) => text).join('\n'));
    return { version: stringOf(at(answer, 'clientVersion', 'gitVersion')) ?? 'of unknown version' };
  } catch (error) {
    signal.throwIfAborted();
    const missing = systemCodeOf(error) === 'ENOENT' ? 'there is none on the PATH' : messageOf(error);
    return { version: 'missing', missing };
  }
}

/** The pinned helm, built where the cache lacks it. */
export async function buildHelm(say: (line: string) => void, signal: AbortSignal): Promise<Contender> {
  const { helm, missing } = await findHelm(say, signal).then(
    (path) => ({ helm: path, missing: undefined }),
    (error: unknown) => ({ helm: 'helm', missing: messageOf(error) }),
  );
  signal.throwIfAborted();
  return {
    name: 'helm',
    shown: `helm upgrade --install shop chart --wait --timeout ${timeout}  (${await helmVersion()})`,
    ...(missing === undefined ? {} : { missing }),
    async prepare(fault, { folder }) {
      await write(join(folder, 'chart', 'Chart.yaml'), 'apiVersion: v2\nname: shop\nversion: 1.0.0\n');
      await write(join(folder, 'chart', 'templates', 'app.yaml'), fault.manifests);
    },
    async deploy(fault, place, signal) {
      const flags = ['--install', 'shop', 'chart', '--wait', '--timeout', timeout, '-n', place.namespace];
      return answerOf(fault, await run([helm, 'upgrade', ...flags], place, signal));
    },
  };
}

async function writeManifests(fault: Fault, { folder }: Place): Promise<void> {
  await write(join(folder, 'app.yaml'), fault.manifests);
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

function run(command: Command, { folder, kubeconfig }: Place, signal: AbortSignal): Promise<Ended> {
  // A home of its own: no configuration and no cache of the user's plays a part.
  const env = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: kubeconfig };
  return runProgram(command, { env, cwd: folder }, signal);
}

function answerOf(fault: Fault, { atMs, lines }: Ended): Answer {
  return { atMs, ...readSentences(fault, lines) };
}
