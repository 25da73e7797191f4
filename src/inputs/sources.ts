import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Caller } from '../aws/caller.ts';
import type { InputSource } from '../config/schema.ts';
import type { Environment } from '../context.ts';
import { messageOf, systemCodeOf } from '../errors.ts';
import type { Finding } from '../model/finding.ts';
import { at, type Json, objectOf } from '../model/json.ts';
import type { Output } from './decode-outputs.ts';
import type { Found } from './given.ts';
import { listOf } from './names.ts';
import type { InputSpec } from './specs.ts';
import { isStored, type StoredValues, searchStored } from './stored.ts';
import type { OutputsReading } from './terraform.ts';

/** What a search in an input's sources found, or why each of them had nothing. */
export interface Search {
  readonly found?: Found;
  readonly notes: readonly string[];
  /** A value was there, but could not be used. */
  readonly refused?: 'empty' | 'type';
  /** A source could not be asked at all; its own finding says why. */
  readonly unread: readonly ('terraform' | 'aws')[];
  /** Secrets and parameters that could not be read. */
  readonly failures: readonly Finding[];
  /** Secrets that were read, and don't have the key. */
  readonly absences: readonly Finding[];
}

/** What a search looks into. */
export interface Places {
  readonly env: Environment;
  /** The folder of the configuration, where the paths of files begin. */
  readonly directory: string;
  readonly terraform: OutputsReading;
  readonly askCaller: () => Promise<Caller | undefined>;
  readonly stored: StoredValues;
}

/** Looks through the sources of an input in order. AWS is asked only when a source of that kind is reached. */
export async function searchSources(spec: InputSpec, places: Places): Promise<Search> {
  const notes = new Set<string>();
  const unread = new Set<'terraform' | 'aws'>();
  const failures: Finding[] = [];
  const absences: Finding[] = [];
  let refused: Search['refused'];
  for (const source of spec.sources) {
    for (const answer of await ask(source, places)) {
      if ('found' in answer) return { found: answer.found, notes: [...notes], unread: [], failures, absences: [] };
      if ('unread' in answer) unread.add(answer.unread);
      else if ('failure' in answer) failures.push(answer.failure);
      else if ('absence' in answer) absences.push(answer.absence);
      else {
        notes.add(answer.note);
        refused ??= answer.refused;
      }
    }
  }
  const rest = { notes: [...notes], unread: [...unread], failures, absences };
  return refused === undefined ? rest : { ...rest, refused };
}

/** What one place had. */
type Answer =
  | { readonly found: Found }
  /** It has nothing, or nothing that can be used. */
  | { readonly note: string; readonly refused?: Search['refused'] }
  | { readonly unread: 'terraform' | 'aws' }
  | { readonly failure: Finding }
  | { readonly absence: Finding };

/** The answers of a source in order of preference, the last of them perhaps a value. */
async function ask(source: InputSource, places: Places): Promise<readonly Answer[]> {
  const { terraform, askCaller, stored } = places;
  if ('value' in source)
    return [{ found: { value: source.value, source: { kind: 'config', detail: 'configuration' } } }];
  if ('env' in source) return listOf(source.env).map((name) => fromVariable(name, places.env));
  if ('file' in source) return [await fromFile(source.file, places.directory)];
  if ('aws' in source) {
    const caller = await askCaller();
    return [caller === undefined ? { unread: 'aws' } : { found: fromCaller(caller, source.aws) }];
  }
  if (isStored(source)) return searchStored(source, terraform, stored);
  if (terraform.findings.length > 0) return [{ unread: 'terraform' }];
  if (!terraform.asked) return [{ note: 'no Terraform outputs were given (--terraform-dir or --outputs-file)' }];
  return outputNamesOf(source).map((name) => fromOutput(name, source, terraform));
}

/** The Terraform outputs that a source names, in order of preference. */
export function outputNamesOf(source: InputSource): readonly string[] {
  if (!('terraform' in source)) return [];
  return listOf(source.terraform);
}

function fromCaller(caller: Caller, what: Extract<InputSource, { aws: unknown }>['aws']): Found {
  const values = {
    account: caller.account,
    region: caller.region,
    partition: caller.partition,
    'dns-suffix': caller.dnsSuffix,
  };
  const detail = what === 'region' ? 'region of the AWS configuration' : `${what} of sts:GetCallerIdentity`;
  return { value: values[what], source: { kind: 'aws', detail } };
}

function fromVariable(name: string, env: Environment): Answer {
  const value = env[name];
  if (value === undefined) return { note: `${name} is not set` };
  if (value === '') return { note: `${name} is set but empty`, refused: 'empty' };
  return { found: { value, source: { kind: 'env', detail: name } } };
}

async function fromFile(file: string, directory: string): Promise<Answer> {
  try {
    const text = await readFile(resolve(directory, file), 'utf8');
    // Editors and `echo` end a file with a line break that is none of the value.
    const value = text.replace(/\r?\n$/, '');
    if (value === '') return { note: `the file ${file} is empty`, refused: 'empty' };
    return { found: { value, source: { kind: 'file', detail: file } } };
  } catch (error) {
    const isAbsent = systemCodeOf(error) === 'ENOENT';
    return { note: isAbsent ? `there is no file ${file}` : `the file ${file} can't be read: ${messageOf(error)}` };
  }
}

function fromOutput(
  name: string,
  { key, join }: Extract<InputSource, { terraform: unknown }>,
  { outputs, describe }: OutputsReading,
): Answer {
  const output: Output | undefined = outputs.get(name);
  const place = key === undefined ? describe(name) : `${describe(name)}.${key}`;
  if (output === undefined || output.value === null) return { note: `${place}: not there` };
  const { sensitive } = output;
  const found = key === undefined ? output.value : at(output.value, ...key.split('.'));
  if (found === undefined || found === null) {
    const keys = Object.keys(objectOf(output.value)).join(', ');
    return { note: `${place}: not there${keys === '' ? '' : `; it has ${keys}`}` };
  }
  const value = join !== undefined && Array.isArray(found) ? joined(found as readonly Json[], join) : found;
  // MSK answers "" for the bootstrap brokers of an authentication mode that is off.
  if (typeof value === 'string' && value.trim() === '') return { note: `${place}: is empty ("")`, refused: 'empty' };
  if (typeof value === 'object')
    return { note: `${place}: is ${describeType(value)}, not a single value`, refused: 'type' };
  return { found: { value, sensitive, source: { kind: 'terraform', detail: place } } };
}

/** A list as one text; one with more than scalars in it stays what it is. */
function joined(list: readonly Json[], separator: string): Json {
  return list.every((item) => item !== null && typeof item !== 'object') ? list.join(separator) : list;
}

function describeType(value: Json): string {
  return Array.isArray(value)
    ? `a list of ${value.length} (join makes it one text)`
    : 'an object (key names a part of it)';
}
