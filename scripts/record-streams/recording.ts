import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../src/cluster/cluster.ts';
import type { Scope } from '../../src/cluster/lists.ts';
import { instanceKey, watchObjects } from '../../src/cluster/watch-objects.ts';
import { kindOf } from '../../src/kinds/index.ts';
import { at, stringOf } from '../../src/model/json.ts';
import { type KubernetesObject, refKey, refOf } from '../../src/model/object.ts';
import type { TestSandbox } from '../../test/support/sandbox.ts';
import { anonymous } from './anonymous.ts';
import { flawsOf, formatStretches, replay } from './replay.ts';
import { outcomeOf, type Scenario } from './scenario.ts';
import { createStage, place } from './stage.ts';
import type { Stream, StreamEvent } from './stream.ts';
import { trim } from './trim.ts';

/** An outcome must come within this time, and is watched for a while more: it is not to be taken back. */
const limitMs = 150_000;
const tailMs = 2_500;
const pollMs = 250;

/** Plays a scenario on the sandbox and returns what a wait for its first manifest has seen. */
export async function record(
  scenario: Scenario,
  sandbox: TestSandbox,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Stream> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const namespace = scenario.id.replace('/', '-');
  const stage = createStage(sandbox, cluster, namespace, both);
  await stage.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  // Without it no pod is let in.
  await stage.until({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } }, () => true);
  await scenario.before?.(stage);
  const judged = place(scenario.manifests[0], namespace);
  const watching = follow(cluster, scopesOf(scenario, judged), both);
  try {
    await Promise.race([watching.listed, watching.ended]);
    const sinceMs = cluster.now();
    const versions: number[] = [];
    for (const manifest of scenario.manifests) versions.push(versionOf(await stage.apply(manifest)));
    const begin = { sinceMs, version: Math.max(...versions) };
    await untilSeen(watching.events, begin.version, both);
    const soFar = (lastsMs: number): Stream => ({
      shows: scenario.shows,
      ref: refOf(judged),
      sinceMs,
      lastsMs,
      events: chosen(fromBegin(watching.events, begin), judged),
    });
    const played = scenario.meanwhile?.(stage) ?? Promise.resolve();
    const lastsMs = await Promise.race([
      untilOver(scenario, soFar, () => Math.round(cluster.now() - sinceMs), both),
      // What goes wrong here ends the recording; what goes well doesn't.
      played.then(() => new Promise<never>(() => undefined)),
      watching.ended.then(() => Promise.reject(new Error('The watches have ended.'))),
    ]);
    return anonymous(soFar(lastsMs));
  } finally {
    stop.abort();
    await watching.ended.catch(() => undefined);
    await sandbox.request('DELETE', `/api/v1/namespaces/${namespace}`).catch(() => undefined);
  }
}

/** Until the outcome has come and stayed, or for the time of the scenario. Returns how long it took. */
async function untilOver(
  { id, seconds }: Scenario,
  soFar: (lastsMs: number) => Stream,
  passedMs: () => number,
  signal: AbortSignal,
): Promise<number> {
  const outcome = outcomeOf(id);
  if (outcome === 'progressing') {
    await delay((seconds ?? 10) * 1000, undefined, { signal });
    return passedMs();
  }
  for (;;) {
    const nowMs = passedMs();
    const said = replay(soFar(nowMs));
    const last = said.at(-1);
    if (last?.state === outcome && nowMs - last.atMs >= tailMs) return nowMs;
    const isLost = nowMs > limitMs || flawsOf(outcome, said).length > 1;
    if (isLost) throw new Error(`${id} did not get ${outcome}:\n${formatStretches(said)}`);
    await delay(pollMs, undefined, { signal });
  }
}

/** What a wait for the first manifest watches. */
function scopesOf({ also = [] }: Scenario, judged: KubernetesObject): readonly Scope[] {
  const { namespace } = judged.metadata;
  const kinds = [judged, ...(kindOf(judged)?.related ?? []), ...also];
  const distinct = new Map(kinds.map(({ apiVersion, kind }) => [`${apiVersion}/${kind}`, { apiVersion, kind }]));
  return [...distinct.values()].map((kind) => (namespace === undefined ? kind : { ...kind, namespace }));
}

