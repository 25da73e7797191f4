import { randomBytes } from 'node:crypto';
import type { Cluster } from '../cluster/cluster.ts';
import { isForbidden } from '../cluster/errors.ts';
import { waveNames } from '../kinds/kind.ts';
import { hashConfigs, saltAnnotation, saltSecrets } from '../manifests/config-hash.ts';
import { scaleTargetOf, workloadKey } from '../manifests/stamp.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { at, numberOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { type KubernetesObject, refKey } from '../model/object.ts';
import type { Change, Plan, Target, Wave } from '../model/plan.ts';
import { type HpaBounds, withRestarts } from './change-notes.ts';
import { planChange } from './plan-change.ts';
import { forbiddenFinding } from './refusals.ts';

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
  const unknown = await unknownKinds(request.manifests, cluster, signal);
  const known = request.manifests.filter((manifest) => !unknown.has(manifest));
  const { live, refusals } = await readLive(known, target, cluster, signal);
  const manifests = hashConfigs(
    saltSecrets(known, (one) => saltOf(live.get(refKey(one.ref))) ?? saltOf(one.body) ?? newSalt()),
  );
  const bounds = hpaBounds(manifests);
  const planned = await Promise.all(
    manifests.map((manifest) => {
      const current = live.get(refKey(manifest.ref));
      const hpa = bounds.get(workloadKey(manifest.body));
      return planChange(
        {
          manifest,
          target,
          forceConflicts: request.forceConflicts,
          ...(current ? { live: current } : {}),
          ...(hpa ? { hpa } : {}),
        },
        cluster,
        signal,
      );
    }),
  );
  const plan: Plan = {
    target,
    waves: toWaves([...withRestarts(planned.flatMap(({ change }) => change ?? [])), ...request.deletions]),
    findings: [...unknown.values(), ...refusals.values(), ...planned.flatMap(({ findings }) => findings)],
  };
  return { plan, manifests, live, unread: new Set(refusals.keys()) };
}

/** Manifests whose kind the cluster doesn't serve, each with its finding. */
async function unknownKinds(
  manifests: readonly Manifest[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReadonlyMap<Manifest, Finding>> {
  const discovery = await cluster.discovery(signal);
  const unknown = manifests.filter(({ ref }) => discovery.find(ref) === undefined);
  return new Map(
    unknown.map((manifest) => {
      const { ref, origin } = manifest;
      const versions = discovery.versionsOf(ref);
      const cause = `The cluster doesn't know the kind ${ref.kind} of ${ref.apiVersion}.`;
      const fix =
        versions.length > 0
          ? `Write apiVersion: ${versions[0]}, which this cluster serves.`
          : 'Check apiVersion and kind for typos, or install the operator that defines this kind.';
      return [manifest, errorFinding('cluster/unknown-kind', cause, fix, { object: ref, origin })];
    }),
  );
}

/** An object that may not be read is a finding: what else is missing is told in the same run. */
async function readLive(
  manifests: readonly Manifest[],
  target: Target,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<{ readonly live: ReadonlyMap<string, KubernetesObject>; readonly refusals: ReadonlyMap<string, Finding> }> {
  const readable = manifests.filter(
    ({ ref }) => target.namespaceState === 'exists' || ref.namespace !== target.namespace,
  );
  const refusals = new Map<string, Finding>();
  const objects = await Promise.all(
    readable.map(({ ref }) =>
      cluster.get(ref, signal).catch((error: unknown) => {
        if (!isForbidden(error)) throw error;
        refusals.set(refKey(ref), forbiddenFinding(error, ref));
        return undefined;
      }),
    ),
  );
  const live = readable.flatMap(({ ref }, index) => {
    const object = objects[index];
    return object === undefined ? [] : [[refKey(ref), object] as const];
  });
  return { live: new Map(live), refusals };
}

function saltOf(secret: KubernetesObject | undefined): string | undefined {
  return secret?.metadata.annotations?.[saltAnnotation];
}

function newSalt(): string {
  return randomBytes(12).toString('hex');
}

/** The bounds of each workload that an HPA scales, by workload key. */
function hpaBounds(manifests: readonly Manifest[]): ReadonlyMap<string, HpaBounds> {
  return new Map(
    manifests.flatMap(({ body, ref }) => {
      const workload = scaleTargetOf(body);
      return workload === undefined
        ? []
        : [[workload, { name: ref.name, minReplicas: numberOf(at(body, 'spec', 'minReplicas'), 1) }] as const];
    }),
  );
}

/** Changes by their waves, in order. */
export function toWaves(changes: readonly Change[]): readonly Wave[] {
  const numbers = [...new Set(changes.map(({ wave }) => wave))].sort((a, b) => a - b);
  return numbers.map((number) => ({
    number,
    name: waveNames[number] ?? `wave ${number}`,
    changes: changes.filter(({ wave }) => wave === number),
  }));
}
