import { arrayOf, isObject, type JsonObject, objectOf, stringOf } from '../model/json.ts';
import { isKubernetesObject, type KubernetesObject } from '../model/object.ts';
import type { ApiRequest } from './api.ts';

/** Objects of one kind in one namespace; `name` narrows a list or a watch to one object. */
export interface Scope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** What to list. */
export interface ListScope extends Scope {
  /** For how long, in milliseconds, to wait for a cluster that can't be reached or is overloaded. */
  readonly patienceMs?: number;
  /** In all namespaces. */
  readonly isEverywhere?: boolean;
}

export interface ListResult {
  readonly items: readonly KubernetesObject[];
  readonly resourceVersion: string;
}

/** Labels that all must match. */
export type Labels = Readonly<Record<string, string>>;

/** Asks for an answer's contents. @throws DeployError `refused`, with what was being done. */
export type Read = (request: ApiRequest, doing: string, signal: AbortSignal) => Promise<unknown>;

/** As kubectl's own. https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks */
const pageSize = '500';

/** As `kubectl get --output=custom-columns` asks for what needs no contents. */
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** The parameters of a list or a watch of a scope. */
export function scopeQuery({ name }: Scope): Record<string, string> {
  return name === undefined ? {} : { fieldSelector: `metadata.name=${name}` };
}

/** All objects of a scope, in one answer. */
export async function listAll(read: Read, path: string, scope: ListScope, signal: AbortSignal): Promise<ListResult> {
  const { kind, patienceMs = 0 } = scope;
  const request = { method: 'GET', path, query: scopeQuery(scope), patienceMs } as const;
  const answer = objectOf(await read(request, `list ${kind} objects`, signal));
  return {
    items: itemsOf(answer, scope),
    resourceVersion: stringOf(objectOf(answer.metadata).resourceVersion) ?? '',
  };
}

/** The same objects, some hundreds an answer. */
export async function* listPages(
  read: Read,
  path: string,
  scope: Scope,
  signal: AbortSignal,
): AsyncIterable<readonly KubernetesObject[]> {
  for (let next = ''; ; ) {
    const query = { ...scopeQuery(scope), limit: pageSize, ...(next === '' ? {} : { continue: next }) };
    const answer = objectOf(await read({ method: 'GET', path, query }, `list ${scope.kind} objects`, signal));
    yield itemsOf(answer, scope);
    next = stringOf(objectOf(answer.metadata).continue) ?? '';
    if (next === '') return;
  }
}

/** Who the objects with these labels are, without what is in them. */
export async function listMetadata(
  read: Read,
  path: string,
  { apiVersion, kind }: Scope,
  labels: Labels,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const labelSelector = Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .join(',');
  const request = { method: 'GET', path, query: { labelSelector }, accept: metadataOnly } as const;
  const answer = await read(request, `list ${kind} objects`, signal);
  return arrayOf(objectOf(answer).items)
    .filter(isObject)
    .map((item) => ({ ...item, apiVersion, kind }))
    .filter(isKubernetesObject);
}

/** The items of a list, which leave out what the list's own kind says of them. */
function itemsOf({ items }: JsonObject, { apiVersion, kind }: Scope): readonly KubernetesObject[] {
  return arrayOf(items)
    .filter(isObject)
    .map((item) => ({ apiVersion, kind, ...item }))
    .filter(isKubernetesObject);
}
