import type { Environment } from '../context.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import type { Source } from '../model/input.ts';
import type { Scalar } from '../model/json.ts';
import { didYouMean, suggest } from '../model/suggest.ts';
import { secretNames } from './compose.ts';
import { envNameOf, inputOfEnvName } from './names.ts';
import { readSecretsFile } from './secrets-file.ts';
import type { InputSpec, InputSpecs } from './specs.ts';
import { unknownNames } from './unknown.ts';

/** A value with the place that gave it. */
export interface Found {
  readonly value: Scalar;
  readonly source: Source;
  /** Terraform's own mark. */
  readonly sensitive?: boolean;
  /** Its place is one for secrets: Secrets Manager, a SecureString. */
  readonly isSecret?: boolean;
}

/** What the user gave by hand, and what was wrong with it. */
export interface Given {
  readonly values: ReadonlyMap<string, Found>;
  readonly findings: readonly Finding[];
  /** Why a place that was there gave no value, by input: `OMS_INPUT_X is set but empty`. */
  readonly notes: ReadonlyMap<string, readonly string[]>;
  /** Inputs whose `--set` was refused: their finding is there, "missing" would be a second one. */
  readonly refused: ReadonlySet<string>;
  /** The finding of a secrets file that could not be read: what it holds is unknown. */
  readonly unreadFile?: Finding;
}

export interface GivenRequest {
  readonly specs: InputSpecs;
  /** `name=value`, as typed after `--set`. */
  readonly set: readonly string[];
  readonly secretsFile?: string | undefined;
  readonly env: Environment;
  readonly cwd: string;
  /** The add-ons that would have an input which this run doesn't know. */
  readonly addonsWith?: (input: string) => Promise<readonly string[]>;
}

/** The values of `--set`, `OMS_INPUT_<NAME>` and `--secrets-file`, the first of them first. */
export async function readGiven(request: GivenRequest): Promise<Given> {
  const { specs, env, secretsFile, cwd } = request;
  const names = Object.keys(specs);
  const flags = await readFlags(request, names);
  const file = secretsFile === undefined ? undefined : await readSecretsFile(secretsFile, names, cwd);
  const values = new Map<string, Found>();
  const notes = new Map<string, readonly string[]>();
  for (const name of names) {
    const variable = envNameOf(name);
    const entry = file?.values.get(name);
    const inFile = { kind: 'file', detail: `${secretsFile ?? ''}:${entry?.line ?? 0}` } as const;
    const candidates = [
      { value: flags.values.get(name), source: { kind: 'flag', detail: `--set ${name}` } as const, empty: '' },
      {
        value: env[variable],
        source: { kind: 'env', detail: variable } as const,
        empty: `${variable} is set but empty`,
      },
      { value: entry?.value, source: inFile, empty: `its value in ${inFile.detail} is empty` },
    ];
    const given = candidates.find(({ value }) => value !== undefined && value !== '');
    if (given?.value !== undefined) values.set(name, { value: given.value, source: given.source });
    // A CI system sets a variable to "" where its secret doesn't exist: that is "not given", but worth a word.
    notes.set(
      name,
      candidates.filter(({ value, empty }) => value === '' && empty !== '').map(({ empty }) => empty),
    );
  }
  const unreadFile = file?.wasRead === false ? file.findings[0] : undefined;
  const ofFile = unreadFile === undefined ? (file?.findings ?? []) : [];
  const findings = [...flags.findings, ...unknownVariables(env, names), ...ofFile];
  return { values, findings, notes, refused: flags.refused, ...(unreadFile === undefined ? {} : { unreadFile }) };
}

interface Flags {
  readonly values: ReadonlyMap<string, string>;
  readonly findings: readonly Finding[];
  readonly refused: ReadonlySet<string>;
}

async function readFlags({ specs, set, addonsWith }: GivenRequest, names: readonly string[]): Promise<Flags> {
  const values = new Map<string, string>();
  const findings: Finding[] = [];
  const refused = new Set<string>();
  const secret = secretNames(specs);
  for (const [index, argument] of set.entries()) {
    const equals = argument.indexOf('=');
    const name = argument.slice(0, equals).trim();
    const value = argument.slice(equals + 1);
    if (equals < 1) findings.push(names.includes(argument) ? emptyFlag(argument) : notAnAssignment(index));
    else if (!names.includes(name)) findings.push(await unknownFlag(name, names, secret, addonsWith));
    else if (value !== '' && !secret.has(name)) values.set(name, value);
    else {
      refused.add(name);
      findings.push(secret.has(name) ? secretInArgv(name, specs[name]) : emptyFlag(name));
    }
  }
  return { values, findings, refused };
}

function emptyFlag(name: string): Finding {
  return errorFinding('inputs/empty', `--set ${name} has no value.`, `Write --set ${name}=VALUE, or leave it out.`);
}

/** The argument isn't shown: whatever it is, it may be a secret. */
function notAnAssignment(index: number): Finding {
  return errorFinding(
    'inputs/set',
    `The value of --set number ${index + 1} is not name=value.`,
    'Write --set name=value.',
  );
}

async function unknownFlag(
  name: string,
  names: readonly string[],
  secret: ReadonlySet<string>,
  addonsWith: GivenRequest['addonsWith'],
): Promise<Finding> {
  const addons = (await addonsWith?.(name)) ?? [];
  if (addons.length > 0) {
    const cause = `--set names ${name}, an input of what is off: ${addons.join(', ')}.`;
    const fix = `Switch it on: --with ${addons.join(', or --with ')}. Else leave out --set ${name}.`;
    return errorFinding('inputs/unknown', cause, fix);
  }
  const [near] = suggest(name, names);
  const notHere =
    near !== undefined && secret.has(near) ? ` ${near} is secret: set ${envNameOf(near)} or use --secrets-file.` : '';
  const fix = `${didYouMean(name, names) || `Use one of: ${names.join(', ')}.`}${notHere}`;
  return errorFinding('inputs/unknown', `--set names ${name}, which is no input.`, fix);
}

function secretInArgv(name: string, spec: InputSpec | undefined): Finding {
  const since = spec?.secretSince === undefined ? 'is secret' : `${spec.secretSince}, so it is secret`;
  const wayOut =
    spec?.secretSince === undefined ? '' : ` If it is none, say so in the configuration: ${name}: {secret: false}.`;
  return errorFinding(
    'inputs/secret-in-argv',
    `${name} ${since}: on the command line every user of this machine can read it, and the shell's history keeps it.`,
    `Set ${envNameOf(name)} or use --secrets-file, and change the secret if this machine is shared.${wayOut}`,
  );
}

function unknownVariables(env: Environment, names: readonly string[]): readonly Finding[] {
  const variables = Object.keys(env).filter((variable) => {
    const name = inputOfEnvName(variable);
    return name !== undefined && env[variable] !== undefined && !names.includes(name);
  });
  const known = names.map(envNameOf);
  return unknownNames(
    variables.map((variable) => ({
      shown: variable,
      verb: 'is set, but there is no such input',
      near: didYouMean(variable, known),
    })),
  );
}
