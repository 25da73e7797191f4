import { isDeepStrictEqual } from 'node:util';
import { type KubernetesObject, namespaceRef, refKey } from '../model/object.ts';
import { type Change, changesOf, countChanges, hasChanges, keptOf, type Plan } from '../model/plan.ts';
import type { Author, Commit, RecordedObject, Release } from '../model/release.ts';
import { secretPathsOf, takeOut } from '../releases/secrets.ts';
import type { Ledger } from './ledger.ts';
import type { Desired, Planned } from './planned.ts';

/** Who runs this, and with which version of the program. */
export interface RunFacts {
  readonly author: Author;
  readonly toolVersion: string;
}

/**
 * Whether executing a plan has to be recorded: it changes something, or the newest record says something else than what
 * is there now: it has failed, or the same objects came to be by hand.
 */
export function needsRelease(plan: Plan, { secretValues, only }: Desired, { latest }: Ledger): boolean {
  if (hasChanges(plan) || latest === undefined || latest.status !== 'deployed') return true;
  // All else is recorded again as it was.
  if (only !== undefined) return false;
  // The namespace itself is among the objects of the deploy that made it, and of no later one.
  const home = refKey(namespaceRef(plan.target.namespace));
  const recorded = new Map(
    latest.objects.map(({ ref, body }) => [refKey(ref), body] as const).filter(([key]) => key !== home),
  );
  const kept = keptOf(plan).filter(({ manifest }) => refKey(manifest.ref) !== home);
  return kept.length !== recorded.size || kept.some((change) => !isRecorded(change, recorded, secretValues));
}

/** Secret values aside: where they differ, the plan has a change. */
export function isRecorded(
  { manifest: { ref, body } }: Change,
  recorded: ReadonlyMap<string, KubernetesObject>,
  secretValues: readonly string[],
): boolean {
  return isDeepStrictEqual(takeOut(body, secretPathsOf(body, secretValues)).body, recorded.get(refKey(ref)));
}

/** The release that executing a plan makes, as it is written down before its first change. */
export function releaseOf(
  { plan, desired, left }: Planned,
  number: number,
  { author, toolVersion }: RunFacts,
  commit: Commit | undefined,
  startedMs: number,
): Release {
  const { application, namespace, cluster, server, account, region, arn } = plan.target;
  return {
    number,
    status: 'deploying',
    action: desired.action,
    startedAt: new Date(startedMs).toISOString(),
    author: { ...author, ...(arn === undefined ? {} : { arn }) },
    ...(commit === undefined ? {} : { commit }),
    toolVersion,
    changes: countChanges(plan),
    application,
    namespace,
    target: {
      cluster,
      server,
      ...(account === undefined ? {} : { account }),
      ...(region === undefined ? {} : { region }),
    },
    inputs: desired.inputs,
    objects: keptOf(plan).map((change) => recordedObject(change, desired.secretValues)),
    left,
    overrides: desired.overrides,
    images: [],
    findings: [],
  };
}

function recordedObject({ manifest, live }: Change, secretValues: readonly string[]): RecordedObject {
  const { ref, body, origin } = manifest;
  const uid = live?.metadata.uid;
  return {
    ref,
    body,
    origin,
    secretPaths: secretPathsOf(body, secretValues),
    ...(uid === undefined ? {} : { uid }),
  };
}

/** The uids of the objects as they are after an apply; of those that were left alone as the plan saw them. */
export function uidsOf(plan: Plan, applied: ReadonlyMap<string, KubernetesObject>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    changesOf(plan).flatMap(({ manifest: { ref }, live }) => {
      const uid = (applied.get(refKey(ref)) ?? live)?.metadata.uid;
      return uid === undefined ? [] : [[refKey(ref), uid]];
    }),
  );
}
