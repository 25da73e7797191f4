import { join } from 'node:path';
import { messageOf } from '../../../src/errors.ts';
import { chart, writeText } from '../files.ts';
import { type BuiltPeer, findPeer, type PeerName } from '../peers.ts';
import type { Place } from '../place.ts';
import { type Command, type Ended, ownProgram, runProgram } from '../program.ts';
import { type Fault, faulty } from './faults.ts';
import { readEvents, readSentences, type Said } from './said.ts';

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

/** All of them, oms-deploy first; each may wait for `timeout` (`120s`). */
export async function findContenders(
  timeout: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<readonly [Contender, ...Contender[]]> {
  const kubectl = await peerOf('kubectl', say, signal);
  return [omsDeploy(timeout), rolloutStatus(kubectl, timeout), helmUpgrade(await peerOf('helm', say, signal), timeout)];
}

type Peer = BuiltPeer & Pick<Contender, 'missing'>;

async function peerOf(name: PeerName, say: (line: string) => void, signal: AbortSignal): Promise<Peer> {
  try {
    return await findPeer(name, say, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { path: name, version: 'missing', missing: messageOf(error) };
  }
}

function omsDeploy(timeout: string): Contender {
  return {
    name: 'oms-deploy',
    shown: `oms-deploy up -f app.yaml --yes --timeout ${timeout}`,
    prepare: writeManifests,
    async deploy(fault, place, signal) {
      const flags = ['-f', 'app.yaml', '-n', place.namespace, '--yes', '--timeout', timeout, '--output', 'json'];
      const { atMs, lines } = await run([...ownProgram, 'up', ...flags], place, signal);
      return { atMs, ...readEvents(fault, lines) };
    },
  };
}

function rolloutStatus({ path, version, missing }: Peer, timeout: string): Contender {
  return {
    name: 'kubectl',
    shown: `kubectl apply -f app.yaml && kubectl rollout status deployment/${faulty} --timeout=${timeout}  (${version})`,
    ...(missing === undefined ? {} : { missing }),
    prepare: writeManifests,
    async deploy(fault, place, signal) {
      const scope = ['-n', place.namespace];
      const applied = await run([path, 'apply', '-f', 'app.yaml', ...scope], place, signal);
      if (applied.code !== 0) return answerOf(fault, applied);
      const status = ['rollout', 'status', `deployment/${faulty}`, `--timeout=${timeout}`];
      return answerOf(fault, await run([path, ...status, ...scope], place, signal));
    },
  };
}

function helmUpgrade({ path, version, missing }: Peer, timeout: string): Contender {
  return {
    name: 'helm',
    shown: `helm upgrade --install shop chart --wait --timeout ${timeout}  (${version})`,
    ...(missing === undefined ? {} : { missing }),
    async prepare(fault, { folder }) {
      await writeText(join(folder, 'chart', 'Chart.yaml'), chart);
      await writeText(join(folder, 'chart', 'templates', 'app.yaml'), fault.manifests);
    },
    async deploy(fault, place, signal) {
      const flags = ['--install', 'shop', 'chart', '--wait', '--timeout', timeout, '-n', place.namespace];
      return answerOf(fault, await run([path, 'upgrade', ...flags], place, signal));
    },
  };
}

async function writeManifests(fault: Fault, { folder }: Place): Promise<void> {
  await writeText(join(folder, 'app.yaml'), fault.manifests);
}

function run(command: Command, { folder, kubeconfig }: Place, signal: AbortSignal): Promise<Ended> {
  // A home of its own: no configuration and no cache of the user's plays a part.
  const env = { PATH: process.env['PATH'], HOME: folder, KUBECONFIG: kubeconfig };
  return runProgram(command, { env, cwd: folder }, signal);
}

function answerOf(fault: Fault, { atMs, lines }: Ended): Answer {
  return { atMs, ...readSentences(fault, lines) };
}
