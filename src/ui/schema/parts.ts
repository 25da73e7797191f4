import * as z from 'zod';
import type { SourceKind } from '../../model/input.ts';

/** What several events and results of `--output json` are made of. Named parts become definitions of the JSON Schema. */

/** A time, as `Date#toISOString` writes it. */
export const timeSchema = z.string().describe('UTC, ISO 8601');

export const countSchema = z.int().min(0);

/** Milliseconds; some clocks give fractions. */
export const elapsedSchema = z.number().min(0).describe('milliseconds');

/** Anything that JSON can hold. */
export const valueSchema = z.unknown();

export const scalarSchema = z.union([z.string(), z.number(), z.boolean()]);

export const refSchema = z
  .strictObject({
    apiVersion: z.string(),
    kind: z.string(),
    namespace: z.string().optional().describe('absent for cluster-scoped kinds'),
    name: z.string(),
  })
  .meta({ id: 'object', title: 'What identifies an object in a cluster' });

export const findingSchema = z
  .strictObject({
    id: z.string().describe('stable: area/what, such as service/endpoints'),
    severity: z.enum(['error', 'warning', 'info']),
    object: z.string().nullable().describe('kind namespace/name'),
    file: z.string().nullable(),
    line: z.int().nullable(),
    column: z.int().optional().describe('only of the configuration'),
    cause: z.string().describe('a sentence'),
    evidence: z.array(z.string()),
    hits: z
      .array(z.string())
      .optional()
      .describe('what else the cause hits, a line each: an object, and what shows there'),
    fix: z.string().describe('what to do, beginning with a verb'),
  })
  .meta({ id: 'finding', title: 'Something that a check has to say' });

export const findingsSchema = z.array(findingSchema);

export const changesSchema = z
  .strictObject({ created: countSchema, updated: countSchema, unchanged: countSchema, deleted: countSchema })
  .meta({ id: 'changes', title: 'How many objects' });

export const changeOpSchema = z.enum(['create', 'update', 'unchanged', 'delete']);

export const fieldChangeSchema = z
  .strictObject({
    path: z.string(),
    before: valueSchema.optional().describe('absent where there was none; a fingerprint or **** where it is secret'),
    after: valueSchema.optional().describe('absent where there is none'),
  })
  .meta({ id: 'field', title: 'A field that differs' });

const sourceKinds: SourceKind[] = [
  ...(['terraform', 'aws', 'secretsmanager', 'ssm', 'env', 'file'] as const),
  ...(['flag', 'prompt', 'config', 'default', 'composed'] as const),
];

export const sourceSchema = z
  .strictObject({
    kind: z.literal(sourceKinds),
    detail: z.string(),
  })
  .meta({ id: 'source', title: 'Which place gave an input its value' });

export const releaseNumberSchema = z.int().min(1);

export const releaseStatusSchema = z
  .enum(['deploying', 'deployed', 'failed', 'interrupted'])
  .describe('interrupted: stopped, or its run has died');

/** What a list of releases says of one; a whole release has it, too. */
export const summaryShape = {
  number: releaseNumberSchema,
  status: releaseStatusSchema,
  action: z.string().describe('up, rollback to 3, rollout set-image web example.com/web:2'),
  startedAt: timeSchema,
  endedAt: timeSchema.nullable().describe('null while it runs, and where its run has died'),
  toolVersion: z.string(),
  message: z.string().nullable().describe('why it did not end well, in one sentence'),
  author: z.strictObject({
    user: z.string(),
    host: z.string(),
    arn: z.string().optional().describe('the AWS identity'),
    url: z.string().optional().describe('the run in CI'),
  }),
  commit: z
    .strictObject({
      hash: z.string(),
      branch: z.string().optional(),
      dirty: z.boolean().describe('there were changes that are not in the commit'),
    })
    .nullable(),
  changes: changesSchema,
};

export const summarySchema = z
  .strictObject(summaryShape)
  .meta({ id: 'release', title: 'A release, as a list of releases shows it' });
