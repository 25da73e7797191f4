import { waveOf } from '../../kinds/index.ts';
import { waveNames } from '../../kinds/kind.ts';
import { isLoadBalanced } from '../../kinds/load-balanced.ts';
import {
  type CleanupPlan,
  type CleanupStage,
  type DoomedClaim,
  type DoomedObject,
  type KeptObject,
  ownIn,
  releasesStage,
} from '../../model/cleanup.ts';
import type { Finding } from '../../model/finding.ts';
import { at, stringOf } from '../../model/json.ts';
import {
  deleteCommand,
  formatRef,
  groupOf,
  type KubernetesObject,
  type ObjectRef,
  refKey,
  refOf,
} from '../../model/object.ts';
import type { Target } from '../../model/plan.ts';
import { labels } from '../../releases/place.ts';
import { holdsData, pruneAnnotation, whenEmpty } from '../deletions.ts';
import type { Inventory } from './inventory.ts';

/** All that a cleanup is planned from. */
export interface CleanupFacts {
  readonly target: Target;
  readonly keepNamespace: boolean;
  readonly withData: boolean;
  readonly namespaceUid?: string;
  readonly inventory: Inventory;
  /** Our objects that no namespace holds, or another one. */
  readonly outside: readonly KubernetesObject[];
  /** What others have in a namespace of ours beside the home, as a clause, by its name; nothing where it will be empty. */
  readonly occupied: ReadonlyMap<string, string>;
  /** The volumes of the claims there, by name, as far as they may be read. */
  readonly volumes: ReadonlyMap<string, KubernetesObject>;
  readonly unread: readonly Pick<ObjectRef, 'apiVersion' | 'kind'>[];
}

/** Works out what goes, in which order, and what stays. */
export function planCleanup(facts: CleanupFacts): CleanupPlan {
  const { target, keepNamespace, inventory, outside, namespaceUid, unread } = facts;
  const { ours, foreign, others, records, hasLock } = inventory;
  const reached = keepNamespace ? [...ours, ...outside] : outside;
  const kept = reached.flatMap((object) => keptObject(object, facts));
  const isKept = new Set(kept.map(({ ref }) => refKey(ref)));
  const going = reached.filter((object) => !isKept.has(refKey(refOf(object))));
  const inside = [...ours, ...foreign].filter(isLoadBalanced);
  const edge = keepNamespace ? going.filter(isLoadBalanced) : [...inside, ...outside.filter(isLoadBalanced)];
  const swept = keepNamespace ? [] : ours.filter((object) => !isLoadBalanced(object));
  return {
    target,
    scope: keepNamespace ? 'objects' : 'namespace',
    ...(namespaceUid === undefined ? {} : { namespaceUid }),
    stages: [...stage('load balancers', edge), ...inReverse(going.filter((object) => !isLoadBalanced(object)))],
    swept: inReverse(swept),
    records: recordStages(records),
    hasLock,
    claims: claimsThatGo(keepNamespace ? going : [...ours, ...foreign], facts.volumes),
    foreign: foreign.map(refOf),
    others: others.map(({ object, application }) => ({ ref: refOf(object), application })),
    kept,
    unread: unread.map(({ apiVersion, kind }) => [kind, groupOf(apiVersion)].filter(Boolean).join('.')),
    findings: protectedFindings(swept),
  };
}

function keptObject(object: KubernetesObject, { withData, occupied }: CleanupFacts): readonly KeptObject[] {
  const ref = refOf(object);
  if (isProtected(object)) return [{ ref, why: `annotated ${pruneAnnotation}: never` }];
  if (goesWhenEmpty(object)) {
    const why = occupied.get(ref.name);
    return why === undefined ? [] : [{ ref, why }];
  }
  return holdsData(ref) && !withData
    ? [{ ref, why: `what it holds would go for ever: --prune-data deletes it now, later ${deleteCommand(ref, true)}` }]
    : [];
}

function isProtected({ metadata }: KubernetesObject): boolean {
  return metadata.annotations?.[pruneAnnotation] === 'never';
}

