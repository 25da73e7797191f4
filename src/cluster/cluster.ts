import type { Duplex } from 'node:stream';
import { DeployError } from '../errors.ts';
import type { Finding } from '../model/finding.ts';
import { type Json, objectOf, stringOf } from '../model/json.ts';
import { formatRef, isKubernetesObject, type KubernetesObject, type ObjectRef, refOf } from '../model/object.ts';
import type { ApiResponse, PodName } from './api.ts';
import { createDiscover, type Discovery, type DiscoveryMemory } from './discovery.ts';
import { type ApiFailure, failureOf, parseAnswer, refused, strangeAnswer } from './errors.ts';
import { type ExecResult, runInPod } from './exec.ts';
import { forwardPort } from './forward.ts';
import {
  type Labels,
  type ListResult,
  type ListScope,
  listAll,
  listMetadata,
  listPages,
  type Read,
  type Scope,
  scopeQuery,
} from './lists.ts';
import { type LogAnswer, type LogOptions, readLog } from './logs.ts';
import { createTransport, type TransportOptions } from './transport.ts';
import { type WatchEvent, watchLines } from './watch.ts';

/** Our name in `managedFields`. */
export const fieldManager = 'oms-deploy';

export interface ApplyOptions {
  readonly dryRun: boolean;
  readonly force: boolean;
}

export type Applied =
  | { readonly ok: true; readonly object: KubernetesObject; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly failure: ApiFailure };

/** How an object goes. */
export interface RemoveOptions {
  /** Only this very object: one that was made anew under its name stays (409). */
  readonly uid: string;
  /** Foreground: it goes after those that it owns, so that whoever waits for it waits for its pods, too. */
  readonly propagation?: 'Foreground' | 'Background' | 'Orphan';
  /** Only as it was last read: one that was changed since stays (409). */
  readonly version?: string;
  /** Ask only whether it could be deleted. */
  readonly dryRun?: boolean;
}

export type Removed =
  | { readonly ok: true; readonly wasThere: boolean }
  | { readonly ok: false; readonly failure: ApiFailure };

/** What is known of a cluster beside its API, and of who works on it. Of a cluster that isn't EKS's it may be nothing. */
export interface ClusterIdentity {
  /** The AWS account that the cluster, or the caller, is in. */
  readonly account?: string;
  readonly alias?: string;
  /** Who calls AWS. */
  readonly arn?: string;
  readonly region?: string;
  readonly partition?: string;
  readonly clusterArn?: string;
  /** How it is reached: by what EKS says of it, or by a kubeconfig. */
  readonly connection: 'eks' | 'kubeconfig';
  /** One of `oms-deploy sandbox`, on this machine: nothing in AWS belongs to it. */
  readonly isSandbox: boolean;
  /** ECR registries that images may come from, beside those of the account and region. */
  readonly registries: readonly string[];
  /** What is odd about it, and stops nothing. */
  readonly warnings: readonly Finding[];
}

/** Whether a cluster is one of AWS, as far as anybody says: what stands there may be asked for. A sandbox never is. */
export function isOfAws({ isSandbox, connection, account }: ClusterIdentity): boolean {
  return !isSandbox && (connection === 'eks' || account !== undefined);
}

/** Of a cluster of which nothing else is known. */
export const unknownIdentity: ClusterIdentity = {
  connection: 'kubeconfig',
  isSandbox: false,
  registries: [],
  warnings: [],
};

