import { namesCredential } from '../inputs/values.ts';
import type { Scalar } from '../model/json.ts';
import { formatOrigin } from '../model/object.ts';
import type {
  Candidate,
  DeploymentEvidence,
  FoundInput,
  Known,
  Proposal,
  SourceDraft,
  TerraformEvidence,
} from './evidence.ts';
import { lastNameIn } from './hits.ts';
import { certainScore, likelyScore, matchOutputs, nearScore, type OutputMatch } from './match-outputs.ts';
import { nameParts, wordsOf } from './names.ts';

/** What there is to judge by. */
export interface Evidence {
  readonly deployment: DeploymentEvidence;
  readonly terraform: TerraformEvidence;
}

/** A part of a proposal that a rule has found; undefined where it knows nothing. */
type Rule = (input: FoundInput, evidence: Evidence) => Partial<Proposal> | undefined;

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
export function propose(inputs: readonly FoundInput[], evidence: Evidence): readonly Proposal[] {
  return inputs.map((input) => {
    const found = rules.map((rule) => rule(input, evidence)).find((one) => one !== undefined);
    const secret = isSecret(input) ? { secret: true } : {};
    const base = { input, sources: [], candidates: [], ...secret };
    if (found !== undefined) {
      const fallback =
        input.fallback === undefined || input.fallback === '' ? {} : { default: scalarOf(input.fallback) };
      return { ...base, confidence: 'likely', reason: '', ...fallback, ...found };
    }
    const candidates = matchOutputs(tellingName(input), evidence.terraform.outputs).slice(0, 3).map(candidateOf);
    return { ...base, confidence: 'open', reason: openReason(candidates), candidates };
  });
}

/**
 * The name to judge by. One that says only what kind of value it is, as `password`, is told by the field that it stands in:
 * `stringData.documentdb-password`.
 */
function tellingName({ name, places }: FoundInput): string {
  const { services, role, rest } = nameParts(name);
  if (services.size > 0 || rest.size > 0) return name;
  const fields = places.map(({ field }) => lastNameIn(field));
  const telling = fields.find(
    (field) => nameParts(field).services.size > 0 && [undefined, nameParts(field).role].includes(role),
  );
  return telling ?? name;
}

function openReason(candidates: readonly Candidate[]): string {
  return candidates.some(({ isNear }) => isNear)
    ? 'not clear which one is meant'
    : 'nothing here says where it comes from';
}

function isSecret({ name, places }: FoundInput): boolean {
  return (
    namesCredential(name) ||
    places.some(({ isSecret: inSecret, field }) => inSecret && !/url|host|port|user/i.test(field))
  );
}

/** What the deployment of today puts there: a `sed` for its text, or a variable of its name. */
function byDeployment(input: FoundInput, evidence: Evidence): Partial<Proposal> | undefined {
  const known = setToday(input, evidence.deployment);
  if (known === undefined || known.meaning.kind === 'literal') return undefined;
  // A variable with the region only repeats what AWS says, and what is looked at then.
  if (known.meaning.kind === 'env' && byAwsFact(input) !== undefined) return undefined;
  return asKnown(input, known, evidence);
}

/** A fixed text says less than an output or a fact of the same name: it holds for one stage only. */
function byLiteral(input: FoundInput, { deployment }: Evidence): Partial<Proposal> | undefined {
  const known = setToday(input, deployment);
  if (known?.meaning.kind !== 'literal') return undefined;
  const at = formatOrigin(known.origin);
  if (isSecret(input)) return { ...credential(input), reason: `stands in clear in ${at}, where it should not` };
  return { default: scalarOf(known.meaning.value), reason: `set to this value today (${at})` };
}

function setToday({ name, texts }: FoundInput, { replaced, variables }: DeploymentEvidence): Known | undefined {
  const bare = texts.map((text) => text.replaceAll(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, ''));
  const inTexts = [...texts, ...bare].map((text) => replaced.get(text));
  const inVariables = [...bare, name.toUpperCase()].map((one) => variables.get(one));
  return [...inTexts, ...inVariables].find((one) => one !== undefined);
}

