import { errorFinding, type Finding } from '../model/finding.ts';
import { didYouMean, suggest } from '../model/suggest.ts';
import { capitalized } from '../model/text.ts';
import { envNameOf, listOf } from './names.ts';
import { outputNamesOf, type Search } from './sources.ts';
import type { InputSpec, InputSpecs } from './specs.ts';
import { isStored, nameOutputsOf } from './stored.ts';
import type { OutputsReading } from './terraform.ts';

/** What the finding for an input without a value is made of. */
export interface MissingInput {
  readonly name: string;
  readonly spec: InputSpec;
  readonly search: Search;
  readonly givenNotes: readonly string[];
  readonly terraform: OutputsReading;
  readonly usesSecretsFile: boolean;
  /** `--tag` would say it, too. */
  readonly byTag: boolean;
}

/** The one finding for a required input that nothing gave: where we looked, what is near, and how to give it. */
export function missingInput(missing: MissingInput): Finding {
  const { name, spec, search, terraform } = missing;
  const id = { empty: 'inputs/empty', type: 'inputs/type', none: 'inputs/missing' }[search.refused ?? 'none'];
  const about = spec.description === undefined ? '' : ` (${spec.description})`;
  const what = {
    empty: 'has no value: its source is empty',
    type: 'has no value: its source is not a single value',
    none: 'has no value',
  }[search.refused ?? 'none'];
  const wanted = spec.sources.flatMap(outputNamesOf);
  const near = nearOutputs([...wanted, ...spec.sources.filter(isStored).flatMap(nameOutputsOf)], terraform);
  const addable = wanted.find((output) => !terraform.outputs.has(output));
  const evidence = [...placesLookedAt(missing), ...near.evidence];
  return errorFinding(
    id,
    `The input ${name}${about} ${what}.`,
    near.hint + howToGive(missing, addable, near.hint !== ''),
    { evidence, ...(spec.origin === undefined ? {} : { origin: spec.origin }) },
  );
}

function placesLookedAt({ name, spec, search, givenNotes, usesSecretsFile }: MissingInput): readonly string[] {
  const variable = envNameOf(name);
  const notSet = givenNotes.some((note) => note.startsWith(variable)) ? [] : [`${variable} is not set`];
  const file =
    usesSecretsFile && spec.secret && !givenNotes.some((note) => note.startsWith('its value in'))
      ? ['the secrets file has no such key']
      : [];
  return [...notSet, ...givenNotes, ...file, ...search.notes];
}

function nearOutputs(
  wanted: readonly string[],
  terraform: OutputsReading,
): { readonly hint: string; readonly evidence: readonly string[] } {
  const absent = wanted.filter((name) => !terraform.outputs.has(name));
  if (absent.length === 0 || terraform.outputs.size === 0) return { hint: '', evidence: [] };
  const names = [...terraform.outputs.keys()].filter((name) => !wanted.includes(name));
  const best = absent.find((name) => suggest(name, names).length > 0);
  const hint = best === undefined ? '' : `${didYouMean(best, names)} Then name that output in the configuration. `;
  return { hint, evidence: [`the outputs that exist: ${[...terraform.outputs.keys()].sort().join(', ')}`] };
}

function howToGive({ name, spec, byTag }: MissingInput, addable: string | undefined, isSecondAdvice: boolean): string {
  const variable = envNameOf(name);
  const output = addable === undefined ? '' : `, or add the Terraform output ${addable}`;
  const flag = `${byTag ? '--tag TAG or ' : ''}--set ${name}=VALUE`;
  const ways = spec.secret
    ? `set ${variable}, or put it into a file for --secrets-file${inAws(spec)}.`
    : `pass ${flag}, set ${variable}, or put it into a file for --secrets-file${output}${inAws(spec)}.`;
  return isSecondAdvice ? `Otherwise ${ways}` : capitalized(ways);
}

/** The Terraform output by which AWS could give it. Where there is one, it was looked for, and more is known. */
function inAws({ sources }: InputSpec): string {
  const first = sources.find(isStored);
  const [output] = first === undefined ? [] : nameOutputsOf(first);
  if (first === undefined || output === undefined) return '';
  const [key] = 'ssm' in first ? [] : listOf(first.secretsManager.key ?? []);
  const what = 'ssm' in first ? 'the name of a parameter' : 'the ARN of a secret';
  return `, or add the Terraform output ${output} (${what}${key === undefined ? '' : ` with the key ${key}`})`;
}

/** A file of names and values may be anything: one that has none of the outputs that are looked for isn't Terraform's. */
export function strangeFile(
  missing: readonly { readonly spec: InputSpec }[],
  specs: InputSpecs,
  { flatFile, outputs }: OutputsReading,
): readonly Finding[] {
  const isWanted = missing.some(({ spec }) => spec.sources.some((source) => outputNamesOf(source).length > 0));
  if (flatFile === undefined || !isWanted) return [];
  const wanted = Object.values(specs).flatMap(({ sources }) => [
    ...sources.flatMap(outputNamesOf),
    ...sources.filter(isStored).flatMap(nameOutputsOf),
  ]);
  if (wanted.some((name) => outputs.has(name) || suggest(name, outputs.keys()).length > 0)) return [];
  const cause = `${flatFile} doesn't look like Terraform outputs (terraform output -json): it has nothing like those that are looked for.`;
  return [errorFinding('terraform/outputs-file', cause, 'Write it with: terraform output -json > FILE')];
}