/** Whether a namespace goes with the last that is in it. */
export function goesWhenEmpty({ kind, metadata }: KubernetesObject): boolean {
  return kind === 'Namespace' && metadata.annotations?.[pruneAnnotation] === whenEmpty;
}

/** The waves from the last to the first: what leads to something goes before it. */
function inReverse(objects: readonly KubernetesObject[]): readonly CleanupStage[] {
  const numbers = [...new Set(objects.map(waveOf))].sort((a, b) => b - a);
  return numbers.flatMap((number) =>
    stage(
      waveNames[number] ?? `wave ${number}`,
      objects.filter((object) => waveOf(object) === number),
    ),
  );
}

/** Heads first: a record without a head is no release, a head without its parts would be a broken one. */
function recordStages(records: readonly KubernetesObject[]): readonly CleanupStage[] {
  const isHead = ({ metadata }: KubernetesObject): boolean => metadata.labels?.[labels.record] === 'release';
  const others = records.filter((record) => !isHead(record));
  return [...stage(releasesStage, records.filter(isHead)), ...stage('rest of the records', others)];
}

function stage(name: string, objects: readonly KubernetesObject[]): readonly CleanupStage[] {
  if (objects.length === 0) return [];
  const doomed = objects.map((object): DoomedObject => ({ ref: refOf(object), uid: object.metadata.uid ?? '' }));
  return [{ name, objects: doomed.sort((a, b) => (refKey(a.ref) < refKey(b.ref) ? -1 : 1)) }];
}

function claimsThatGo(
  objects: readonly KubernetesObject[],
  volumes: ReadonlyMap<string, KubernetesObject>,
): readonly DoomedClaim[] {
  return objects
    .filter(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'PersistentVolumeClaim')
    .map((claim) => ({ ref: refOf(claim), detail: claimDetail(claim, volumes) }));
}

function claimDetail(claim: KubernetesObject, volumes: ReadonlyMap<string, KubernetesObject>): string {
  const name = stringOf(at(claim, 'spec', 'volumeName'));
  if (name === undefined) return 'no volume yet';
  const size = stringOf(at(claim, 'status', 'capacity', 'storage'));
  const policy = stringOf(at(volumes.get(name), 'spec', 'persistentVolumeReclaimPolicy'));
  const fate =
    policy === 'Delete'
      ? 'its volume and all data on it are deleted'
      : policy === 'Retain'
        ? `its volume ${name} stays (reclaim policy Retain)`
        : `its volume ${name} may be deleted with all data on it`;
  return [size, fate].filter((part) => part !== undefined).join(', ');
}

/** Who protected an object thought of `up`: here it is said that it goes all the same. */
function protectedFindings(swept: readonly KubernetesObject[]): readonly Finding[] {
  const refs = swept.filter(isProtected).map((object) => formatRef(refOf(object)));
  if (refs.length === 0) return [];
  return [
    {
      id: 'cleanup/protected',
      severity: 'warning',
      cause: `${refs.join(', ')} ${refs.length === 1 ? 'is' : 'are'} annotated ${pruneAnnotation}: never, and ${refs.length === 1 ? 'goes' : 'go'} with the namespace.`,
      evidence: [],
      fix: 'Keep the namespace, and with it what is protected: --keep-namespace.',
    },
  ];
}

/** The names of the volumes that claims are bound to. */
export function volumesOf(objects: readonly KubernetesObject[]): readonly string[] {
  const claims = objects.filter(({ apiVersion, kind }) => apiVersion === 'v1' && kind === 'PersistentVolumeClaim');
  return [...new Set(claims.flatMap((claim) => stringOf(at(claim, 'spec', 'volumeName')) ?? []))];
}

/** Whether there is nothing of the application. A namespace that was made for it goes, be it empty. */
export function isNothing(plan: CleanupPlan): boolean {
  const { scope, target, stages, swept, records, hasLock } = plan;
  const ours = ownIn(plan, [...stages, ...swept, ...records]);
  const isOwn = scope === 'namespace' && target.namespaceOwner === target.application;
  return ours.length === 0 && !hasLock && !isOwn;
}
