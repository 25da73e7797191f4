import { z } from 'zod';
import { tagMistake } from '../model/image.ts';

/** One name, or a list of names in order of preference (aliases). */
const names = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
  error: 'must be a name, or a list of names in order of preference',
});

/** A secret of AWS Secrets Manager: by itself, or by the Terraform output that has its ARN or name. */
const managedSecretSchema = z.union(
  [
    z.strictObject({ id: z.string().min(1), key: names.optional() }),
    z.strictObject({ terraform: names, key: names.optional() }),
  ],
  { error: 'must have either id (an ARN or a name) or terraform (an output with one), and may have key' },
);

/** A parameter of AWS Systems Manager: its name, or the Terraform output that has it. */
const parameterSchema = z.union(
  [z.string().min(1), z.strictObject({ name: z.string().min(1) }), z.strictObject({ terraform: names })],
  { error: 'must be the name of a parameter, or have either name or terraform (an output with the name)' },
);

/**
 * One place to look for an input's value. The first source of the list that has one wins.
 * Flags (`--set`), `OMS_INPUT_<NAME>` and `--secrets-file` come before every list; they need no entry.
 */
const inputSourceSchema = z.union(
  [
    z.strictObject({ terraform: names }),
    z.strictObject({ aws: z.enum(['account', 'region', 'partition', 'dns-suffix']) }),
    z.strictObject({ secretsManager: managedSecretSchema }),
    z.strictObject({ ssm: parameterSchema }),
  ],
  { error: 'must have one of terraform, aws, secretsManager, ssm' },
);

/** A piece of a composed value. It is left out where the input named by `when` has no value. */
const composePartSchema = z.union([z.string(), z.strictObject({ when: z.string().min(1), text: z.string() })]);

const inputSchema = z.strictObject({
  description: z.string().optional(),
  /** Never printed, masked when typed. Where it isn't said, what fills a Secret or is named as a credential is secret. */
  secret: z.boolean().optional(),
  /** Without a value, the mapping entries that hold its placeholder are left out. */
  optional: z.boolean().default(false),
  sources: z.array(inputSourceSchema).default([]),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  /** Of a secret: it is base64 by intent, as in a header of basic authentication. Else that is taken for a mistake. */
  encoding: z.literal('base64').optional(),
  /** The question on a terminal, where no source has a value. */
  prompt: z.string().optional(),
  /** Builds the value from others: `mongodb://${documentdb_username|uri}@...`. `|uri` percent-encodes. */
  compose: z.array(composePartSchema).min(1).optional(),
});

const addonSchema = z.strictObject({
  description: z.string(),
  manifests: z.array(z.string().min(1)).min(1),
});

/** What is deployed instead of an image of the manifests; what isn't said stays. */
const imageSchema = z
  .strictObject({
    repository: z.string().min(1).optional(),
    tag: z
      .string({ error: 'must be a text: write it in quotes' })
      .refine((tag) => tag.includes('${') || tagMistake(tag) === undefined, 'is no tag of an image')
      .optional(),
    digest: z
      .string()
      .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits')
      .optional(),
  })
  .transform(({ repository, tag, digest }) => ({
    ...(repository === undefined ? {} : { repository }),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  }));

/** What the target must be, whatever flags and credentials say: it is checked before anything is written. */
const expectSchema = z.strictObject({
  /** The AWS account of the cluster, the caller and the ECR registry. */
  account: z
    .string({ error: 'must be a text: write it in quotes' })
    .regex(/^\d{12}$/, 'must have 12 digits, in quotes')
    .optional(),
  /** The EKS cluster's name. It is also the cluster that is meant where nothing else names one. */
  cluster: z.string().min(1).optional(),
  region: z.string().min(1).optional(),
  /** ECR registries of other accounts or regions that images may come from: `602401143452.dkr.ecr.us-west-2.amazonaws.com`. */
  registries: z.array(z.string().min(1)).default([]),
});

/** oms-deploy.yaml. The built-in application in templates/ is described by a file of the same form. */
export const configSchema = z.strictObject({
  /** Goes into `app.kubernetes.io/part-of` and every title. A DNS label. */
  application: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be a DNS label: a-z, 0-9 and -'),
  namespace: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a DNS label: a-z, 0-9 and -'),
  /** Files and folders, relative to the configuration file. */
  manifests: z.array(z.string().min(1)).min(1),
  inputs: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be snake_case'), inputSchema).default({}),
  expect: expectSchema.default({ registries: [] }),
  /** By their whole repository, or its last parts: `order-ingestion`, `crypto-oms/order-ingestion`. */
  images: z.record(z.string().min(1), imageSchema).default({}),
  /** Images without a version, or with the tag latest, may be deployed. */
  allowLatest: z.boolean().default(false),
  /** The name of a Secret with an ECR token, for nodes whose role may not pull. */
  imagePullSecret: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'must be the name of a Secret: a-z, 0-9, - and .')
    .optional(),
  /** Parts that are off unless `--with <name>` asks for them. */
  addons: z.record(z.string(), addonSchema).default({}),
});

/** The fields that may stand at a place of the configuration, for who mistyped one. */
export function fieldNames([first, , third, , fifth]: readonly PropertyKey[]): readonly string[] {
  if (first === 'inputs') {
    if (third === undefined) return Object.keys(inputSchema.shape);
    if (third === 'compose') return ['when', 'text'];
    if (fifth === 'secretsManager') return ['id', 'terraform', 'key'];
    return fifth === 'ssm' ? ['name', 'terraform'] : ['terraform', 'aws', 'secretsManager', 'ssm'];
  }
  if (first === 'expect') return Object.keys(expectSchema.shape);
  if (first === 'images') return ['repository', 'tag', 'digest'];
  return Object.keys(first === 'addons' ? addonSchema.shape : configSchema.shape);
}

export type InputSource = z.output<typeof inputSourceSchema>;
/** A place of AWS that stores values: Secrets Manager, Parameter Store. */
export type StoredSource = Extract<InputSource, { secretsManager: unknown } | { ssm: unknown }>;
export type Expect = z.output<typeof expectSchema>;
export type InputEntry = z.output<typeof inputSchema>;
export type ComposePart = z.output<typeof composePartSchema>;

/** A configuration that was read: paths in it are relative to `directory`. */
export type Config = z.output<typeof configSchema> & {
  readonly file: string;
  readonly directory: string;
  /** A file of the user's; without one the built-in application, or manifests that were given alone. */
  readonly origin: 'file' | 'built-in' | 'manifests';
};
