import { type Cluster, fieldManager } from '../cluster/cluster.ts';
import { DeployError } from '../errors.ts';
import { waveOf } from '../kinds/index.ts';
import { addressesOf } from '../kinds/ingress.ts';
import { isLoadBalanced } from '../kinds/load-balanced.ts';
import { isPartOf } from '../manifests/stamp.ts';
import { writersIn } from '../manifests/written-secrets.ts';
import type { Finding } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';
import {
  formatRef,
  groupOf,
  type KubernetesObject,
  namespaceRef,
  type ObjectRef,
  refKey,
  refOf,
} from '../model/object.ts';
import type { Change, Target } from '../model/plan.ts';
import type { LeftObject, Release } from '../model/release.ts';
import { managedFieldsOf } from './managed-fields.ts';

/**
 * On an object that leaves the manifests and shall stay all the same: `never`. On a Namespace that others may have something
 * in, too, `when-empty`: only a cleanup takes it away, and only if nothing of theirs is there.
 */
export const pruneAnnotation = 'oms-deploy.io/prune';
export const whenEmpty = 'when-empty';

/** What is deleted only where it is asked for: with them goes what they hold, for ever. */
const holders: ReadonlySet<string> = new Set([
  '/PersistentVolumeClaim',
  '/PersistentVolume',
  '/Namespace',
  'apiextensions.k8s.io/CustomResourceDefinition',
]);

