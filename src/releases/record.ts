import { Buffer } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { Finding } from '../model/finding.ts';
import { arrayOf, isObject, textOf } from '../model/json.ts';
import { refKey } from '../model/object.ts';
import type { LeftObject, Release, ReleaseStatus, ReleaseSummary, RunningImage } from '../model/release.ts';
import type { Timeline } from '../model/timeline.ts';
import { putBack, seal, takeOut, unseal } from './secrets.ts';

/** The form of a record. A reader refuses one that it doesn't know. */
const schema = 'oms-deploy.io/release/v1';

/** A Secret holds 1 MiB of data: a part of the release, one of its secrets, and in the head the outcome. */
const partBytes = { release: 600_000, secrets: 100_000, outcome: 300_000 } as const;

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** What is known of a release only after it has ended. */
export interface ReleaseOutcome {
  readonly status: ReleaseStatus;
  readonly endedAt: string;
  readonly message?: string;
  readonly findings: readonly Finding[];
  /** The live objects' uids, by `refKey`. */
  readonly uids: Readonly<Record<string, string>>;
  readonly left: readonly LeftObject[];
  readonly images: readonly RunningImage[];
  /** Older versions have written none. */
  readonly timeline?: Timeline;
}

/** What one Secret holds of a release: what may be read, and what only the key opens. */
export interface RecordPart {
  readonly release: Buffer;
  readonly secrets: Buffer;
}

/** Writes a release down. `purpose` names its record. */
export async function encodeRelease(release: Release, key: Buffer, purpose: string): Promise<readonly RecordPart[]> {
  const taken = release.objects.map(({ body, secretPaths }) => takeOut(body, secretPaths));
  const objects = release.objects.map((object, index) => ({ ...object, body: taken[index]?.body ?? object.body }));
  const secrets = taken.map(({ values }) => values);
  const content = await zip(JSON.stringify({ schema, release: { ...release, objects } }));
  const sealed = seal(await zip(JSON.stringify(secrets)), key, purpose);
  const count = Math.max(Math.ceil(content.length / partBytes.release), Math.ceil(sealed.length / partBytes.secrets));
  return Array.from({ length: count }, (_, index) => ({
    release: partOf(content, partBytes.release, index),
    secrets: partOf(sealed, partBytes.secrets, index),
  }));
}

function partOf(whole: Buffer, size: number, index: number): Buffer {
  return whole.subarray(index * size, (index + 1) * size);
}

/** Reads what `encodeRelease` has written, without its secrets; undefined for what is no release of a form we know. */
export async function decodeRelease(parts: readonly RecordPart[]): Promise<Release | undefined> {
  const value = await parse(Buffer.concat(parts.map(({ release }) => release)));
  return isObject(value) && value.schema === schema && isRelease(value.release) ? value.release : undefined;
}

/** Puts the secrets back in their places. Throws where the key isn't the one of the record. */
export async function revealSecrets(
  release: Release,
  parts: readonly RecordPart[],
  key: Buffer,
  purpose: string,
): Promise<Release> {
  const sealed = Buffer.concat(parts.map(({ secrets }) => secrets));
  const texts = arrayOf(await parse(unseal(sealed, key, purpose)));
  const objects = release.objects.map((object, index) => ({
    ...object,
    body: putBack(object.body, object.secretPaths, arrayOf(texts[index]).map(textOf)),
  }));
  return { ...release, objects };
}

/**
 * An outcome as bytes. What is too long for a Secret goes without what it can do without: the timeline first, then the
 * findings, which have logs in them.
 */
export async function encodeOutcome(outcome: ReleaseOutcome): Promise<Buffer> {
  const { timeline: _, ...timeless } = outcome;
  const bare = { ...timeless, findings: [] };
  for (const kept of [outcome, timeless]) {
    const bytes = await zip(JSON.stringify(kept));
    if (bytes.length <= partBytes.outcome) return bytes;
  }
  return zip(JSON.stringify(bare));
}

/** Reads what `encodeOutcome` has written; undefined for what isn't one. */
export async function decodeOutcome(bytes: Buffer): Promise<ReleaseOutcome | undefined> {
  const value = await parse(bytes);
  if (!isOutcome(value)) return undefined;
  const { timeline, ...rest } = value;
  return isTimeline(timeline) ? value : rest;
}

async function parse(zipped: Buffer): Promise<unknown> {
  return JSON.parse((await unzip(zipped)).toString('utf8'));
}

/** The schema says who wrote it: what its readers rely on first is looked at, not every field. */
function isRelease(value: unknown): value is Release {
  return isSummary(value) && 'objects' in value && Array.isArray(value.objects);
}

function isOutcome(value: unknown): value is ReleaseOutcome {
  return isObject(value) && typeof value.status === 'string' && isObject(value.uids) && Array.isArray(value.left);
}

function isTimeline(value: unknown): value is Timeline {
  return (
    isObject(value) &&
    [value.waves, value.objects, value.pods].every((list) => Array.isArray(list) && list.every(isObject))
  );
}

function isSummary(value: unknown): value is ReleaseSummary {
  return isObject(value) && typeof value.number === 'number' && typeof value.status === 'string';
}

/** The part of a release that its list shows. */
export function summaryOf(release: Release): ReleaseSummary {
  const { number, status, action, startedAt, endedAt, author, commit, toolVersion, changes, message } = release;
  return {
    ...{ number, status, action, startedAt, author, toolVersion, changes },
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(commit === undefined ? {} : { commit }),
    ...(message === undefined ? {} : { message }),
  };
}

/** A release and how it ended. */
export function withOutcome(release: Release, { uids, ...ending }: ReleaseOutcome): Release {
  const objects = release.objects.map((object) => {
    const uid = uids[refKey(object.ref)];
    return uid === undefined ? object : { ...object, uid };
  });
  return { ...release, ...ending, objects };
}

/** Reads a summary; undefined for what isn't one. */
export function parseSummary(text: string | undefined): ReleaseSummary | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return isSummary(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
