import { namesCredential } from '../inputs/values.ts';
import { formatOrigin } from '../model/object.ts';
import type { DeploymentEvidence, FoundInput, Known, Proposal } from './evidence.ts';
import {
  asked,
  byAwsFact,
  credential,
  type Evidence,
  isImageTag,
  isSecret,
  registry,
  scalarOf,
  sourceOf,
} from './propose-parts.ts';

/** What the deployment of today puts there: a `sed` for its text, or a variable of its name. */
export function byDeployment(input: FoundInput, evidence: Evidence): Partial<Proposal> | undefined {
  const known = setToday(input, evidence.deployment);
  if (known === undefined || known.meaning.kind === 'literal' || known.meaning.kind === 'computed') return undefined;
  // A variable with the region only repeats what AWS says, and what is looked at then.
  if (known.meaning.kind === 'env' && byAwsFact(input) !== undefined) return undefined;
  return asKnown(input, known, evidence);
}

/** A fixed text says less than an output or a fact of the same name: it holds for one stage only. */
export function byLiteral(input: FoundInput, { deployment }: Evidence): Partial<Proposal> | undefined {
  const known = setToday(input, deployment);
  if (known?.meaning.kind !== 'literal') return undefined;
  const at = formatOrigin(known.origin);
  if (isSecret(input)) return { ...credential(input), reason: `stands in clear in ${at}, where it should not` };
  return { default: scalarOf(known.meaning.value), reason: `set to this value today (${at})` };
}

/** What the script of today makes itself, from which output and where: nothing outside of it has the value. */
export function computedToday(
  input: FoundInput,
  { deployment }: Evidence,
): { readonly output?: string; readonly reason: string } | undefined {
  const known = setToday(input, deployment);
  if (known?.meaning.kind !== 'computed') return undefined;
  const { output } = known.meaning;
  const from = output === undefined ? '' : ` from the output ${output}`;
  const reason = `computed${from} today (${formatOrigin(known.origin)}): an output of its own has to give it`;
  return { ...(output === undefined ? {} : { output }), reason };
}

function setToday({ name, texts }: FoundInput, { replaced, variables }: DeploymentEvidence): Known | undefined {
  const bare = texts.map((text) => text.replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, ''));
  const inTexts = [...texts, ...bare].map((text) => replaced.get(text));
  const inVariables = [...bare, name.toUpperCase()].map((one) => variables.get(one));
  return [...inTexts, ...inVariables].find((one) => one !== undefined);
}

/** Nothing sets it, but `envsubst` takes it from wherever it runs. */
export function byEnvsubst(input: FoundInput, evidence: Evidence): Partial<Proposal> | undefined {
  const { envsubst } = evidence.deployment;
  const name = input.texts.map((text) => /^\$\{?([A-Za-z_]\w*)/.exec(text)?.[1]).find((one) => one !== undefined);
  if (envsubst === undefined || name === undefined || computedToday(input, evidence) !== undefined) return undefined;
  const reason = `envsubst takes it from the environment today (${formatOrigin(envsubst)})`;
  return { sources: [{ env: name }], reason, ...asked(input) };
}

function asKnown(
  input: FoundInput,
  { meaning, origin }: Known,
  { terraform }: Evidence,
): Partial<Proposal> | undefined {
  const at = `(${formatOrigin(origin)})`;
  const sure = { confidence: 'certain' } as const;
  switch (meaning.kind) {
    case 'terraform': {
      const output = terraform.outputs.find(({ name }) => name === meaning.output);
      const source = output === undefined ? { terraform: meaning.output } : sourceOf(output);
      const doubt =
        output === undefined && terraform.outputs.length > 0 ? ', though no output of this name was found' : '';
      return {
        ...(doubt === '' ? sure : {}),
        sources: [source],
        reason: `set from this output today ${at}${doubt}`,
        ...asked(input),
      };
    }
    case 'aws':
      return { ...sure, sources: [{ aws: meaning.fact }], reason: `the caller's ${meaning.fact}, as today ${at}` };
    case 'secretsManager': {
      const { id, key } = meaning;
      const secret = typeof id === 'string' ? { id } : id;
      const source = { secretsManager: { ...secret, ...(key === undefined ? {} : { key }) } };
      return { ...sure, sources: [source], secret: true, reason: `read from this secret today ${at}` };
    }
    case 'ssm':
      return { ...sure, sources: [{ ssm: meaning.name }], reason: `read from this parameter today ${at}` };
    case 'registry':
      return { ...registry(`the registry of the account, as today ${at}`), ...sure };
    case 'env': {
      const { isSecret: fromSecrets, fallback } = meaning;
      // Whoever deploys by hand has no GITHUB_SHA.
      const names = [...new Set([...(isImageTag(input) ? [input.name.toUpperCase()] : []), ...meaning.names])];
      const env = names.length === 1 ? (names[0] ?? '') : names;
      const tag = isImageTag(input) ? { prompt: 'Tag of the images' } : asked(input);
      return {
        ...sure,
        sources: [{ env }],
        ...(fallback === undefined ? {} : { default: scalarOf(fallback) }),
        ...(fromSecrets && !isPublicName(input.name) ? { secret: true } : {}),
        ...(fallback === undefined ? tag : {}),
        reason: `a ${fromSecrets ? 'secret of CI' : 'variable of the environment'} today ${at}`,
      };
    }
    case 'computed':
    case 'literal':
      return undefined;
  }
}

function isPublicName(name: string): boolean {
  return /region|account|registry|host|endpoint|url|arn|_id$/.test(name) && !namesCredential(name);
}
