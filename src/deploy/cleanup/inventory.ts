import { hookOf } from '../../manifests/hooks.ts';
import { ownerOf, partOfLabel } from '../../manifests/stamp.ts';
import { arrayOf, at, stringOf } from '../../model/json.ts';
import { type KubernetesObject, type ObjectRef, refKey, refOf } from '../../model/object.ts';
import type { Release } from '../../model/release.ts';
import { labels } from '../../releases/place.ts';

/** The objects of a namespace by whose they are. What Kubernetes makes in every namespace, or for others, is left out. */
export interface Inventory {
  readonly ours: readonly KubernetesObject[];
  /** The Secrets of our releases. */
  readonly records: readonly KubernetesObject[];
  readonly hasLock: boolean;
  readonly foreign: readonly KubernetesObject[];
  readonly others: readonly { readonly object: KubernetesObject; readonly application: string }[];
}

/** What the newest release says of one object. */
interface Recorded {
  readonly uid?: string;
  /** The application that its manifest names, where that is another word than ours. */
  readonly partOf?: string;
}

/** The objects that the newest release has, and has left, by `refKey`. */
export type Recollection = ReadonlyMap<string, Recorded>;

/** What the newest release knows. */
export function recollect(latest: Release | undefined): Recollection {
  const left = (latest?.left ?? []).map(({ ref, uid }) => [refKey(ref), uid === undefined ? {} : { uid }] as const);
  const objects = (latest?.objects ?? []).map(({ ref, uid, body }) => {
    const partOf = body.metadata.labels?.[partOfLabel];
    // A hook's Job is made anew by each run: the record of one that failed may know only the Job before it.
    const isKnown = uid !== undefined && hookOf(body) === undefined;
    const recorded: Recorded = { ...(isKnown ? { uid } : {}), ...(partOf === undefined ? {} : { partOf }) };
    return [refKey(ref), recorded] as const;
  });
  return new Map<string, Recorded>([...left, ...objects]);
}

/** Sorts what was found in a namespace. */
export function takeInventory(
  objects: readonly KubernetesObject[],
  application: string,
  latest: Release | undefined,
): Inventory {
  const recollection = recollect(latest);
  const uids = new Set(objects.map(({ metadata }) => metadata.uid ?? ''));
  const claims = claimsOf(latest);
  const sorted = objects.map((object) => {
    const keeper = keeperOf(object);
    if (keeper !== undefined) return { object, keeper };
    if (isOurs(object, application, recollection)) return { object, owner: application };
    if (isDerived(object, uids, recollection)) return undefined;
    const owner = ownerOf(object);
    if (owner !== undefined && owner !== application) return { object, owner };
    return claims.some((claim) => claim.test(refKey(refOf(object)))) ? { object, owner: application } : { object };
  });
  const known = sorted.filter((one) => one !== undefined);
  return {
    ours: known.filter(({ owner }) => owner === application).map(({ object }) => object),
    records: known.filter(({ object, keeper }) => keeper === application && isSecret(object)).map(toObject),
    hasLock: known.some(({ object, keeper }) => keeper === application && !isSecret(object)),
    foreign: known.filter(({ owner, keeper }) => owner === undefined && keeper === undefined).map(toObject),
    others: known.flatMap(({ object, owner, keeper = owner }) =>
      keeper === undefined || keeper === application ? [] : [{ object, application: keeper }],
    ),
  };
}

function toObject({ object }: { readonly object: KubernetesObject }): KubernetesObject {
  return object;
}

/** All applications that have something in a namespace. */
export function applicationsIn(objects: readonly KubernetesObject[]): readonly string[] {
  const names = objects.flatMap((object) => keeperOf(object) ?? (isOwned(object) ? [] : (ownerOf(object) ?? [])));
  return [...new Set(names)].sort();
}

/** The application that a Secret or a Lease of our own bookkeeping is of. */
function keeperOf(object: KubernetesObject): string | undefined {
  const { metadata, kind } = object;
  const isRecord = isSecret(object) && metadata.labels?.[labels.record] !== undefined;
  return isRecord || kind === 'Lease' ? metadata.labels?.[labels.application] : undefined;
}

function isSecret({ apiVersion, kind }: KubernetesObject): boolean {
  return apiVersion === 'v1' && kind === 'Secret';
}

/**
 * Ours is what carries our labels, and is no other object than the one that was recorded. What only inherits labels (the
 * pods of a Deployment, the EndpointSlices of a Service) goes with what it was made for.
 */
export function isOurs(object: KubernetesObject, application: string, recollection: Recollection): boolean {
  const recorded = recollection.get(refKey(refOf(object)));
  const owner = ownerOf(object);
  if (recorded === undefined) return owner === application && !isOwned(object) && !copies.has(object.kind);
  const isSame = recorded.uid === undefined || recorded.uid === object.metadata.uid;
  return isSame && owner !== undefined && (owner === application || owner === recorded.partOf);
}

/** Controllers make them for Services and give them the Services' labels. */
const copies: ReadonlySet<string> = new Set(['Endpoints', 'EndpointSlice']);

/** Made for an owner whatever it is: it isn't always one that we see. */
const made: ReadonlySet<string> = new Set(['ReplicaSet', 'Pod', 'ControllerRevision', 'Job']);

/** In every namespace: made by Kubernetes, and by Istio where it is installed. */
const everywhere: ReadonlySet<string> = new Set([
  'ServiceAccount default',
  'ConfigMap kube-root-ca.crt',
  'ConfigMap istio-ca-root-cert',
]);

/** The AWS Load Balancer Controller marks what it makes for an Ingress or a Service, and deletes it with that. */
const stackLabels = ['ingress.k8s.aws/stack', 'service.k8s.aws/stack'] as const;

/** Whether an object is nobody's own: it comes and goes with another one, or with the namespace. */
function isDerived(object: KubernetesObject, uids: ReadonlySet<string>, recollection: Recollection): boolean {
  const { kind, metadata } = object;
  if (recollection.has(refKey(refOf(object)))) return false;
  if (copies.has(kind) || everywhere.has(`${kind} ${metadata.name ?? ''}`)) return true;
  if (kind === 'TargetGroupBinding' && stackLabels.some((label) => metadata.labels?.[label] !== undefined)) return true;
  return isOwned(object) && (made.has(kind) || ownersOf(object).some((uid) => uids.has(uid)));
}

function isOwned(object: KubernetesObject): boolean {
  return ownersOf(object).length > 0;
}

function ownersOf({ metadata }: KubernetesObject): readonly string[] {
  return arrayOf(metadata.ownerReferences).flatMap((owner) => stringOf(at(owner, 'uid')) ?? []);
}

/** The keys of the claims that the controller makes for our StatefulSets: `data-kafka-0`. They carry no label of ours. */
function claimsOf(latest: Release | undefined): readonly RegExp[] {
  const sets = (latest?.objects ?? []).filter(({ ref }) => ref.kind === 'StatefulSet');
  return sets.flatMap(({ ref, body }) =>
    arrayOf(at(body, 'spec', 'volumeClaimTemplates')).map((template) => {
      const name = stringOf(at(template, 'metadata', 'name')) ?? '';
      const claim: ObjectRef = { ...ref, apiVersion: 'v1', kind: 'PersistentVolumeClaim', name: `${name}-${ref.name}` };
      return new RegExp(`^${refKey(claim).replaceAll('.', '\\.')}-\\d+$`);
    }),
  );
}
