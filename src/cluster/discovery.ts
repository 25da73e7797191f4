import { DeployError } from '../errors.ts';
import { pushTo } from '../model/group.ts';
import { arrayOf, isObject, type JsonObject, objectOf, stringOf } from '../model/json.ts';
import { groupOf, type ObjectRef } from '../model/object.ts';
import { failureOf, parseAnswer, refused } from './errors.ts';
import type { Transport } from './transport.ts';

/** How the API server serves a kind. */
export interface ApiResource {
  /** The plural in paths: `deployments`. */
  readonly resource: string;
  readonly namespaced: boolean;
}

/** The kinds that a cluster knows. */
export interface Discovery {
  /** Undefined for a kind or version that the cluster doesn't serve. */
  find(ref: Pick<ObjectRef, 'apiVersion' | 'kind'>): ApiResource | undefined;
  /** The versions in which the cluster serves a kind, preferred first. */
  versionsOf(ref: Pick<ObjectRef, 'apiVersion' | 'kind'>): readonly string[];
  /** What a namespace can hold: every namespaced kind that can be listed and deleted, in its preferred version. */
  contents(): readonly Pick<ObjectRef, 'apiVersion' | 'kind'>[];
}

/** A kind as one path of discovery tells it. */
interface ServedKind extends ApiResource {
  readonly apiVersion: string;
  readonly kind: string;
  /** A namespace can hold it: it can be listed and deleted. */
  readonly isContent: boolean;
}

/** What one path of discovery has said, and its ETag. */
export interface ServedKinds {
  readonly etag: string;
  readonly kinds: readonly ServedKind[];
}

/** What was said in earlier runs, by path. */
export interface DiscoveryMemory {
  load(path: string): Promise<ServedKinds | undefined>;
  save(path: string, kinds: ServedKinds): Promise<void>;
}

const noMemory: DiscoveryMemory = { load: async () => undefined, save: async () => undefined };

/** Whether a value from a file is what was written there. */
export function isServedKinds(value: unknown): value is ServedKinds & JsonObject {
  return (
    isObject(value) &&
    typeof value.etag === 'string' &&
    Array.isArray(value.kinds) &&
    value.kinds.every(
      (one: unknown) =>
        isObject(one) &&
        [one.apiVersion, one.kind, one.resource].every((text) => typeof text === 'string') &&
        [one.namespaced, one.isContent].every((flag) => typeof flag === 'boolean'),
    )
  );
}

/** Aggregated discovery (KEP-3352, GA in 1.30): two requests for all groups. */
const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

/** Reads which kinds the cluster serves, once for all callers; `patienceMs` as in a request. */
export interface Discover {
  (signal: AbortSignal, patienceMs?: number): Promise<Discovery>;
  /** Reads them once more: from now on this is what everybody gets. */
  again(signal: AbortSignal): Promise<Discovery>;
}

/** Makes a reader of the kinds. A failure isn't kept: the next caller asks again. */
export function createDiscover(transport: Transport, memory: DiscoveryMemory = noMemory): Discover {
  let known: Promise<Discovery> | undefined;
  const begin = (signal: AbortSignal, patienceMs?: number): Promise<Discovery> => {
    const begun = discover(transport, memory, signal, patienceMs).catch((error: unknown) => {
      if (known === begun) known = undefined;
      throw error;
    });
    known = begun;
    return begun;
  };
  const read = async (signal: AbortSignal, patienceMs?: number): Promise<Discovery> => {
    if (known === undefined) return begin(signal, patienceMs);
    try {
      return await known;
    } catch (error) {
      // It was another caller's: who was interrupted, or has less patience than we have.
      const isTheirs = error instanceof DeployError && (error.code === 'interrupted' || patienceMs !== undefined);
      if (!isTheirs || signal.aborted) throw error;
      return read(signal, patienceMs);
    }
  };
  return Object.assign(read, { again: (signal: AbortSignal) => begin(signal) });
}

/**
 * Asks the cluster which kinds it serves.
 *
 * @throws DeployError `refused` where the cluster can't be reached or doesn't answer.
 */
async function discover(
  transport: Transport,
  memory: DiscoveryMemory,
  signal: AbortSignal,
  patienceMs = 0,
): Promise<Discovery> {
  const answers = await Promise.all(['/api', '/apis'].map((path) => ask(transport, memory, path, signal, patienceMs)));
  return discoveryOf(answers.flatMap(({ kinds }) => kinds));
}

async function ask(
  transport: Transport,
  memory: DiscoveryMemory,
  path: string,
  signal: AbortSignal,
  patienceMs: number,
): Promise<ServedKinds> {
  const last = await memory.load(path);
  const known = last === undefined ? {} : { etag: last.etag };
  const answer = await transport.send({ method: 'GET', path, accept, patienceMs, ...known }, signal);
  if (answer.status === 304 && last !== undefined) return last;
  if (answer.status !== 200) throw refused('list its API resources', failureOf(answer));
  const { etag = '' } = answer;
  const served: ServedKinds = { etag, kinds: kindsIn(parseAnswer(answer.text)) };
  if (etag !== '') await memory.save(path, served);
  return served;
}

function kindsIn(answer: unknown): readonly ServedKind[] {
  return arrayOf(objectOf(answer).items).flatMap((group) => {
    const groupName = stringOf(objectOf(objectOf(group).metadata).name) ?? '';
    return arrayOf(objectOf(group).versions)
      .filter(isObject)
      .flatMap((version) => {
        const apiVersion = [groupName, stringOf(version.version) ?? ''].filter(Boolean).join('/');
        return arrayOf(version.resources)
          .filter(isObject)
          .map((resource) => servedKind(apiVersion, resource));
      });
  });
}

function servedKind(apiVersion: string, resource: JsonObject): ServedKind {
  const verbs = arrayOf(resource.verbs);
  const namespaced = resource.scope === 'Namespaced';
  return {
    apiVersion,
    kind: stringOf(objectOf(resource.responseKind).kind) ?? '',
    resource: stringOf(resource.resource) ?? '',
    namespaced,
    isContent: namespaced && verbs.includes('list') && verbs.includes('delete'),
  };
}

function discoveryOf(kinds: readonly ServedKind[]): Discovery {
  const resources = new Map<string, ApiResource>();
  const versions = new Map<string, string[]>();
  const contents = new Map<string, Pick<ObjectRef, 'apiVersion' | 'kind'>>();
  for (const { apiVersion, kind, resource, namespaced, isContent } of kinds) {
    resources.set(`${apiVersion}/${kind}`, { resource, namespaced });
    const key = `${groupOf(apiVersion)}/${kind}`;
    pushTo(versions, key, apiVersion);
    if (isContent && !contents.has(key)) contents.set(key, { apiVersion, kind });
  }
  return {
    find: (ref) => resources.get(`${ref.apiVersion}/${ref.kind}`),
    versionsOf: (ref) => versions.get(`${groupOf(ref.apiVersion)}/${ref.kind}`) ?? [],
    contents: () => [...contents.values()],
  };
}
