import { namesCredential } from '../inputs/values.ts';
import type { Candidate, FoundInput, Proposal } from './evidence.ts';
import { certainScore, likelyScore, matchOutputs, nearScore, type OutputMatch } from './match-outputs.ts';
import { nameParts, wordsOf } from './names.ts';
import {
  byAwsFact,
  credential,
  type Evidence,
  isImageTag,
  isSecret,
  promptFor,
  type Rule,
  registry,
  scalarOf,
  sourceOf,
  tellingName,
} from './propose-parts.ts';
import { byDeployment, byEnvsubst, byLiteral, computedToday } from './propose-today.ts';

/** From the strongest evidence to the weakest: the first that knows something decides. */
const rules: readonly Rule[] = [
  byDeployment,
  byOutputName,
  byAwsFact,
  byImageTag,
  bySecretOutput,
  byLikelyOutput,
  byRegistry,
  byLiteral,
  byEnvsubst,
  byCredential,
  byUsualPort,
  byFallback,
];

/** Proposes for each input where its value comes from. What no rule knows is open, with what comes near. */
export function propose(inputs: readonly FoundInput[], all: Evidence): readonly Proposal[] {
  return inputs.map((input) => {
    const computed = computedToday(input, all);
    // What a value is cut out of isn't the value.
    const outputs = all.terraform.outputs.filter(({ name }) => name !== computed?.output);
    const evidence = { ...all, terraform: { ...all.terraform, outputs } };
    const found = rules.map((rule) => rule(input, evidence)).find((one) => one !== undefined);
    const secret = isSecret(input) ? { secret: true } : {};
    const base = { input, sources: [], candidates: [], ...secret };
    if (found !== undefined) {
      const fallback =
        input.fallback === undefined || input.fallback === '' ? {} : { default: scalarOf(input.fallback) };
      return { ...base, confidence: 'likely', reason: '', ...fallback, ...found };
    }
    const candidates = matchOutputs(tellingName(input), evidence.terraform.outputs).slice(0, 3).map(candidateOf);
    return { ...base, confidence: 'open', reason: computed?.reason ?? openReason(candidates), candidates };
  });
}

function openReason(candidates: readonly Candidate[]): string {
  return candidates.some(({ isNear }) => isNear)
    ? 'not clear which one is meant'
    : 'nothing here says where it comes from';
}

function byOutputName(input: FoundInput, { terraform }: Evidence): Partial<Proposal> | undefined {
  const [best] = matchOutputs(input.name, terraform.outputs);
  if (best === undefined || best.score < certainScore) return undefined;
  return { confidence: 'certain', sources: [sourceOf(best.output)], reason: best.reason, ...sensitive(input, best) };
}

function sensitive(input: FoundInput, { output }: OutputMatch): Partial<Proposal> {
  return output.sensitive && namesCredential(input.name) ? { secret: true } : {};
}

function byImageTag(input: FoundInput): Partial<Proposal> | undefined {
  if (!isImageTag(input)) return undefined;
  const env = input.name.toUpperCase();
  const flag = input.places.some(({ isOfTagFlag }) => isOfTagFlag === true) ? '--tag, ' : '';
  return {
    sources: [{ env }],
    prompt: 'Tag of the images',
    reason: `stands where a tag does: ${flag}${env} or the question gives it`,
  };
}

/** A user or password of a service whose secret's ARN is an output: RDS and DocumentDB write such secrets. */
function bySecretOutput(input: FoundInput, { terraform }: Evidence): Partial<Proposal> | undefined {
  const { role, services } = nameParts(tellingName(input));
  if (role !== 'password' && role !== 'username') return undefined;
  const arns = terraform.outputs.filter(({ name }) => /secret.*_(?:arn|id|name)s?$|_secret$/.test(name));
  const own = arns.filter(({ name }) => [...services].some((service) => nameParts(name).services.has(service)));
  const [only, ...others] = own;
  if (only === undefined || others.length > 0) return undefined;
  const key = role === 'password' ? 'password' : 'username';
  return {
    sources: [{ secretsManager: { terraform: only.name, key } }],
    prompt: promptFor(input),
    secret: true,
    reason: `this output names the secret of the ${[...services].join(' and ')}; such secrets have the key ${key}`,
  };
}

function byLikelyOutput(input: FoundInput, { terraform }: Evidence): Partial<Proposal> | undefined {
  const matches = matchOutputs(tellingName(input), terraform.outputs);
  const [best] = matches;
  if (best === undefined || best.score < likelyScore) return undefined;
  const equals = matches.filter(({ score }) => score >= best.score - 0.025);
  const variants = variantsOf(equals);
  if (equals.length > 1 && variants === undefined) return undefined;
  const source = variants === undefined ? sourceOf(best.output) : { terraform: variants };
  return { sources: [source], reason: best.reason, ...sensitive(input, best) };
}

/** One thing for each way to log in, of which all but one are empty: the brokers of MSK. In order of preference. */
function variantsOf(equals: readonly OutputMatch[]): readonly string[] | undefined {
  const stems = new Set(
    equals.map(({ output }) =>
      wordsOf(output.name)
        .filter((word) => !listeners.includes(word))
        .join('_'),
    ),
  );
  if (equals.length < 2 || stems.size > 1) return undefined;
  const rank = (name: string): number => 1 + listeners.findIndex((mode) => wordsOf(name).includes(mode));
  return equals.map(({ output }) => output.name).toSorted((a, b) => rank(a) - rank(b));
}

const listeners: readonly string[] = ['iam', 'scram', 'sasl', 'tls', 'plaintext'];

function byRegistry(input: FoundInput, { terraform, deployment }: Evidence): Partial<Proposal> | undefined {
  const isWanted = /^(?:aws_)?(?:ecr|docker|image|container)?_?registry(?:_url|_uri|_host)?$/.test(input.name);
  const usesEcr =
    /ecr|aws/.test(input.name) ||
    terraform.outputs.some(({ name }) => /ecr/.test(name)) ||
    deployment.account !== undefined;
  return isWanted && usesEcr ? registry('the ECR registry of the account and region') : undefined;
}

function byCredential(input: FoundInput): Partial<Proposal> | undefined {
  return namesCredential(input.name) || (input.isMark && isSecret(input)) ? credential(input) : undefined;
}

const usualPorts: Readonly<Record<string, number>> = { redis: 6379, mongo: 27_017, rabbit: 5672, search: 9200 };

function byUsualPort({ name }: FoundInput): Partial<Proposal> | undefined {
  const { role, services, rest } = nameParts(name);
  const [service = ''] = services;
  const port = /postgres|(?:^|_)pg(?:_|$)/.test(name) ? 5432 : /mysql|mariadb/.test(name) ? 3306 : usualPorts[service];
  if (role !== 'port' || port === undefined || rest.size > 0) return undefined;
  return { default: port, reason: 'the usual port; no output says another' };
}

function byFallback({ fallback }: FoundInput): Partial<Proposal> | undefined {
  if (fallback === undefined) return undefined;
  return {
    confidence: 'certain',
    default: scalarOf(fallback),
    reason: 'what the manifest itself says where nothing is given',
  };
}

function candidateOf({ output, reason, score }: OutputMatch): Candidate {
  return { source: sourceOf(output), reason, isNear: score >= nearScore };
}
