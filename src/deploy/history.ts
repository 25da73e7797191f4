import { DeployError } from '../errors.ts';
import { configHashAnnotation } from '../manifests/config-hash.ts';
import { namespaceRef, type ObjectRef, refKey } from '../model/object.ts';
import type { FieldChange } from '../model/plan.ts';
import type { RecordedInput, RecordedObject, Release, ReleaseSummary } from '../model/release.ts';
import { formatHolder, type LockState, readLock } from '../releases/lease.ts';
import type { Place } from '../releases/place.ts';
import { listReleases, readRelease, readWholeRelease } from '../releases/read-records.ts';
import { manifestOf } from '../releases/recorded.ts';
import { conceal } from './conceal.ts';
import { diffObjects } from './diff.ts';
import { withImageWords } from './images/image-changes.ts';

/** What one release has other than another one. */
export interface ReleaseDiff {
  readonly from: number;
  readonly to: number;
  /** By the inputs' names; secret ones are not compared. */
  readonly inputs: readonly FieldChange[];
  readonly objects: readonly {
    readonly op: 'create' | 'update' | 'delete';
    readonly object: ObjectRef;
    readonly fields: readonly FieldChange[];
  }[];
}

/** The releases of an application. */
export interface History {
  readonly application: string;
  readonly namespace: string;
  readonly cluster: string;
  /** The newest first. */
  readonly releases: readonly ReleaseSummary[];
  /** Who is deploying now. */
  readonly holder?: string;
}

/** Lists the releases. One whose run has died is `interrupted`, although nobody has written that down yet. */
export async function readHistory(place: Place, signal: AbortSignal): Promise<History> {
  const { application, namespace, cluster } = place;
  const [releases, lock] = await Promise.all([listReleases(place, signal), readLock(place, signal)]);
  const alive = lock.isExpired ? undefined : lock.holder;
  return {
    application,
    namespace,
    cluster: cluster.name,
    releases: releases.map((release) => asItIs(release, lock)),
    ...(alive === undefined ? {} : { holder: formatHolder(alive, cluster.now()) }),
  };
}

function asItIs<T extends ReleaseSummary>(release: T, { holder, isExpired }: LockState): T {
  const isDead = release.status === 'deploying' && (holder === undefined || isExpired);
  return isDead ? { ...release, status: 'interrupted', message: 'The run ended without a word.' } : release;
}

/**
 * One release, without its secrets; without a number the newest.
 *
 * @throws DeployError `usage` where there is none of this number.
 */
export async function readOne(place: Place, number: number | undefined, signal: AbortSignal): Promise<Release> {
  const wanted = number ?? (await listReleases(place, signal))[0]?.number;
  const [release, lock] = await Promise.all([
    wanted === undefined ? undefined : readRelease(place, wanted, signal),
    readLock(place, signal),
  ]);
  if (release === undefined) throw noRelease(wanted, place);
  return asItIs(release, lock);
}

function noRelease(number: number | undefined, { application, namespace }: Place): DeployError {
  const message =
    number === undefined
      ? `${application} has no release in ${namespace}.`
      : `${application} has no release ${number} in ${namespace}.`;
  return new DeployError('usage', message, { fix: 'See what there is: oms-deploy history.' });
}

/**
 * What one release has other than another one. Values of secrets are compared, and not shown. One alone is compared with
 * the newest, and the newest with the one before it.
 *
 * @throws DeployError `usage` where there is no such release.
 */
export async function diffReleases(
  place: Place,
  number: number,
  other: number | undefined,
  signal: AbortSignal,
): Promise<ReleaseDiff> {
  const [from, to] = other === undefined ? await withNewest(place, number, signal) : [number, other];
  const [before, after] = await Promise.all(
    [from, to].map(async (number) => {
      const release = await readWholeRelease(place, number, signal);
      if (release === undefined) throw noRelease(number, place);
      return release;
    }),
  );
  if (before === undefined || after === undefined) throw new Error('two numbers, two releases');
  return { from, to, inputs: inputChanges(before.inputs, after.inputs), objects: objectChanges(before, after) };
}

async function withNewest(place: Place, number: number, signal: AbortSignal): Promise<readonly [number, number]> {
  const [newest, before] = await listReleases(place, signal);
  if (newest === undefined) throw noRelease(undefined, place);
  if (newest.number !== number) return [number, newest.number];
  if (before !== undefined) return [before.number, number];
  throw new DeployError('usage', `Release ${number} is the only one of ${place.application} in ${place.namespace}.`, {
    fix: `See what it has: oms-deploy history show ${number}.`,
  });
}

function objectChanges(before: Release, after: Release): ReleaseDiff['objects'] {
  const [old, now] = [byKey(before), byKey(after)];
  // The namespace itself is among the objects of the deploy that made it, and of no later one.
  const home = refKey(namespaceRef(after.namespace));
  const keys = [...new Set([...old.keys(), ...now.keys()])].filter((key) => key !== home);
  return keys.flatMap((key): ReleaseDiff['objects'] => {
    const [was, is] = [old.get(key), now.get(key)];
    if (was === undefined || is === undefined) {
      const one = is ?? was;
      return one === undefined ? [] : [{ op: is === undefined ? 'delete' : 'create', object: one.ref, fields: [] }];
    }
    const fields = fieldChanges(was, is, before.number, after.number);
    return fields.length === 0 ? [] : [{ op: 'update', object: is.ref, fields }];
  });
}

/** A field is hidden where it was secret in either of the two. */
function fieldChanges(was: RecordedObject, is: RecordedObject, before: number, after: number): readonly FieldChange[] {
  const fields = diffObjects(was.body, is.body).filter(({ path }) => !path.includes(configHashAnnotation));
  const shown = conceal(conceal(fields, manifestOf(was, before)), manifestOf(is, after));
  return withImageWords(shown, was.body, is.body);
}

function byKey({ objects }: Release): ReadonlyMap<string, RecordedObject> {
  return new Map(objects.map((object) => [refKey(object.ref), object]));
}

function inputChanges(before: readonly RecordedInput[], after: readonly RecordedInput[]): readonly FieldChange[] {
  const [old, now] = [new Map(before.map((one) => [one.name, one])), new Map(after.map((one) => [one.name, one]))];
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((name) => {
    const [was, is] = [old.get(name)?.value, now.get(name)?.value];
    if (was === is) return [];
    return [{ path: name, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) }];
  });
}
