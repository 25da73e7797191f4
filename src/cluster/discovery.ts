import { DeployError } from '../errors.ts';
import { arrayOf, isObject, objectOf, stringOf } from '../model/json.ts';
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

/** Aggregated discovery (KEP-3352, GA in 1.30): two requests for all groups. */
const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

/** Reads which kinds the cluster serves, once for all callers; `patienceMs` as in a request. */
export interface Discover {
  (signal: AbortSignal, patienceMs?: number): Promise<Discovery>;
  /** Reads them once more: from now on this is what everybody gets. */
  again(signal: AbortSignal): Promise<Discovery>;
}

/** Makes a reader of the kinds. A failure isn't kept: the next caller asks again. */
export function createDiscover(transport: Transport): Discover {
  let known: Promise<Discovery> | undefined;
  const begin = (signal: AbortSignal, patienceMs?: number): Promise<Discovery> => {
    const begun = discover(transport, signal, patienceMs).catch((error: unknown) => {
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
async function discover(transport: Transport, signal: AbortSignal, patienceMs = 0): Promise<Discovery> {
  const answers = await Promise.all(
    ['/api', '/apis'].map((path) => transport.send({ method: 'GET', path, accept, patienceMs }, signal)),
  );
  const resources = new Map<string, ApiResource>();
  const versions = new Map<string, string[]>();
  const contents = new Map<string, Pick<ObjectRef, 'apiVersion' | 'kind'>>();
  for (const answer of answers) {
    if (answer.status !== 200) throw refused('list its API resources', failureOf(answer));
    for (const group of arrayOf(objectOf(parseAnswer(answer.text)).items)) {
      readGroup(group, resources, versions, contents);
    }
  }
  return {
    find: (ref) => resources.get(`${ref.apiVersion}/${ref.kind}`),
    versionsOf: (ref) => versions.get(`${groupOf(ref.apiVersion)}/${ref.kind}`) ?? [],
    contents: () => [...contents.values()],
  };
}

function readGroup(
  group: unknown,
  resources: Map<string, ApiResource>,
  versions: Map<string, string[]>,
  contents: Map<string, Pick<ObjectRef, 'apiVersion' | 'kind'>>,
): void {
  const groupName = stringOf(objectOf(objectOf(group).metadata).name) ?? '';
  for (const version of arrayOf(objectOf(group).versions).filter(isObject)) {
    const apiVersion = [groupName, stringOf(version.version) ?? ''].filter(Boolean).join('/');
    for (const resource of arrayOf(version.resources).filter(isObject)) {
      const kind = stringOf(objectOf(resource.responseKind).kind) ?? '';
      const name = stringOf(resource.resource) ?? '';
      resources.set(`${apiVersion}/${kind}`, { resource: name, namespaced: resource.scope === 'Namespaced' });
      const key = `${groupName}/${kind}`;
      versions.set(key, [...(versions.get(key) ?? []), apiVersion]);
      const verbs = arrayOf(resource.verbs);
      const isContent = resource.scope === 'Namespaced' && verbs.includes('list') && verbs.includes('delete');
      if (isContent && !contents.has(key)) contents.set(key, { apiVersion, kind });
    }
  }
}
