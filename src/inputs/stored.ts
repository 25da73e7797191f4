import { secretNameOf } from '../aws/secrets-manager.ts';
import { parameterNameOf } from '../aws/ssm.ts';
import type { StoredReading } from '../aws/stored.ts';
import type { InputSource, StoredSource } from '../config/schema.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { type Input, isByHand, type Source } from '../model/input.ts';
import { parseJsonObject } from '../model/json.ts';
import type { Found } from './given.ts';
import { listOf } from './names.ts';
import type { OutputsReading } from './terraform.ts';

/** Where AWS keeps values: each is asked for at the first need, and once in a run. */
export interface StoredValues {
  /** A secret of Secrets Manager by its ARN or name, for all inputs that take keys from it. */
  secret(id: string): Promise<StoredReading>;
  /** A parameter of Parameter Store by its name or ARN. */
  parameter(id: string): Promise<StoredReading>;
}

/** What one place of AWS that stores values had. */
export type StoredAnswer =
  | { readonly found: Found }
  /** Which one is meant isn't known, or it holds nothing that can be used: `note` says why. */
  | { readonly note: string; readonly refused?: 'empty' | 'type' }
  | { readonly unread: 'terraform' }
  /** It could not be read. */
  | { readonly failure: Finding }
  /** It was read, and has no such key. */
  | { readonly absence: Finding };

/** Looks into Secrets Manager or Parameter Store, by its own name or by the Terraform output that names it. */
export async function searchStored(
  source: StoredSource,
  terraform: OutputsReading,
  stored: StoredValues,
): Promise<readonly StoredAnswer[]> {
  const ids = idsOf(source, terraform);
  if ('unread' in ids) return [ids];
  const answers: StoredAnswer[] = ids.notes.map((note) => ({ note }));
  if (ids.id === undefined) return answers;
  if ('ssm' in source) {
    const name = parameterNameOf(ids.id);
    const reading = await stored.parameter(ids.id);
    const from: Source = { kind: 'ssm', detail: name };
    if (!reading.ok) return [...answers, { failure: reading.finding }];
    return [...answers, textAnswer(reading.text, from, reading.isSecret)];
  }
  const name = secretNameOf(ids.id);
  const reading = await stored.secret(ids.id);
  if (!reading.ok) return [...answers, { failure: reading.finding }];
  const { key } = source.secretsManager;
  if (key === undefined) return [...answers, textAnswer(reading.text, { kind: 'secretsmanager', detail: name }, true)];
  return [...answers, keyAnswer(reading.text, listOf(key), name)];
}

/** Whether a source is a place of AWS that stores values. */
export function isStored(source: InputSource): source is StoredSource {
  return 'secretsManager' in source || 'ssm' in source;
}

/** The Terraform outputs that may hold the name of a secret or parameter, in order of preference. */
export function nameOutputsOf(source: StoredSource): readonly string[] {
  const place = 'ssm' in source ? source.ssm : source.secretsManager;
  return typeof place === 'object' && 'terraform' in place ? listOf(place.terraform) : [];
}

/** Where AWS keeps a value. */
export interface StoredLocation {
  readonly store: 'secretsManager' | 'ssm';
  /** The ARN or the name. */
  readonly id: string;
  /** The key of a secret that is a JSON object. */
  readonly key?: string;
}

/**
 * Where AWS keeps the value of an input: the place that gave it, or, where it was given by hand for this run, the first one
 * that its configuration names. Undefined where it is kept nowhere there.
 */
export function storedLocationOf(
  { source }: Input,
  sources: readonly InputSource[],
  terraform: OutputsReading,
): StoredLocation | undefined {
  const places = sources.filter(isStored).flatMap((one) => placesOf(one, terraform));
  if (isByHand(source)) return places[0]?.place;
  return places.find(({ from }) => from.kind === source.kind && from.detail === source.detail)?.place;
}

