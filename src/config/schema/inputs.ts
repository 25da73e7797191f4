import * as z from 'zod';
import { namesSchema, scalarSchema } from './names.ts';

/** A secret of AWS Secrets Manager: by itself, or by the Terraform output that has its ARN or name. */
const managedSecretSchema = z.union(
  [
    z.strictObject({ id: z.string().min(1), key: namesSchema.optional() }),
    z.strictObject({ terraform: namesSchema, key: namesSchema.optional() }),
  ],
  { error: 'must have either id (an ARN or a name) or terraform (an output with one), and may have key' },
);

/** A parameter of AWS Systems Manager: its name, or the Terraform output that has it. */
const parameterSchema = z.union(
  [z.string().min(1), z.strictObject({ name: z.string().min(1) }), z.strictObject({ terraform: namesSchema })],
  { error: 'must be the name of a parameter, or have either name or terraform (an output with the name)' },
);

/**
 * One place to look for an input's value. The first source of the list that has one wins.
 * Flags (`--set`), `OMS_INPUT_<NAME>` and `--secrets-file` come before every list; they need no entry.
 */
const inputSourceSchema = z.union(
  [
    /** Outputs in order of preference. `key` is a part of an object (`a.b` is b of a), `join` makes a list one text. */
    z.strictObject({ terraform: namesSchema, key: z.string().min(1).optional(), join: z.string().optional() }),
    z.strictObject({ aws: z.enum(['account', 'region', 'partition', 'dns-suffix']) }),
    z.strictObject({ secretsManager: managedSecretSchema }),
    z.strictObject({ ssm: parameterSchema }),
    /** Variables of the environment, in order of preference. */
    z.strictObject({ env: namesSchema }),
    /** A file whose whole content is the value; its last line break is none of it. */
    z.strictObject({ file: z.string().min(1) }),
    z.strictObject({ value: scalarSchema }),
    /** The question at a terminal; the last of the list. */
    z.strictObject({ prompt: z.string().min(1) }),
  ],
  { error: 'must have one of terraform, aws, secretsManager, ssm, env, file, value, prompt' },
);

/** A piece of a composed value. It is left out where none of the inputs that `when` names has a value. */
const whenSchema = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const composePartSchema = z.union([z.string(), z.strictObject({ when: whenSchema, text: z.string() })], {
  error: 'must be a text, or a mapping with when (the name of an input) and text',
});

/** Who writes a value or a list of sources where the input belongs is told the form. */
function formOfInput({ code, input }: z.core.$ZodRawIssue): string | undefined {
  if (code !== 'invalid_type') return undefined;
  return `must be a mapping${Array.isArray(input) ? ' with the list under sources' : ', such as {default: <value>}'}`;
}

const inputFields = z.strictObject(
  {
    description: z.string().optional(),
    /** Never printed, masked when typed. Where it isn't said, what fills a Secret or is named as a credential is secret. */
    secret: z.boolean().optional(),
    /** Without a value, the mapping entries that hold its placeholder are left out. */
    optional: z.boolean().default(false),
    sources: z.array(inputSourceSchema).default([]),
    default: scalarSchema.optional(),
    /** Of a secret: it is base64 by intent, as in a header of basic authentication. Else that is taken for a mistake. */
    encoding: z.literal('base64').optional(),
    /** The question on a terminal, where no source has a value. */
    prompt: z.string().optional(),
    /** Builds the value from others: `mongodb://${documentdb_username|uri}@...`. `|uri` percent-encodes. */
    compose: z.array(composePartSchema).min(1).optional(),
  },
  { error: formOfInput },
);

/** An input: where its value comes from, and how it is handled. */
export const inputSchema = inputFields
  .superRefine(({ sources }, context) => {
    const end = sources.findIndex((source) => 'value' in source || 'prompt' in source);
    if (end < 0 || end === sources.length - 1) return;
    const message = 'is never reached: the source before it always has an answer';
    context.addIssue({ code: 'custom', path: ['sources', end + 1], message });
  })
  .transform(({ sources, ...entry }) => {
    // A question is asked when all inputs have been looked for: it is the input's, not one place among others.
    const last = sources.at(-1);
    const question = last !== undefined && 'prompt' in last ? { prompt: last.prompt } : {};
    return { ...entry, ...question, sources: sources.filter(isNoQuestion) };
  });

function isNoQuestion(source: AnySource): source is InputSource {
  return !('prompt' in source);
}

type AnySource = z.output<typeof inputSourceSchema>;
export type InputSource = Exclude<AnySource, { prompt: unknown }>;
/** A place of AWS that stores values: Secrets Manager, Parameter Store. */
export type StoredSource = Extract<InputSource, { secretsManager: unknown } | { ssm: unknown }>;
export type InputEntry = z.output<typeof inputSchema>;
export type ComposePart = z.output<typeof composePartSchema>;
