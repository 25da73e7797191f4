import type { Buffer } from 'node:buffer';
import { type ApiFailure, refused } from '../cluster/errors.ts';
import type { DeployError } from '../errors.ts';
import { formatRef, type KubernetesObject, type ObjectRef, refOf } from '../model/object.ts';
import type { Release, ReleaseSummary } from '../model/release.ts';
import { annotations, headRef, keyRef, labels, type Place, partRef, releaseType, secrets } from './place.ts';
import { listRecords, readKey } from './read-records.ts';
import { encodeOutcome, encodeRelease, type RecordPart, type ReleaseOutcome, summaryOf } from './record.ts';
import { newKey } from './secrets.ts';

/**
 * Writes a release down before its first change: its parts first, so that a record with a head is whole. Parts that a run
 * that died has left of the same number are replaced: whoever opens holds the lock.
 */
export async function openRelease(place: Place, release: Release, signal: AbortSignal): Promise<void> {
  const { number } = release;
  const ref = headRef(place, number);
  const key = (await readKey(place, signal)) ?? (await makeKey(place, signal));
  const [first, ...others] = await encodeRelease(release, key, ref.name);
  if (first === undefined) throw new Error('a record has one part at least');
  await Promise.all(
    others.map((part, index) =>
      write(place, secretOf(partRef(place, number, index + 1), place, release, 'part', part), signal),
    ),
  );
  const head = secretOf(ref, place, release, 'release', first);
  const annotated = {
    [annotations.summary]: JSON.stringify(summaryOf(release)),
    [annotations.parts]: String(1 + others.length),
  };
  await writeHead(place, { ...head, metadata: { ...head.metadata, annotations: annotated } }, signal);
}

/** The record of another run is never written over: one of a newer version, say, that our list doesn't show. */
async function writeHead({ cluster }: Place, head: KubernetesObject, signal: AbortSignal): Promise<void> {
  const created = await cluster.create(head, signal);
  if (created.ok) return;
  // Our own request, answered by a connection that was cut, may have made it already.
  const live = created.failure.status === 409 ? await cluster.get(refOf(head), signal) : undefined;
  const isOurs = live?.metadata.annotations?.[annotations.summary] === head.metadata.annotations?.[annotations.summary];
  if (live === undefined || !isOurs) throw refused(`write ${formatRef(refOf(head))}`, created.failure);
}

/** Says how a release has ended. */
export async function closeRelease(
  place: Place,
  release: Release,
  outcome: ReleaseOutcome,
  signal: AbortSignal,
): Promise<void> {
  const { status, endedAt, message } = outcome;
  const summary = summaryOf({ ...release, status, endedAt, ...(message === undefined ? {} : { message }) });
  const bytes = await encodeOutcome(outcome);
  const failure = await patchHead(
    place,
    release.number,
    [
      { op: 'replace', path: `/metadata/annotations/${escaped(annotations.summary)}`, value: JSON.stringify(summary) },
      { op: 'replace', path: `/metadata/labels/${escaped(labels.status)}`, value: status },
      { op: 'add', path: '/data/outcome', value: bytes.toString('base64') },
    ],
    signal,
  );
  if (failure !== undefined) throw refusedHead(place, release.number, failure);
}

/**
 * A release whose run has died without a word: nobody else will close it. False where it has been closed meanwhile: then
 * it stays as it is.
 */
export async function abandonRelease(place: Place, summary: ReleaseSummary, signal: AbortSignal): Promise<boolean> {
  const message = 'The run ended without a word: killed, or its machine stopped.';
  const ended: ReleaseSummary = { ...summary, status: 'interrupted', message };
  const statusPath = `/metadata/labels/${escaped(labels.status)}`;
  const failure = await patchHead(
    place,
    summary.number,
    [
      { op: 'test', path: statusPath, value: 'deploying' },
      { op: 'replace', path: `/metadata/annotations/${escaped(annotations.summary)}`, value: JSON.stringify(ended) },
      { op: 'replace', path: statusPath, value: ended.status },
    ],
    signal,
  );
  // A failed `test` is answered with 422.
  if (failure !== undefined && failure.status !== 422) throw refusedHead(place, summary.number, failure);
  return failure === undefined;
}