/** Whether more goes with an object than the object itself. */
export function holdsData({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): boolean {
  return holders.has(`${groupOf(apiVersion)}/${kind}`);
}

export interface PruneOptions {
  /** Delete nothing. */
  readonly isOff: boolean;
  /** Delete claims, namespaces and definitions, too. */
  readonly withData: boolean;
  /** Only these may go: of a failed deploy that is rolled back what it has created, say. */
  readonly only?: (ref: ObjectRef) => boolean;
}

/** What shall go, what stays although it left the manifests, and what there is to say of it. */
export interface Deletions {
  readonly changes: readonly Change[];
  readonly left: readonly LeftObject[];
  readonly findings: readonly Finding[];
}

/**
 * What the newest release has, or has left, and these manifests have not. It goes only where it is still ours: the very
 * object that was applied (uid), with our labels. Where one of them can't be read, nothing is pruned at all.
 */
export async function planDeletions(
  latest: Release | undefined,
  manifests: readonly Manifest[],
  target: Target,
  options: PruneOptions,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Deletions> {
  if (latest === undefined || target.namespaceState !== 'exists') return { changes: [], left: [], findings: [] };
  const wanted = new Set(manifests.map(({ ref }) => refKey(ref)));
  const home = refKey(namespaceRef(target.namespace));
  // A Secret that an ExternalSecret makes from now on is the operator's.
  const written = writersIn(manifests);
  const candidates = [...latest.objects, ...latest.left]
    .map(({ ref, origin, uid }): LeftObject => ({ ref, origin, ...(uid === undefined ? {} : { uid }) }))
    .filter(({ ref }) => !wanted.has(refKey(ref)) && !written.has(refKey(ref)) && refKey(ref) !== home);
  const distinct = [...new Map(candidates.map((one) => [refKey(one.ref), one])).values()];
  const reading = await readAll(distinct, cluster, signal);
  if ('problem' in reading) return { changes: [], left: distinct, findings: [reading.problem] };
  const judged = distinct.map((candidate) => {
    const live = reading.live.get(candidate);
    return { candidate, live, verdict: judge(candidate, live, target.application, options) };
  });
  return {
    changes: judged.flatMap(({ candidate, live, verdict }) =>
      verdict === 'delete' && live !== undefined ? [deletion(candidate, live)] : [],
    ),
    left: judged.flatMap(({ candidate, verdict }) => (verdict === 'gone' ? [] : [candidate])),
    findings: [
      ...keptFindings(judged.flatMap(({ candidate, verdict }) => (verdict === 'data' ? [candidate.ref] : []))),
      ...judged.flatMap(({ live, verdict }) =>
        verdict === 'delete' && live !== undefined ? addressFindings(live) : [],
      ),
    ],
  };
}

type Reading =
  | { readonly live: ReadonlyMap<LeftObject, KubernetesObject> }
  /** Why nothing is pruned. */
  | { readonly problem: Finding };

async function readAll(candidates: readonly LeftObject[], cluster: Cluster, signal: AbortSignal): Promise<Reading> {
  try {
    const discovery = await cluster.discovery(signal);
    const objects = await Promise.all(
      // A kind that isn't served any more went with its definition.
      candidates.map(async ({ ref }) => (discovery.find(ref) === undefined ? undefined : cluster.get(ref, signal))),
    );
    const found = candidates.flatMap((candidate, index) => {
      const live = objects[index];
      return live === undefined ? [] : [[candidate, live] as const];
    });
    return { live: new Map(found) };
  } catch (error) {
    if (!(error instanceof DeployError) || error.code !== 'refused') throw error;
    return {
      problem: {
        id: 'prune/unreadable',
        severity: 'warning',
        cause: 'Nothing is deleted: what left the manifests could not be read.',
        evidence: [error.message, ...(error.why === undefined ? [] : [error.why])],
        fix: 'Ask for the right to get these objects; the next deploy deletes them then.',
      },
    };
  }
}

type Verdict = 'delete' | 'data' | 'left' | 'gone';

function judge(
  { ref, uid }: LeftObject,
  live: KubernetesObject | undefined,
  application: string,
  { isOff, withData, only }: PruneOptions,
): Verdict {
  if (live === undefined || !isPartOf(live, application)) return 'gone';
  // Somebody has made it anew. Of a run that died before it told the uid, the object must have been applied by us.
  if (uid === undefined ? !isAppliedByUs(live) : live.metadata.uid !== uid) return 'gone';
  const said = live.metadata.annotations?.[pruneAnnotation];
  const isProtected = said === 'never' || said === whenEmpty;
  if (isOff || isProtected || live.metadata.deletionTimestamp !== undefined) return 'left';
  if (only !== undefined && !only(ref)) return 'left';
  return holdsData(ref) && !withData ? 'data' : 'delete';
}

function isAppliedByUs(live: KubernetesObject): boolean {
  return managedFieldsOf(live).some(({ manager, operation }) => manager === fieldManager && operation === 'Apply');
}

function deletion({ ref, origin }: LeftObject, live: KubernetesObject): Change {
  return {
    op: 'delete',
    manifest: { ref, body: live, origin, lineOf: () => undefined },
    fields: [],
    wave: waveOf(live),
    notes: ['left the manifests'],
    live,
    handOver: false,
    force: false,
  };
}

function keptFindings(refs: readonly ObjectRef[]): readonly Finding[] {
  if (refs.length === 0) return [];
  return [
    {
      id: 'prune/data',
      severity: 'warning',
      cause: `${refs.map(formatRef).join(', ')} left the manifests and ${refs.length === 1 ? 'stays' : 'stay'}: what ${refs.length === 1 ? 'it holds' : 'they hold'} would go for ever.`,
      evidence: [],
      fix: `Delete ${refs.length === 1 ? 'it' : 'them'} with --prune-data, or keep ${refs.length === 1 ? 'it' : 'them'} without this warning: annotation ${pruneAnnotation}: never.`,
    },
  ];
}

/** Who leaves out an add-on by mistake loses the address under which the world knows the application. */
function addressFindings(live: KubernetesObject): readonly Finding[] {
  if (!isLoadBalanced(live) || addressesOf(live).length === 0) return [];
  const ref = refOf(live);
  return [
    {
      id: 'prune/address',
      severity: 'warning',
      object: ref,
      cause: `${formatRef(ref)} goes, and with it its load balancer and its address.`,
      evidence: addressesOf(live),
      fix: 'If it shall stay: put it back into the manifests (an add-on: --with), or keep it with --no-prune.',
    },
  ];
}
