import type { Caller } from '../aws/caller.ts';
import type { InputSource } from '../config/schema.ts';
import type { Environment } from '../context.ts';
import type { Json } from '../model/json.ts';
import type { Output } from './decode-outputs.ts';
import type { Found } from './given.ts';
import type { InputSpec } from './specs.ts';
import type { OutputsReading } from './terraform.ts';

/** What a search in an input's sources found, or why each of them had nothing. */
export interface Search {
  readonly found?: Found;
  readonly notes: readonly string[];
  /** A value was there, but could not be used. */
  readonly refused?: 'empty' | 'type';
  /** A source could not be asked at all; its own finding says why. */
  readonly unread: readonly ('terraform' | 'aws')[];
}

/** Looks through the sources of an input in order. AWS is asked only when a source of that kind is reached. */
export async function searchSources(
  spec: InputSpec,
  terraform: OutputsReading,
  askCaller: () => Promise<Caller | undefined>,
): Promise<Search> {
  const notes: string[] = [];
  const unread = new Set<'terraform' | 'aws'>();
  let refused: Search['refused'];
  for (const source of spec.sources) {
    if ('aws' in source) {
      const caller = await askCaller();
      if (caller !== undefined) return { found: fromCaller(caller, source.aws), notes, unread: [] };
      unread.add('aws');
      continue;
    }
    if (terraform.findings.length > 0) unread.add('terraform');
    else if (!terraform.asked) notes.push('no Terraform outputs were given (--terraform-dir or --outputs-file)');
    else {
      for (const name of outputNamesOf(source)) {
        const answer = fromOutput(name, terraform);
        if ('found' in answer) return { found: answer.found, notes, unread: [] };
        notes.push(answer.note);
        refused ??= answer.refused;
      }
    }
  }
  return { notes: [...new Set(notes)], unread: [...unread], ...(refused === undefined ? {} : { refused }) };
}

/**
 * The region where the flag or a variable names it, for an input whose first source is `aws: region`: that is known
 * without a call to AWS, so it works without credentials too.
 */
export function regionByHand(
  spec: InputSpec,
  { region, env }: { readonly region?: string | undefined; readonly env: Environment },
): Found | undefined {
  const [first] = spec.sources;
  if (first === undefined || !('aws' in first) || first.aws !== 'region') return undefined;
  const variable = ['AWS_REGION', 'AWS_DEFAULT_REGION'].find((name) => (env[name] ?? '') !== '');
  if (region !== undefined && region !== '') return { value: region, source: { kind: 'flag', detail: '--region' } };
  return variable === undefined ? undefined : { value: env[variable] ?? '', source: { kind: 'env', detail: variable } };
}

/** The Terraform outputs that a source names, in order of preference. */
export function outputNamesOf(source: InputSource): readonly string[] {
  if (!('terraform' in source)) return [];
  return typeof source.terraform === 'string' ? [source.terraform] : source.terraform;
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

type Answer = { readonly found: Found } | { readonly note: string; readonly refused: Search['refused'] };

function fromOutput(name: string, { outputs, describe }: OutputsReading): Answer {
  const output: Output | undefined = outputs.get(name);
  const place = describe(name);
  if (output === undefined || output.value === null) return { note: `${place}: not there`, refused: undefined };
  const { value, sensitive } = output;
  // MSK answers "" for the bootstrap brokers of an authentication mode that is off.
  if (typeof value === 'string' && value.trim() === '') return { note: `${place}: is empty ("")`, refused: 'empty' };
  if (typeof value === 'object')
    return { note: `${place}: is ${describeType(value)}, not a single value`, refused: 'type' };
  return { found: { value, sensitive, source: { kind: 'terraform', detail: place } } };
}

function describeType(value: Json): string {
  return Array.isArray(value) ? `a list of ${value.length}` : 'an object';
}