/** One cluster. Objects go in and come out as JSON: nothing is dropped, so the server sees every typo. */
export interface Cluster {
  /** The EKS cluster's name, or the kubeconfig context. */
  readonly name: string;
  readonly server: string;
  readonly identity: ClusterIdentity;
  /** `v1.36.3`. */
  version(signal: AbortSignal): Promise<string>;
  /** Read once per connection. */
  discovery(signal: AbortSignal): Promise<Discovery>;
  /** The same, asked anew: a definition has brought other kinds. */
  rediscover(signal: AbortSignal): Promise<Discovery>;
  /** The object, or undefined where there is none. */
  get(ref: ObjectRef, signal: AbortSignal): Promise<KubernetesObject | undefined>;
  list(scope: ListScope, signal: AbortSignal): Promise<ListResult>;
  /** The same objects, some hundreds a request. */
  pages(scope: Scope, signal: AbortSignal): AsyncIterable<readonly KubernetesObject[]>;
  /** The changes from a version on, until the watch ends or the signal fires; then list or watch again. */
  watch(scope: Scope, resourceVersion: string, signal: AbortSignal): AsyncIterable<WatchEvent>;
  /** Server-side apply with strict field validation. */
  apply(object: KubernetesObject, options: ApplyOptions, signal: AbortSignal): Promise<Applied>;
  /** The metadata alone of the objects of a kind that have these labels: without their contents. */
  listMetadata(scope: ListScope, labels: Labels, signal: AbortSignal): Promise<readonly KubernetesObject[]>;
  /** Makes an object of our own bookkeeping; fails with 409 where there is one of its name. */
  create(object: KubernetesObject, signal: AbortSignal): Promise<Applied>;
  /** Replaces such an object; fails with 409 where it isn't at `metadata.resourceVersion` any more. */
  replace(object: KubernetesObject, signal: AbortSignal): Promise<Applied>;
  /** Asks for an object to be deleted; false where there is none any more. It may stay as long as finalizers hold it. */
  remove(ref: ObjectRef, options: RemoveOptions, signal: AbortSignal): Promise<Removed>;
  /** A JSON patch (RFC 6902). */
  patch(ref: ObjectRef, operations: readonly Json[], signal: AbortSignal): Promise<Applied>;
  /** A container's log, also as it is written. */
  logs(pod: PodName, options: LogOptions, signal: AbortSignal): Promise<LogAnswer>;
  /** Runs a command in a container, without a shell and without input, until it ends. */
  exec(pod: PodName, container: string, command: readonly string[], signal: AbortSignal): Promise<ExecResult>;
  /** One TCP connection to a port of a pod. */
  forward(pod: PodName, port: number, signal: AbortSignal): Promise<Duplex>;
  /** The API server's time, milliseconds: ages and deadlines of live objects are measured by it. */
  now(): number;
  close(): void;
}

