import { isObject, type Json, type JsonObject } from './json.ts';
import { onOneLine } from './text.ts';

/** The part of `metadata` that we read. */
export interface ObjectMeta extends JsonObject {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly deletionTimestamp?: string;
  readonly creationTimestamp?: string;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
}

/** A Kubernetes object as its API sends it: nothing dropped, nothing converted. */
export interface KubernetesObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: Json;
  readonly status?: Json;
}

/** True for what has the three parts that every object of the Kubernetes API has. */
export function isKubernetesObject(value: unknown): value is KubernetesObject {
  return (
    isObject(value) &&
    typeof value.apiVersion === 'string' &&
    typeof value.kind === 'string' &&
    isObject(value.metadata)
  );
}

/** What identifies an object in a cluster. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** Where a manifest came from; `line` and `column` count from 1. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  /** Only of the configuration, where one line may hold several fields. */
  readonly column?: number;
  /** The file that a line of rendered text came from, as Helm says it. */
  readonly source?: string;
}

/** The reference of an object that has been read or rendered. */
export function refOf(object: KubernetesObject): ObjectRef {
  const { name = '', namespace } = object.metadata;
  const { apiVersion, kind } = object;
  return namespace === undefined ? { apiVersion, kind, name } : { apiVersion, kind, namespace, name };
}

/** The reference of a namespace itself. */
export function namespaceRef(name: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Namespace', name };
}

/** The API group of an apiVersion: `apps` for `apps/v1`, empty for `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** The plural of a kind as Kubernetes itself guesses it (meta.UnsafeGuessKindToResource); right for all of its own. */
export function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (word === 'endpoints') return word;
  if (word.endsWith('s')) return `${word}es`;
  return word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`;
}

/** One object, one key: group, kind, namespace, name. Versions of one group address the same object. */
export function refKey(ref: ObjectRef): string {
  return [groupOf(ref.apiVersion), ref.kind, ref.namespace ?? '', ref.name].join('/');
}

/** The names of an object in a configuration: `Deployment/web`, and `Deployment/shop/web` where its namespace is known. */
export function namesOf({ kind, name, namespace }: ObjectRef): readonly string[] {
  return [`${kind}/${name}`, ...(namespace === undefined ? [] : [`${kind}/${namespace}/${name}`])];
}

/** Whether a configuration means an object by a name; the case of letters is no difference. */
export function isNamed(ref: ObjectRef, name: string): boolean {
  return namesOf(ref).some((one) => isSameName(one, name));
}

/** Whether two such names are the same. */
export function isSameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** How every message names an object: `Deployment crypto-oms/order-ingestion`. */
export function formatRef(ref: ObjectRef): string {
  const name = onOneLine(ref.name);
  return ref.namespace === undefined ? `${ref.kind} ${name}` : `${ref.kind} ${ref.namespace}/${name}`;
}

/** The command that deletes an object by hand; the group of its kind only where kubectl could mean another one. */
export function deleteCommand({ apiVersion, kind, name, namespace }: ObjectRef, withGroup = false): string {
  const group = withGroup ? groupOf(apiVersion) : '';
  const type = [kind.toLowerCase(), ...(group === '' ? [] : [group])].join('.');
  return `kubectl delete ${type} ${name}${inNamespace(namespace)}`;
}

/** The command with which somebody edits an object by hand. */
export function editCommand({ kind, name, namespace }: ObjectRef): string {
  return `kubectl edit ${kind.toLowerCase()} ${name}${inNamespace(namespace)}`;
}

function inNamespace(namespace: string | undefined): string {
  return namespace === undefined ? '' : ` -n ${namespace}`;
}

/** `file:line`, with the column where it is known, as editors and CI annotations understand it. */
export function formatOrigin({ file, line, column, source }: Origin): string {
  const place = column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
  return source === undefined ? place : `${place} (${source})`;
}

/** The kind of the items of a list (`List`, `DeploymentList`), empty where they say it themselves; undefined for no list. */
export function listedKind(kind: unknown): string | undefined {
  return typeof kind === 'string' && kind.endsWith('List') ? kind.slice(0, -'List'.length) : undefined;
}

/** The objects in a body: itself, or the items of a list, as kubectl takes them apart. */
export function itemsOf(body: unknown): readonly unknown[] | undefined {
  if (!isObject(body)) return undefined;
  if (body.kind === 'List') return Array.isArray(body.items) ? (body.items as readonly unknown[]) : [];
  if (!Array.isArray(body.items)) return undefined;
  const kind = listedKind(body.kind);
  if (kind === undefined) return undefined;
  const { apiVersion } = body;
  return (body.items as readonly unknown[]).map((item) => (isObject(item) ? { apiVersion, kind, ...item } : item));
}
