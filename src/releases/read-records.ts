import { Buffer } from 'node:buffer';
import type { Cluster } from '../cluster/cluster.ts';
import { DeployError, messageOf, orIfRefused } from '../errors.ts';
import { at, stringOf } from '../model/json.ts';
import { formatRef, type KubernetesObject } from '../model/object.ts';
import type { Release, ReleaseSummary } from '../model/release.ts';
import { annotations, headRef, keyRef, labels, type Place, partRef, secrets } from './place.ts';
import { decodeOutcome, decodeRelease, parseSummary, type RecordPart, revealSecrets, withOutcome } from './record.ts';

/** All releases of an application in its namespace, the newest first. Contents are not read. */
export async function listReleases(place: Place, signal: AbortSignal): Promise<readonly ReleaseSummary[]> {
  const heads = await listRecords(place, { [labels.record]: 'release' }, signal);
  return heads
    .flatMap(({ metadata }) => parseSummary(metadata.annotations?.[annotations.summary]) ?? [])
    .sort((a, b) => b.number - a.number);
}

/** The applications that have releases in a namespace. */
export async function listApplications(
  { cluster, namespace }: Pick<Place, 'cluster' | 'namespace'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const heads = await cluster.listMetadata({ ...secrets, namespace }, { [labels.record]: 'release' }, signal);
  return [...new Set(heads.flatMap(({ metadata }) => metadata.labels?.[labels.application] ?? []))].sort();
}

/** Where there are releases, for who looks in the wrong place: `shop`, `test (web)`. None where that may not be read. */
export async function listHomes(cluster: Cluster, signal: AbortSignal): Promise<readonly string[]> {
  const scope = { ...secrets, isEverywhere: true };
  const heads = await orIfRefused(cluster.listMetadata(scope, { [labels.record]: 'release' }, signal), []);
  const homes = heads.map(({ metadata: { namespace = '', labels: own = {} } }) => {
    const application = own[labels.application] ?? namespace;
    return application === namespace ? namespace : `${namespace} (${application})`;
  });
  return [...new Set(homes)].sort();
}

/**
 * One release without its secrets, or undefined where there is none of this number.
 *
 * @throws DeployError `refused` for a record that can't be read: a part is missing, or a newer version wrote it.
 */
export async function readRelease(place: Place, number: number, signal: AbortSignal): Promise<Release | undefined> {
  return (await readSound(place, number, signal))?.release;
}

/** The newest one, without its secrets; undefined where there is none, or it may not be read. */
export async function readNewestIfAllowed(place: Place, signal: AbortSignal): Promise<Release | undefined> {
  const read = async (): Promise<Release | undefined> => {
    const [newest] = await listReleases(place, signal);
    return newest === undefined ? undefined : await readRelease(place, newest.number, signal);
  };
  return orIfRefused(read(), undefined);
}

/**
 * The same with its secrets, for who can do without them, and without it: where they can't be opened they stay hidden;
 * `damage` says why a record can't be read.
 */
export async function readWholeOrDamage(
  place: Place,
  number: number,
  signal: AbortSignal,
): Promise<Release | Damage | undefined> {
  // At once: nearly every release has secrets.
  const reading = readKey(place, signal);
  reading.catch(() => undefined);
  const record = await readRecord(place, number, signal);
  if (record === undefined || 'damage' in record) return record;
  if (record.release.objects.every(({ secretPaths }) => secretPaths.length === 0)) return record.release;
  const key = await reading;
  try {
    return key === undefined ? record.release : await revealSecrets(record.release, record.parts, key, record.name);
  } catch {
    return record.release;
  }
}

/** The same with its secrets, to deploy it again. */
export async function readWholeRelease(
  place: Place,
  number: number,
  signal: AbortSignal,
): Promise<Release | undefined> {
  const record = await readSound(place, number, signal);
  if (record === undefined) return undefined;
  const key = await readKey(place, signal);
  try {
    if (key === undefined) throw new Error(`${formatRef(keyRef(place))} is gone`);
    return await revealSecrets(record.release, record.parts, key, record.name);
  } catch (error) {
    throw unreadable(number, `its secrets can't be opened: ${error instanceof Error ? error.message : ''}`);
  }
}

interface ReadRecord {
  readonly release: Release;
  readonly parts: readonly RecordPart[];
  readonly name: string;
}

/** A record of which a part is missing or broken. */
interface Damage {
  readonly damage: string;
}

async function readSound(place: Place, number: number, signal: AbortSignal): Promise<ReadRecord | undefined> {
  const record = await readRecord(place, number, signal);
  if (record !== undefined && 'damage' in record) throw unreadable(number, record.damage);
  return record;
}

async function readRecord(place: Place, number: number, signal: AbortSignal): Promise<ReadRecord | Damage | undefined> {
  const ref = headRef(place, number);
  const head = await place.cluster.get(ref, signal);
  if (head === undefined) return undefined;
  const count = Number(stringOf(at(head, 'metadata', 'annotations', annotations.parts)) ?? '1');
  const others = await Promise.all(
    Array.from({ length: count - 1 }, (_, index) => place.cluster.get(partRef(place, number, index + 1), signal)),
  );
  try {
    const parts = [head, ...others].map((one) => ({
      release: bytesOf(one, 'release'),
      secrets: bytesOf(one, 'secrets'),
    }));
    const release = await decodeRelease(parts);
    if (release === undefined) throw tooNew(number);
    const { status, message } = parseSummary(head.metadata.annotations?.[annotations.summary]) ?? release;
    const opened = { ...release, status, ...(message === undefined ? {} : { message }) };
    const text = stringOf(at(head, 'data', 'outcome'));
    const outcome = text === undefined ? undefined : await decodeOutcome(Buffer.from(text, 'base64'));
    return { release: outcome === undefined ? opened : withOutcome(opened, outcome), parts, name: ref.name };
  } catch (error) {
    if (error instanceof DeployError) throw error;
    return { damage: messageOf(error) };
  }
}

function bytesOf(secret: KubernetesObject | undefined, key: string): Buffer {
  const text = stringOf(at(secret, 'data', key));
  if (text === undefined) throw new Error('a part of it is missing');
  return Buffer.from(text, 'base64');
}

function tooNew(number: number): DeployError {
  return new DeployError('refused', `The record of release ${number} is of a newer version of oms-deploy.`, {
    why: 'This one would lose what it does not understand. Nothing was changed.',
    fix: 'Update oms-deploy.',
  });
}

function unreadable(number: number, why: string): DeployError {
  return new DeployError('refused', `The record of release ${number} can't be read.`, {
    why,
    fix: 'Choose another release: oms-deploy history.',
  });
}

/** Everything that is kept of an application's releases: heads, parts, the key. */
export async function listRecords(
  { cluster, application, namespace }: Place,
  also: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const scope = { ...secrets, namespace };
  return cluster.listMetadata(scope, { [labels.application]: application, ...also }, signal);
}

/** The key of the secrets in the records; undefined where there is none yet. */
export async function readKey(place: Place, signal: AbortSignal): Promise<Buffer | undefined> {
  const text = stringOf(at(await place.cluster.get(keyRef(place), signal), 'data', 'key'));
  return text === undefined ? undefined : Buffer.from(text, 'base64');
}