interface Following {
  /** With the API server's time. */
  readonly events: readonly StreamEvent[];
  readonly listed: Promise<unknown>;
  readonly ended: Promise<unknown>;
}

/** Watches as a wait does it, and writes down what comes. */
function follow(cluster: Cluster, scopes: readonly Scope[], signal: AbortSignal): Following {
  const events: StreamEvent[] = [];
  const listed: Promise<void>[] = [];
  const ended = scopes.map((scope) => {
    const { promise, resolve } = deferred();
    listed.push(promise);
    const versions = new Map<string, { readonly version: string; readonly object: KubernetesObject }>();
    const see = (type: StreamEvent['type'], object: KubernetesObject): void => {
      events.push({ atMs: cluster.now(), type, object });
    };
    const changed = (object: KubernetesObject): void => {
      const known = versions.get(instanceKey(object));
      const version = object.metadata.resourceVersion ?? '';
      if (known?.version === version) return;
      versions.set(instanceKey(object), { version, object });
      see(known === undefined ? 'ADDED' : 'MODIFIED', object);
    };
    const deleted = (object: KubernetesObject): void => {
      versions.delete(instanceKey(object));
      see('DELETED', object);
    };
    const watcher = {
      listed(objects: readonly KubernetesObject[]): void {
        const there = new Set(objects.map(instanceKey));
        for (const [key, { object }] of versions) if (!there.has(key)) deleted(object);
        objects.forEach(changed);
        resolve();
      },
      changed,
      deleted,
      trouble: () => undefined,
    };
    return watchObjects(cluster, scope, watcher, signal);
  });
  return { events, listed: Promise.all(listed), ended: Promise.all(ended) };
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function versionOf({ metadata }: KubernetesObject): number {
  return Number(metadata.resourceVersion);
}

/** Until the watches have told what was applied. */
async function untilSeen(seen: readonly StreamEvent[], version: number, signal: AbortSignal): Promise<void> {
  while (!seen.some(({ object }) => versionOf(object) >= version)) await delay(10, undefined, { signal });
}

/**
 * A wait lists after the apply. The recording watches from before it, to miss nothing, and begins with the list that the
 * API server would have answered at the version of the applied objects.
 */
function fromBegin(
  seen: readonly StreamEvent[],
  { sinceMs, version }: { readonly sinceMs: number; readonly version: number },
): readonly StreamEvent[] {
  const listed = new Map<string, StreamEvent>();
  const after: StreamEvent[] = [];
  for (const event of seen) {
    const key = instanceKey(event.object);
    if (versionOf(event.object) > version)
      after.push({ ...event, atMs: Math.max(0, Math.round(event.atMs - sinceMs)) });
    else if (event.type === 'DELETED') listed.delete(key);
    else listed.set(key, { atMs: 0, type: 'ADDED', object: event.object });
  }
  return [...listed.values(), ...after];
}

/** The events that concern the scenario, trimmed; those that leave nothing new are left out. */
function chosen(seen: readonly StreamEvent[], judged: KubernetesObject): readonly StreamEvent[] {
  const text = JSON.stringify(seen.findLast(({ object }) => object.kind === judged.kind)?.object ?? judged);
  const concerned = seen.filter(({ object }) => isConcerned(object, judged, text));
  const uids = new Set(concerned.map(({ object }) => object.metadata.uid));
  const last = new Map<string, string>();
  return concerned.flatMap((event): readonly StreamEvent[] => {
    const { type, object } = event;
    if (object.kind === 'Event' && !uids.has(stringOf(at(object, 'involvedObject', 'uid')))) return [];
    const trimmed = trim(object);
    const text = `${type === 'DELETED' ? type : ''}${JSON.stringify(trimmed)}`;
    if (last.get(instanceKey(object)) === text) return [];
    last.set(instanceKey(object), text);
    return [{ ...event, object: trimmed }];
  });
}

/** The namespace is the scenario's own; of what has none, others play along. */
function isConcerned(object: KubernetesObject, judged: KubernetesObject, text: string): boolean {
  if (object.metadata.namespace !== undefined) return true;
  if (object.kind === judged.kind) return refKey(refOf(object)) === refKey(refOf(judged));
  return text.includes(`"${object.metadata.name ?? ''}"`);
}
