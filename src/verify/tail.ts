import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import { followWorld } from '../cluster/live-world.ts';
import type { LogOptions } from '../cluster/logs.ts';
import { readWorld } from '../cluster/read-world.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../events.ts';
import { containersOf } from '../kinds/pods/containers.ts';
import { isPartOf } from '../manifests/stamp.ts';
import { countOf, formatSpan } from '../model/age.ts';
import { arrayOf, at } from '../model/json.ts';
import { refOf } from '../model/object.ts';
import type { World } from '../model/world.ts';
import { workloadKinds } from './assess-now.ts';
import { requireReadable } from './home.ts';
import { hasBegun, type Source, type SourceChoice, sourcesIn } from './log-sources.ts';
import { readLogLines } from './log-tail.ts';
import { statusKinds } from './status.ts';

export interface TailRequest extends SourceChoice {
  readonly namespace: string;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
}

/** A line with its time split off. */
interface StampedLine {
  readonly source: Source;
  readonly time: string;
  readonly text: string;
}

/**
 * Shows the logs of all pods of a workload, or of the application; followed, it goes on with pods that come later and
 * over connections that break, until the signal fires.
 *
 * @throws DeployError `usage` for a name that no workload and no pod has, `refused` where pods may not be listed.
 */
export async function tailLogs(request: TailRequest, cluster: Cluster, host: Host, signal: AbortSignal): Promise<void> {
  const scopes = statusKinds.map((kind) => ({ ...kind, namespace: request.namespace }));
  const { world, unread } = await readWorld(cluster, scopes, signal);
  requireReadable(unread, request.namespace);
  const sources = sourcesIn(request, world);
  if (sources.length === 0) throw nothingThere(request, world);
  const show = shower(host);
  if (!request.follow) {
    const lines = (await Promise.all(sources.map((source) => readLines(source, request, cluster, signal)))).flat();
    lines.toSorted(byTime).forEach(show);
    if (lines.length === 0) host.emit({ type: 'step', name: 'logs', message: silence(request, sources) });
    return;
  }
  await follow(request, sources, cluster, show, signal);
}

/** Why nothing is shown: an empty screen looks like a fault. */
function silence({ name, previous, sinceSeconds }: TailRequest, sources: readonly Source[]): string {
  const whose = name === undefined ? 'of these workloads' : `of ${name}`;
  if (!previous) {
    const when = sinceSeconds === undefined ? '' : ` in the last ${formatSpan(sinceSeconds * 1000)}`;
    return `The containers ${whose} have logged nothing${when}.`;
  }
  const hasRestarted = sources.some(({ pod, container }) =>
    containersOf(pod).some(({ name: own, restarts }) => own === container && restarts > 0),
  );
  return hasRestarted
    ? `The logs from before the last restart ${whose} are gone: the node keeps them for a while only.`
    : `No container ${whose} has restarted: there is no log from before. Without --previous you see the present one.`;
}

function nothingThere({ application, name, namespace }: TailRequest, world: World): DeployError {
  const workloads = workloadKinds.flatMap((kind) => world.list(kind));
  const names = [...new Set(workloads.map(({ metadata }) => metadata.name ?? ''))].sort();
  const ours = workloads.filter((live) => isPartOf(live, application));
  const strangers = `${countOf(names.length, 'workload')} that oms-deploy didn't deploy`;
  const there =
    names.length === 0
      ? 'The namespace has no workloads.'
      : ours.length === 0 && application === undefined
        ? `The namespace has ${strangers}: ${names.join(', ')}.`
        : `There are: ${names.join(', ')}.`;
  const what =
    name === undefined ? `pods of ${application ?? 'oms-deploy'}` : `pods of the name or of a workload ${name}`;
  const fix =
    names.length === 0
      ? 'Name another namespace: --namespace.'
      : `Name one of them (oms-deploy logs ${names[0] ?? ''}), or another namespace: --namespace.`;
  return new DeployError('usage', `There are no ${what} in namespace ${namespace}.`, {
    why: there,
    fix,
  });
}

