import { isDeepStrictEqual } from 'node:util';
import { secretFinder } from '../inputs/redact.ts';
import { namesOf } from '../manifests/identity.ts';
import { type KubernetesObject, namespaceRef, refKey } from '../model/object.ts';
import { type Change, changesOf, countChanges, hasChanges, keptOf, type Plan } from '../model/plan.ts';
import type { Author, Commit, RecordedObject, Release } from '../model/release.ts';
import { secretPathsOf, takeOut, withoutSecrets } from '../releases/secrets.ts';
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
export function needsRelease(plan: Plan, desired: Desired, { latest }: Ledger): boolean {
  if (hasChanges(plan) || latest === undefined || latest.status !== 'deployed') return true;
  // All else is recorded again as it was.
  if (desired.only !== undefined) return false;
  // The namespace itself is among the objects of the deploy that made it, and of no later one.
  const home = refKey(namespaceRef(plan.target.namespace));
  const recorded = new Map(
    latest.objects
      .map((object) => [refKey(object.ref), withoutSecrets(object)] as const)
      .filter(([key]) => key !== home),
  );
  const kept = keptOf(plan).filter(({ manifest }) => refKey(manifest.ref) !== home);
  const hasSecret = secretsIn(desired);
  return kept.length !== recorded.size || kept.some((change) => !isRecorded(change, recorded, hasSecret));
}

/** Secret values aside (`recorded` is without them): where they differ, the plan has a change. */
export function isRecorded(
  { manifest }: Change,
  recorded: ReadonlyMap<string, KubernetesObject>,
  hasSecret: (text: string) => boolean,
): boolean {
  const { ref, body } = manifest;
  return isDeepStrictEqual(takeOut(body, secretPathsOf(manifest, hasSecret)).body, recorded.get(refKey(ref)));
}

/** Tells the texts that a record must keep apart. */
export function secretsIn({ secretValues, manifests }: Desired): (text: string) => boolean {
  return secretFinder(secretValues, () => namesOf(manifests));
}

/** The release that executing a plan makes, as it is written down before its first change. */
export function releaseOf(
  { plan, desired, left }: Planned,
  number: number,
  { author, toolVersion }: RunFacts,
  commit: Commit | undefined,
  startedMs: number,
): Release {
  const hasSecret = secretsIn(desired);
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
    objects: keptOf(plan).map((change) => recordedObject(change, hasSecret)),
    left,
    overrides: desired.overrides,
    images: [],
    findings: [],
  };
}

function recordedObject({ manifest, live }: Change, hasSecret: (text: string) => boolean): RecordedObject {
  const { ref, body, origin } = manifest;
  const uid = live?.metadata.uid;
  return {
    ref,
    body,
    origin,
    secretPaths: secretPathsOf(manifest, hasSecret),
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
