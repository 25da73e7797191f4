import { namesCredential } from '../inputs/values.ts';
import type { Scalar } from '../model/json.ts';
import { capitalized } from '../model/text.ts';
import type { DeploymentEvidence, FoundInput, Proposal, SourceDraft, TerraformEvidence } from './evidence.ts';
import { lastNameIn } from './hits.ts';
import type { OutputMatch } from './match-outputs.ts';
import { nameParts } from './names.ts';

/** What there is to judge by. */
export interface Evidence {
  readonly deployment: DeploymentEvidence;
  readonly terraform: TerraformEvidence;
}

/** A part of a proposal that a rule has found; undefined where it knows nothing. */
export type Rule = (input: FoundInput, evidence: Evidence) => Partial<Proposal> | undefined;

/**
 * The name to judge by. One that says only what kind of value it is, as `password`, is told by the field that it stands in:
 * `stringData.documentdb-password`.
 */
export function tellingName({ name, places }: FoundInput): string {
  const { services, role, rest } = nameParts(name);
  if (services.size > 0 || rest.size > 0) return name;
  const fields = places.map(({ field }) => lastNameIn(field));
  const telling = fields.find(
    (field) => nameParts(field).services.size > 0 && [undefined, nameParts(field).role].includes(role),
  );
  return telling ?? name;
}

/** Whether nobody may see the value: by its name, or the place that it fills. */
export function isSecret({ name, places }: FoundInput): boolean {
  return (
    namesCredential(name) ||
    places.some(({ isSecret: inSecret, field }) => inSecret && !/url|host|port|user/i.test(field))
  );
}

/** Whether it stands for the tag of an image. */
export function isImageTag({ name, places }: FoundInput): boolean {
  if (places.some(({ imagePart }) => imagePart === 'tag')) return true;
  return /^(?:(?:\w+_)?(?:image|app|docker|container|build|release)_(?:tag|version|sha)|tag|git_(?:sha|commit)|commit(?:_sha)?|image_?tag)$/.test(
    name,
  );
}

/** Nobody can know a password from files, and no file should have it. */
export function credential(input: FoundInput): Partial<Proposal> {
  return {
    sources: [],
    secret: true,
    prompt: promptFor(input),
    reason: 'a credential: asked for, or from the environment',
  };
}

/** The question for a secret that no place has. */
export function asked(input: FoundInput): Partial<Proposal> {
  return isSecret(input) ? { prompt: promptFor(input), secret: true } : {};
}

/** `db_password` as a question: `Db password`. */
export function promptFor({ name }: Pick<FoundInput, 'name'>): string {
  const words = name.replaceAll('_', ' ');
  return capitalized(words);
}

/** As YAML would read it: `3` is a number. Where a field wants a text, it becomes one again. */
export function scalarOf(text: string): Scalar {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^(?:0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}

/** The source that reads an output; a list becomes one text. */
export function sourceOf({ name, isList }: OutputMatch['output']): SourceDraft {
  return isList ? { terraform: name, join: ',' } : { terraform: name };
}

/** The ECR registry of who deploys. */
export function registry(reason: string): Partial<Proposal> {
  return { compose: '${aws_account_id}.dkr.ecr.${aws_region}.${aws_dns_suffix}', reason };
}

const awsFacts: readonly (readonly [pattern: RegExp, fact: 'account' | 'region' | 'partition' | 'dns-suffix'])[] = [
  [/^(?:aws_)?account(?:_?id|_number|_no)?$|^aws_acct(?:_id)?$|^ecr_account(?:_id)?$/, 'account'],
  [/^(?:aws_|eks_|ecr_)?(?:default_)?region$/, 'region'],
  [/^aws_partition$/, 'partition'],
  [/^(?:aws_)?dns_suffix$/, 'dns-suffix'],
];

/** What AWS says of who deploys. */
export function byAwsFact({ name }: FoundInput): Partial<Proposal> | undefined {
  const fact = awsFacts.find(([pattern]) => pattern.test(name))?.[1];
  if (fact === undefined) return undefined;
  return { confidence: 'certain', sources: [{ aws: fact }], reason: `AWS says it: the ${fact} of who deploys` };
}