/** A record that is gone meanwhile (with its namespace) is left alone. */
async function patchHead(
  place: Place,
  number: number,
  operations: Parameters<Place['cluster']['patch']>[1],
  signal: AbortSignal,
): Promise<ApiFailure | undefined> {
  const patched = await place.cluster.patch(headRef(place, number), operations, signal);
  return patched.ok || patched.failure.status === 404 ? undefined : patched.failure;
}

function refusedHead(place: Place, number: number, failure: ApiFailure): DeployError {
  return refused(`write ${formatRef(headRef(place, number))}`, failure);
}

/** Deletes old records: `keep` of the newest stay, and the last that was deployed, to which a rollback would go. */
export async function trimReleases(place: Place, keep: number, signal: AbortSignal): Promise<void> {
  const records = await listRecords(place, {}, signal);
  const numbered = records.flatMap((record) => {
    const number = Number(record.metadata.labels?.[labels.release]);
    return Number.isInteger(number) ? [{ record, number }] : [];
  });
  const heads = numbered.filter(({ record }) => record.metadata.labels?.[labels.record] === 'release');
  const numbers = [...new Set(heads.map(({ number }) => number))].sort((a, b) => b - a);
  const deployed = heads
    .filter(({ record }) => record.metadata.labels?.[labels.status] === 'deployed')
    .map(({ number }) => number);
  const kept = new Set([...numbers.slice(0, keep), Math.max(0, ...deployed)]);
  const old = numbered.filter(({ number }) => !kept.has(number) && number <= (numbers[0] ?? 0));
  // Heads first: parts without a head are no release.
  const isHead = ({ record }: (typeof old)[number]): boolean => record.metadata.labels?.[labels.record] === 'release';
  for (const some of [old.filter(isHead), old.filter((one) => !isHead(one))]) {
    await Promise.all(some.map(({ record }) => remove(place, record, signal)));
  }
}

async function remove({ cluster, namespace }: Place, record: KubernetesObject, signal: AbortSignal): Promise<void> {
  const { name = '', uid = '' } = record.metadata;
  const ref: ObjectRef = { ...secrets, namespace, name };
  const removed = await cluster.remove(ref, { uid }, signal);
  if (!removed.ok && removed.failure.status !== 409) throw refused(`delete ${formatRef(ref)}`, removed.failure);
}

async function makeKey(place: Place, signal: AbortSignal): Promise<Buffer> {
  const key = newKey();
  const ref = keyRef(place);
  const { namespace, name } = ref;
  const metadata = { namespace: namespace ?? '', name, labels: labelsOf(place, 'key') };
  const body = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'oms-deploy.io/key',
    metadata,
    data: { key: key.toString('base64') },
  };
  const created = await place.cluster.create(body, signal);
  if (created.ok) return key;
  // Our own request, answered by a connection that was cut, may have made it already.
  const there = created.failure.status === 409 ? await readKey(place, signal) : undefined;
  if (there === undefined) throw refused(`write ${formatRef(ref)}`, created.failure);
  return there;
}

function labelsOf({ application }: Place, record: string): Readonly<Record<string, string>> {
  return { [labels.application]: application, [labels.record]: record };
}

function secretOf(
  ref: ObjectRef,
  place: Place,
  { number, status }: Release,
  record: 'release' | 'part',
  data: RecordPart,
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: releaseType,
    metadata: {
      name: ref.name,
      namespace: place.namespace,
      labels: {
        ...labelsOf(place, record),
        [labels.release]: String(number),
        ...(record === 'release' ? { [labels.status]: status } : {}),
      },
    },
    data: { release: data.release.toString('base64'), secrets: data.secrets.toString('base64') },
  };
}

/** What is left of a part is replaced by a patch: that right is needed anyway, and the one to update is not. */
async function write({ cluster }: Place, object: KubernetesObject, signal: AbortSignal): Promise<void> {
  const created = await cluster.create(object, signal);
  if (created.ok) return;
  const isThere = created.failure.status === 409;
  const data = { op: 'replace', path: '/data', value: object.data ?? {} };
  const patched = isThere ? await cluster.patch(refOf(object), [data], signal) : created;
  if (!patched.ok) throw refused(`write the record of the release (${object.metadata.name ?? ''})`, patched.failure);
}

/** A jsonpath step of a JSON patch (RFC 6901). */
function escaped(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}