/** The places that a source may mean, with what an input from there is said to come from. */
function placesOf(
  source: StoredSource,
  terraform: OutputsReading,
): readonly { readonly place: StoredLocation; readonly from: Source }[] {
  const ids = idsOf(source, terraform);
  if ('unread' in ids || ids.id === undefined) return [];
  const { id } = ids;
  if ('ssm' in source) {
    return [{ place: { store: 'ssm', id }, from: { kind: 'ssm', detail: parameterNameOf(id) } }];
  }
  const name = secretNameOf(id);
  const { key } = source.secretsManager;
  if (key === undefined) {
    return [{ place: { store: 'secretsManager', id }, from: { kind: 'secretsmanager', detail: name } }];
  }
  return listOf(key).map((one) => ({
    place: { store: 'secretsManager', id, key: one },
    from: { kind: 'secretsmanager', detail: `${name} ${one}` },
  }));
}

type Ids = { readonly unread: 'terraform' } | { readonly id?: string; readonly notes: readonly string[] };

function idsOf(source: StoredSource, { asked, findings, outputs, describe }: OutputsReading): Ids {
  const place = 'ssm' in source ? source.ssm : source.secretsManager;
  if (typeof place === 'string') return { id: place, notes: [] };
  if ('id' in place) return { id: place.id, notes: [] };
  if ('name' in place) return { id: place.name, notes: [] };
  if (findings.length > 0) return { unread: 'terraform' };
  if (!asked) return { notes: ['no Terraform outputs were given (--terraform-dir or --outputs-file)'] };
  const notes: string[] = [];
  for (const name of nameOutputsOf(source)) {
    const value = outputs.get(name)?.value;
    if (typeof value === 'string' && value.trim() !== '') return { id: value.trim(), notes };
    const why = value === undefined || value === null ? 'not there' : value === '' ? 'is empty ("")' : 'is not a name';
    notes.push(`${describe(name)}: ${why}`);
  }
  return { notes };
}

function textAnswer(text: string, source: Source, isSecret: boolean): StoredAnswer {
  if (text === '') return { note: `${source.kind} ${source.detail}: is empty`, refused: 'empty' };
  return { found: { value: text, source, isSecret } };
}

/** A value of a secret that is a JSON object, as those that RDS and DocumentDB make for themselves. */
function keyAnswer(text: string, keys: readonly string[], name: string): StoredAnswer {
  const json = parseJsonObject(text);
  if (json === undefined) return { absence: noJson(name) };
  const key = keys.find((one) => Object.hasOwn(json, one));
  if (key === undefined) return { absence: noKey(name, keys, Object.keys(json)) };
  const value = json[key];
  const source: Source = { kind: 'secretsmanager', detail: `${name} ${key}` };
  const place = `${source.kind} ${source.detail}`;
  if (value === undefined || value === null || value === '') return { note: `${place}: is empty`, refused: 'empty' };
  if (typeof value === 'object') return { note: `${place}: is not a single value`, refused: 'type' };
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    return { note: `${place}: is a number whose digits JSON doesn't keep: write it in quotes`, refused: 'type' };
  return { found: { value, source, isSecret: true } };
}

/** The parser's message quotes the text: it is never shown. */
function noJson(name: string): Finding {
  const cause = `The secret ${name} is no JSON object, so it has no keys.`;
  return errorFinding(
    'inputs/secret-json',
    cause,
    'Leave out `key` in the configuration, to take all of it, or store a JSON object.',
  );
}

/** So many keys are shown, and so much of each. */
const keysShown = 20;
const keyLength = 60;

function noKey(name: string, keys: readonly string[], present: readonly string[]): Finding {
  const wanted = keys.length === 1 ? keys.join() : `${keys.slice(0, -1).join(', ')} or ${keys.at(-1) ?? ''}`;
  const shown = present.slice(0, keysShown).map((key) => key.slice(0, keyLength));
  const list = present.length === 0 ? 'none' : `${shown.join(', ')}${present.length > keysShown ? ', ...' : ''}`;
  return errorFinding(
    'inputs/secret-key',
    `The secret ${name} has no key ${wanted}.`,
    'Correct `key` in the configuration, or add that key to the secret.',
    { evidence: [`the keys that it has: ${list}`] },
  );
}