/** Nothing sets it, but `envsubst` takes it from wherever it runs. */
function byEnvsubst(input: FoundInput, { deployment: { envsubst } }: Evidence): Partial<Proposal> | undefined {
  const name = input.texts.map((text) => /^\$\{?([A-Za-z_]\w*)/.exec(text)?.[1]).find((one) => one !== undefined);
  if (envsubst === undefined || name === undefined) return undefined;
  const reason = `envsubst takes it from the environment today (${formatOrigin(envsubst)})`;
  return { sources: [{ env: name }], reason, ...asked(input) };
}

/** As YAML would read it: `3` is a number. Where a field wants a text, it becomes one again. */
function scalarOf(text: string): Scalar {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^(?:0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
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
    case 'literal':
      return undefined;
  }
}

function isPublicName(name: string): boolean {
  return /region|account|registry|host|endpoint|url|arn|_id$/.test(name) && !namesCredential(name);
}

function byOutputName(input: FoundInput, { terraform }: Evidence): Partial<Proposal> | undefined {
  const [best] = matchOutputs(input.name, terraform.outputs);
  if (best === undefined || best.score < certainScore) return undefined;
  return { confidence: 'certain', sources: [sourceOf(best.output)], reason: best.reason, ...sensitive(input, best) };
}

function sensitive(input: FoundInput, { output }: OutputMatch): Partial<Proposal> {
  return output.sensitive && namesCredential(input.name) ? { secret: true } : {};
}

const awsFacts: readonly (readonly [pattern: RegExp, fact: 'account' | 'region' | 'partition' | 'dns-suffix'])[] = [
  [/^(?:aws_)?account(?:_?id|_number|_no)?$|^aws_acct(?:_id)?$|^ecr_account(?:_id)?$/, 'account'],
  [/^(?:aws_|eks_|ecr_)?(?:default_)?region$/, 'region'],
  [/^aws_partition$/, 'partition'],
  [/^(?:aws_)?dns_suffix$/, 'dns-suffix'],
];

function byAwsFact({ name }: FoundInput): Partial<Proposal> | undefined {
  const fact = awsFacts.find(([pattern]) => pattern.test(name))?.[1];
  if (fact === undefined) return undefined;
  return { confidence: 'certain', sources: [{ aws: fact }], reason: `AWS says it: the ${fact} of who deploys` };
}

function isImageTag({ name, places }: FoundInput): boolean {
  if (places.some(({ imagePart }) => imagePart === 'tag')) return true;
  return /^(?:(?:\w+_)?(?:image|app|docker|container|build|release)_(?:tag|version|sha)|tag|git_(?:sha|commit)|commit(?:_sha)?|image_?tag)$/.test(
    name,
  );
}

function byImageTag(input: FoundInput): Partial<Proposal> | undefined {
  if (!isImageTag(input)) return undefined;
  const env = input.name.toUpperCase();
  return {
    sources: [{ env }],
    prompt: 'Tag of the images',
    reason: `stands where a tag does: --tag, ${env} or the question gives it`,
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

function registry(reason: string): Partial<Proposal> {
  return { compose: '${aws_account_id}.dkr.ecr.${aws_region}.${aws_dns_suffix}', reason };
}

function byCredential(input: FoundInput): Partial<Proposal> | undefined {
  return namesCredential(input.name) || (input.isMark && isSecret(input)) ? credential(input) : undefined;
}

/** Nobody can know a password from files, and no file should have it. */
function credential(input: FoundInput): Partial<Proposal> {
  return {
    sources: [],
    secret: true,
    prompt: promptFor(input),
    reason: 'a credential: asked for, or from the environment',
  };
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

function asked(input: FoundInput): Partial<Proposal> {
  return isSecret(input) ? { prompt: promptFor(input), secret: true } : {};
}

/** `db_password` as a question: `Db password`. */
export function promptFor({ name }: Pick<FoundInput, 'name'>): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function candidateOf({ output, reason, score }: OutputMatch): Candidate {
  return { source: sourceOf(output), reason, isNear: score >= nearScore };
}

function sourceOf({ name, isList }: OutputMatch['output']): SourceDraft {
  return isList ? { terraform: name, join: ',' } : { terraform: name };
}