async function readLines(
  source: Source,
  { previous, tailLines, sinceSeconds }: TailRequest,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly StampedLine[]> {
  const options: LogOptions = {
    container: source.container,
    timestamps: true,
    previous,
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
  };
  const lines = await readLogLines(cluster, refOf(source.pod), options, signal);
  return lines.map((line) => stamped(source, line));
}

function stamped(source: Source, line: string): StampedLine {
  const space = line.indexOf(' ');
  return space < 0
    ? { source, time: line, text: '' }
    : { source, time: line.slice(0, space), text: line.slice(space + 1) };
}

function byTime(a: StampedLine, b: StampedLine): number {
  return a.time < b.time ? -1 : a.time > b.time ? 1 : 0;
}

/** Emits lines; sources get their numbers as they appear. */
function shower(host: Host): (line: StampedLine) => void {
  const indexes = new Map<string, number>();
  return ({ source: { pod, container }, time, text }) => {
    const name = pod.metadata.name ?? '';
    const several = arrayOf(at(pod, 'spec', 'containers')).length > 1;
    const source = several ? `${name}/${container}` : name;
    const index = indexes.get(source) ?? indexes.size;
    indexes.set(source, index);
    host.emit({ type: 'log', line: { pod: name, container, time, text, source, index } });
  };
}

/** Follows the sources there are, and those of pods that come later. */
async function follow(
  request: TailRequest,
  sources: readonly Source[],
  cluster: Cluster,
  show: (line: StampedLine) => void,
  signal: AbortSignal,
): Promise<void> {
  const followed = new Map<string, Promise<void>>();
  const begin = (source: Source, options: TailRequest): void => {
    const key = `${source.pod.metadata.uid ?? ''}/${source.container}`;
    if (!followed.has(key)) followed.set(key, followSource(source, options, cluster, show, signal));
  };
  for (const source of sources) begin(source, request);
  const scopes = statusKinds
    .filter(({ kind }) => kind === 'Pod' || kind === 'ReplicaSet' || workloadKinds.some((one) => one === kind))
    .map((kind) => ({ ...kind, namespace: request.namespace, needed: kind.kind === 'Pod' }));
  // What a pod that comes later has said so far is all of interest.
  const { tailLines: _tail, sinceSeconds: _since, ...fromTheBeginning } = request;
  const events = {
    changed: () => {
      for (const source of sourcesIn(request, live.world())) {
        if (hasBegun(source)) begin(source, fromTheBeginning);
      }
    },
    trouble: () => undefined,
  };
  const live = followWorld(cluster, scopes, events, signal);
  await live.ended;
  await Promise.all(followed.values());
}

/** A pause before a log that ended is asked for again: its container may be started again, or the connection broke. */
const againMs = 1_000;

async function followSource(
  source: Source,
  options: TailRequest,
  cluster: Cluster,
  show: (line: StampedLine) => void,
  signal: AbortSignal,
): Promise<void> {
  let last = '';
  let first = true;
  while (!signal.aborted) {
    const from: LogOptions = first
      ? {
          ...(options.tailLines === undefined ? {} : { tailLines: options.tailLines }),
          ...(options.sinceSeconds === undefined ? {} : { sinceSeconds: options.sinceSeconds }),
        }
      : last === ''
        ? {}
        : { sinceTime: last };
    try {
      const answer = await cluster.logs(
        refOf(source.pod),
        { container: source.container, follow: true, timestamps: true, ...from },
        signal,
      );
      if ('reason' in answer && answer.reason === 'no-pod') return;
      if ('lines' in answer) {
        for await (const text of answer.lines) {
          const line = stamped(source, text);
          // `sinceTime` knows whole seconds only: what was shown is not shown again.
          if (line.time <= last) continue;
          last = line.time;
          show(line);
        }
        first = false;
      }
    } catch (error) {
      if (!(error instanceof DeployError)) throw error;
    }
    await delay(againMs, undefined, { signal }).catch(() => undefined);
  }
}