/** Makes a cluster over a transport. Nothing is sent before the first call. */
export function createCluster(
  options: TransportOptions & {
    readonly name: string;
    readonly identity?: ClusterIdentity;
    /** What it has said of its kinds in earlier runs; without it each run asks for all. */
    readonly memory?: DiscoveryMemory;
  },
): Cluster {
  const transport = createTransport(options);
  const discover = createDiscover(transport, options.memory);
  const pathOf = async (ref: ListScope, signal: AbortSignal): Promise<string> => {
    const resource = (await discover(signal, ref.patienceMs)).find(ref);
    if (resource === undefined) {
      throw new DeployError('refused', `The cluster doesn't know the kind ${ref.kind} of ${ref.apiVersion}.`);
    }
    const root = ref.apiVersion.includes('/') ? '/apis' : '/api';
    const parts = [
      root,
      ref.apiVersion,
      ...(resource.namespaced && ref.isEverywhere !== true
        ? ['namespaces', encodeURIComponent(ref.namespace ?? 'default')]
        : []),
    ];
    return [...parts, resource.resource].join('/');
  };
  const objectPath = async (ref: ObjectRef, signal: AbortSignal): Promise<string> =>
    `${await pathOf(ref, signal)}/${encodeURIComponent(ref.name)}`;
  const read: Read = async (request, doing, signal) => {
    const response = await transport.send(request, signal);
    if (response.status !== 200) throw refused(doing, failureOf(response));
    return parseAnswer(response.text);
  };

  return {
    name: options.name,
    server: options.server,
    identity: options.identity ?? unknownIdentity,
    discovery: (signal) => discover(signal),
    rediscover: (signal) => discover.again(signal),
    async version(signal) {
      const answer = await read({ method: 'GET', path: '/version' }, 'tell its version', signal);
      return stringOf(objectOf(answer).gitVersion) ?? 'unknown';
    },
    async get(ref, signal) {
      const response = await transport.send({ method: 'GET', path: await objectPath(ref, signal) }, signal);
      if (response.status === 404) return undefined;
      if (response.status !== 200) throw refused(`read ${formatRef(ref)}`, failureOf(response));
      return parseObject(response.text);
    },
    list: async (scope, signal) => listAll(read, await pathOf(scope, signal), scope, signal),
    async *pages(scope, signal) {
      yield* listPages(read, await pathOf(scope, signal), scope, signal);
    },
    async *watch(scope, resourceVersion, signal) {
      const query = {
        ...scopeQuery(scope),
        watch: 'true',
        allowWatchBookmarks: 'true',
        timeoutSeconds: '300',
        resourceVersion,
      };
      const request = { method: 'GET', path: await pathOf(scope, signal), query } as const;
      yield* watchLines(transport, request, `watch ${scope.kind} objects`, signal);
    },
    async apply(object, { dryRun, force }, signal) {
      const path = await objectPath(refOf(object), signal);
      const query = {
        fieldManager,
        fieldValidation: 'Strict',
        ...(force ? { force: 'true' } : {}),
        ...(dryRun ? { dryRun: 'All' } : {}),
      };
      const contentType = 'application/apply-patch+yaml';
      return toApplied(
        await transport.send({ method: 'PATCH', path, query, contentType, body: JSON.stringify(object) }, signal),
      );
    },
    listMetadata: async (scope, labels, signal) =>
      listMetadata(read, await pathOf(scope, signal), scope, labels, signal),
    async create(object, signal) {
      const path = await pathOf(scopeOf(object), signal);
      return toApplied(
        await transport.send({ method: 'POST', path, query: { fieldManager }, body: JSON.stringify(object) }, signal),
      );
    },
    async replace(object, signal) {
      const path = await objectPath(refOf(object), signal);
      return toApplied(
        await transport.send({ method: 'PUT', path, query: { fieldManager }, body: JSON.stringify(object) }, signal),
      );
    },
    async remove(ref, { uid, version, propagation = 'Background', dryRun = false }, signal) {
      const preconditions = { uid, ...(version === undefined ? {} : { resourceVersion: version }) };
      // Beside a body the API server doesn't read the query: a dry run that is asked for there alone would delete. There it
      // is for who reads the audit log.
      const options = { preconditions, propagationPolicy: propagation, ...(dryRun ? { dryRun: ['All'] } : {}) };
      const path = await objectPath(ref, signal);
      const query = dryRun ? { dryRun: 'All' } : {};
      const response = await transport.send({ method: 'DELETE', path, query, body: JSON.stringify(options) }, signal);
      if (response.status === 404) return { ok: true, wasThere: false };
      if (response.status > 202) return { ok: false, failure: failureOf(response) };
      return { ok: true, wasThere: true };
    },
    async patch(ref, operations, signal) {
      const path = await objectPath(ref, signal);
      const contentType = 'application/json-patch+json';
      const query = { fieldManager };
      return toApplied(
        await transport.send({ method: 'PATCH', path, query, contentType, body: JSON.stringify(operations) }, signal),
      );
    },
    logs: (pod, options, signal) => readLog(transport, pod, options, signal),
    exec: (pod, container, command, signal) => runInPod(transport, pod, container, command, signal),
    forward: (pod, port, signal) => forwardPort(transport, pod, port, signal),
    now: () => transport.now(),
    close: () => transport.close(),
  };
}

function scopeOf({ apiVersion, kind, metadata: { namespace } }: KubernetesObject): Scope {
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }) };
}

function toApplied(response: ApiResponse): Applied {
  if (response.status !== 200 && response.status !== 201) return { ok: false, failure: failureOf(response) };
  return { ok: true, object: parseObject(response.text), warnings: response.warnings };
}

function parseObject(text: string): KubernetesObject {
  const value = parseAnswer(text);
  if (isKubernetesObject(value)) return value;
  throw strangeAnswer('it is no Kubernetes object');
}
