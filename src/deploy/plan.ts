import { randomBytes } from 'node:crypto';
import type { Cluster } from '../cluster/cluster.ts';
import { waveNames } from '../kinds/kind.ts';
import { hashConfigs, saltOf, saltSecrets } from '../manifests/config-hash.ts';
import { definitionOf, definitionsIn } from '../manifests/definitions.ts';
import { scaleTargetOf, withoutReplicas, workloadKey } from '../manifests/stamp.ts';
import { writersIn } from '../manifests/written-secrets.ts';
import { at, numberOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { type KubernetesObject, refKey, refOf } from '../model/object.ts';
import type { Change, Plan, Target, Wave } from '../model/plan.ts';
import { readConfigs, readScalers } from './beside.ts';
import { type HpaBounds, withGateNotes, withRestarts } from './change-notes.ts';
import { madeSecretOf, withMadeSecret } from './external-secrets/made.ts';
import { readPlaces } from './places.ts';
import { type ChangeRequest, type PlannedChange, planChange } from './plan-change.ts';
import { prerequisitesIn, waveAfter } from './prerequisites.ts';
import { readLive } from './read-live.ts';
import { servingOf } from './serving.ts';
import { withSuggestions } from './suggestions.ts';

export interface PlanRequest {
  readonly target: Target;
  /** Rendered and stamped. */
  readonly manifests: readonly Manifest[];
  /** Take over fields of managers other than kubectl. */
  readonly forceConflicts: boolean;
  /** What shall go. */
  readonly deletions: readonly Change[];
}

/** A plan, and what it was made from. */
export interface Tried {
  readonly plan: Plan;
  /** All of its manifests that the cluster knows the kind of, those that it refuses too: a plan has no change for them. */
  readonly manifests: readonly Manifest[];
  /** The objects that are there already, by key. */
  readonly live: ReadonlyMap<string, KubernetesObject>;
  /** Those that may not be read: nobody knows whether they are there. */
  readonly unread: ReadonlySet<string>;
}

/**
 * Works out what a deploy would change, by reading every live object and by a dry run of every apply.
 * Changes nothing. What is wrong with a manifest is in the plan's findings.
 */
export async function makePlan(request: PlanRequest, cluster: Cluster, signal: AbortSignal): Promise<Tried> {
  const { target } = request;
  const definitions = definitionsIn(request.manifests);
  const [discovery, places] = await Promise.all([
    cluster.discovery(signal),
    readPlaces(request.manifests, target, cluster, signal),
  ]);
  const servings = new Map(
    request.manifests.map((manifest) => [manifest, servingOf(manifest, definitions, discovery)] as const),
  );
  const known = request.manifests.filter((manifest) => servings.get(manifest)?.state !== 'unknown');
  const { live, refusals } = await readLive([...known, ...known.flatMap(madeSecretOf)], places, cluster, signal);
  const kept = (secret: KubernetesObject): string =>
    saltOf(live.get(refKey(refOf(secret)))) ?? saltOf(secret) ?? newSalt();
  const whole = known.map((one) => withMadeSecret(one, live));
  const going = new Set(request.deletions.map(({ manifest: { ref } }) => refKey(ref)));
  const part = { manifests: whole, live, application: target.application, going };
  const [scalers, configs] = await Promise.all([
    readScalers(part, cluster, signal),
    readConfigs(part, cluster, signal),
  ]);
  const bounds = hpaBounds([...scalers, ...whole.map(({ body }) => body)]);
  const manifests = hashConfigs(saltSecrets(whole, kept), configs).map((one) =>
    bounds.has(workloadKey(one.body)) ? { ...one, body: withoutReplicas(one.body) } : one,
  );
  const leaving = writersIn(request.deletions.map(({ manifest, live: there }) => ({ ...manifest, there })));
  const planOne = (manifest: Manifest, definition?: ChangeRequest['definition']): Promise<PlannedChange> => {
    const current = live.get(refKey(manifest.ref));
    const hpa = bounds.get(workloadKey(manifest.body));
    const writer = leaving.get(refKey(manifest.ref));
    const change: ChangeRequest = {
      manifest,
      place: places.of(manifest.ref),
      forceConflicts: request.forceConflicts,
      ...(current ? { live: current } : {}),
      ...(hpa ? { hpa } : {}),
      ...(writer ? { writer: { ref: writer.ref, uid: writer.there?.metadata.uid ?? '' } } : {}),
      ...(definition ? { definition } : {}),
    };
    return planChange(change, cluster, signal);
  };
  // What a definition changes decides how its objects are tried.
  const defining = new Set(definitions.map(({ manifest: { ref } }) => refKey(ref)));
  const first = manifests.filter(({ ref }) => defining.has(refKey(ref)));
  const others = manifests.filter(({ ref }) => !defining.has(refKey(ref)));
  const definitionChanges = await Promise.all(first.map((manifest) => planOne(manifest)));
  const changing = new Set(
    definitionChanges.flatMap(({ change }) =>
      change === undefined || change.op === 'unchanged' ? [] : [refKey(change.manifest.ref)],
    ),
  );
  const otherChanges = await Promise.all(
    others.map((manifest) => {
      const by = definitionOf(definitions, manifest.ref)?.manifest.ref;
      if (by === undefined) return planOne(manifest);
      const isServed = discovery.find(manifest.ref) !== undefined;
      return isServed && !changing.has(refKey(by)) ? planOne(manifest) : planOne(manifest, { ref: by, isServed });
    }),
  );
  const planned = [...definitionChanges, ...otherChanges];
  const prerequisites = prerequisitesIn(manifests);
  const changes = planned.flatMap(({ change }) =>
    change === undefined ? [] : [{ ...change, wave: waveAfter(change.manifest, prerequisites) }],
  );
  const found = [
    ...[...servings.values()].flatMap((serving) => (serving.state === 'unknown' ? [serving.finding] : [])),
    ...places.findings,
    ...refusals.values(),
    ...planned.flatMap(({ findings }) => findings),
  ];
  const plan: Plan = {
    target,
    waves: toWaves([...withGateNotes(withRestarts(changes), prerequisites), ...request.deletions]),
    findings: await withSuggestions(found, request.manifests),
  };
  return { plan, manifests, live, unread: new Set(refusals.keys()) };
}

function newSalt(): string {
  return randomBytes(12).toString('hex');
}

/** The bounds of each workload that an HPA scales, by workload key. */
function hpaBounds(objects: readonly KubernetesObject[]): ReadonlyMap<string, HpaBounds> {
  return new Map(
    objects.flatMap((body) => {
      const workload = scaleTargetOf(body);
      return workload === undefined
        ? []
        : [[workload, { name: refOf(body).name, minReplicas: numberOf(at(body, 'spec', 'minReplicas'), 1) }] as const];
    }),
  );
}

/** Changes by their waves, in order. */
export function toWaves(changes: readonly Change[]): readonly Wave[] {
  const numbers = [...new Set(changes.map(({ wave }) => wave))].sort((a, b) => a - b);
  return numbers.flatMap((number) => {
    const all = changes.filter(({ wave }) => wave === number);
    return [
      ...hookWaves(all, number),
      ...waveWith(
        all.filter(({ hook }) => hook === undefined),
        number,
        waveNames[number] ?? `wave ${number}`,
      ),
    ];
  });
}

/** Hooks come before the others of their number, in the order of their weights. */
function hookWaves(changes: readonly Change[], number: number): readonly Wave[] {
  const weightOf = ({ hook }: Change): number => hook?.weight ?? 0;
  const inOrder = changes.toSorted(
    (a, b) => weightOf(a) - weightOf(b) || (a.manifest.ref.name < b.manifest.ref.name ? -1 : 1),
  );
  return (['before', 'after'] as const).flatMap((run) =>
    waveWith(
      inOrder.filter(({ hook }) => hook?.run === run),
      number,
      run,
    ),
  );
}

function waveWith(changes: readonly Change[], number: number, name: string): readonly Wave[] {
  return changes.length === 0 ? [] : [{ number, name, changes }];
}
