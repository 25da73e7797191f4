import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../src/cluster/cluster.ts';
import { kindOf } from '../../src/kinds/index.ts';
import { at, type Json, type JsonObject, stringOf } from '../../src/model/json.ts';
import { formatRef, type KubernetesObject, type ObjectRef, refOf } from '../../src/model/object.ts';
import type { TestSandbox } from '../../test/support/sandbox.ts';

/** What a controller says of an object. */
export interface Report {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** Who says it. */
  readonly by: string;
  /** The part of the object that it is about: `spec.containers{api}`. */
  readonly field?: string;
}

/** Where a scenario plays: its namespace on the sandbox, and what can be done there. */
export interface Stage {
  readonly namespace: string;
  /** Applies an object as a deploy does it, and returns it. */
  apply(object: KubernetesObject): Promise<KubernetesObject>;
  /** Changes an object by a merge patch. */
  change(about: KubernetesObject, patch: JsonObject): Promise<void>;
  /** Writes status, as the object's controller would where none runs here. */
  status(about: KubernetesObject, status: JsonObject): Promise<void>;
  /** Writes an Event, as the object's controller would where none runs here. What repeats is counted. */
  report(about: KubernetesObject, report: Report): Promise<void>;
  remove(about: KubernetesObject): Promise<void>;
  /** Makes an object of a kind that was unknown a moment ago. */
  create(resource: NewResource, object: KubernetesObject): Promise<void>;
  /** Takes the finalizers of such an object away. */
  release(resource: NewResource, object: KubernetesObject): Promise<void>;
  /** Resolves with the object as soon as it is there and as `matches` says. */
  until(about: KubernetesObject, matches: (live: KubernetesObject) => boolean): Promise<KubernetesObject>;
  /** Resolves with the pods of the namespace as soon as they are as `matches` says. */
  untilPods(matches: (pods: readonly KubernetesObject[]) => boolean): Promise<readonly KubernetesObject[]>;
  seconds(count: number): Promise<void>;
  /** The API server's time, as its objects have it. */
  now(): string;
  /** Stops the controllers for some seconds; they run again when this resolves. */
  stopControllers(seconds: number): Promise<void>;
}

/** Where a kind is served that discovery doesn't know yet. */
export interface NewResource {
  readonly group: string;
  readonly resource: string;
}

const pollMs = 100;
const limitMs = 60_000;

/** A stage in a namespace; all that it does ends with the signal. */
export function createStage(sandbox: TestSandbox, cluster: Cluster, namespace: string, signal: AbortSignal): Stage {
  const reports = new Map<string, { readonly name: string; readonly count: number }>();
  const placed = (object: KubernetesObject): KubernetesObject => place(object, namespace);
  const pathOf = async (object: KubernetesObject): Promise<string> => {
    const discovery = await cluster.discovery(signal);
    return pathFor(refOf(placed(object)), discovery.find(object)?.resource ?? `${object.kind.toLowerCase()}s`);
  };
  const send = async (method: string, path: string, body?: Json): Promise<Json> => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await sandbox.request(method, path, body, type);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const untilFound = async <T>(what: string, probe: () => Promise<T | undefined>): Promise<T> => {
    for (let leftMs = limitMs; leftMs > 0; leftMs -= pollMs) {
      const found = await probe();
      if (found !== undefined) return found;
      await delay(pollMs, undefined, { signal });
    }
    throw new Error(`${what} has not come in ${limitMs / 1000} s.`);
  };
  const liveOf = async (object: KubernetesObject): Promise<KubernetesObject> => {
    const live = await cluster.get(refOf(placed(object)), signal);
    if (live === undefined) throw new Error(`There is no ${formatRef(refOf(placed(object)))}.`);
    return live;
  };
  return {
    namespace,
    async apply(object) {
      const applied = await cluster.apply(placed(object), { dryRun: false, force: true }, signal);
      if (!applied.ok) throw new Error(`${formatRef(refOf(placed(object)))}: ${applied.failure.message}`);
      return applied.object;
    },
    async change(about, patch) {
      await send('PATCH', await pathOf(about), patch);
    },
    async status(about, status) {
      await send('PATCH', `${await pathOf(about)}/status`, { status });
    },
    async report(about, report) {
      const events = `/api/v1/namespaces/${namespace}/events`;
      const now = secondsOf(cluster.now());
      const key = JSON.stringify([about.metadata.name, report]);
      const known = reports.get(key) ?? {
        name: `${about.metadata.name ?? ''}.${report.by}-${reports.size + 1}`,
        count: 0,
      };
      const { name, count } = { ...known, count: known.count + 1 };
      reports.set(key, { name, count });
      if (count > 1) {
        await send('PATCH', `${events}/${name}`, { count, lastTimestamp: now });
        return;
      }
      const { by, field, ...said } = report;
      const involvedObject = { ...involved(await liveOf(about)), ...(field === undefined ? {} : { fieldPath: field }) };
      await send('POST', events, {
        ...{ apiVersion: 'v1', kind: 'Event', metadata: { name, namespace }, involvedObject, ...said },
        ...{ count, firstTimestamp: now, lastTimestamp: now, source: { component: by } },
      });
    },
    async remove(about) {
      await send('DELETE', await pathOf(about));
    },
    async create({ group, resource }, object) {
      await send('POST', `/apis/${group}/v1/namespaces/${namespace}/${resource}`, object);
    },
    async release({ group, resource }, { metadata }) {
      const path = `/apis/${group}/v1/namespaces/${namespace}/${resource}/${metadata.name ?? ''}`;
      await send('PATCH', path, { metadata: { finalizers: null } });
    },
    until: (about, matches) =>
      untilFound(formatRef(refOf(placed(about))), async () => {
        const live = await cluster.get(refOf(placed(about)), signal);
        return live !== undefined && matches(live) ? live : undefined;
      }),
    untilPods: (matches) =>
      untilFound('What was expected of the pods', async () => {
        const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, signal);
        return matches(items) ? items : undefined;
      }),
    seconds: (count) => delay(count * 1000, undefined, { signal }),
    now: () => secondsOf(cluster.now()),
    stopControllers: (seconds) => sandbox.restart('kube-controller-manager', seconds * 1000),
  };
}

/** The object in this namespace, if its kind has one. */
export function place(object: KubernetesObject, namespace: string): KubernetesObject {
  if (kindOf(object)?.namespaced === false || object.kind === 'Node') return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function pathFor({ apiVersion, namespace, name }: ObjectRef, resource: string): string {
  const root = apiVersion.includes('/') ? '/apis' : '/api';
  const place = namespace === undefined ? [] : ['namespaces', namespace];
  return [root, apiVersion, ...place, resource, name].join('/');
}

function involved(live: KubernetesObject): JsonObject {
  const { apiVersion, kind, metadata } = live;
  const { name = '', namespace = '', uid = '' } = metadata;
  return { apiVersion, kind, name, namespace, uid };
}

/** The API's times are cut to whole seconds. */
function secondsOf(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** True if the object's condition has this status. */
export function hasCondition(live: KubernetesObject, type: string, status = 'True'): boolean {
  const conditions = at(live, 'status', 'conditions');
  return (
    Array.isArray(conditions) &&
    conditions.some((one: Json) => at(one, 'type') === type && stringOf(at(one, 'status')) === status)
  );
}
