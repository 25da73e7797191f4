import * as z from 'zod';
import {
  fieldChangeSchema,
  findingsSchema,
  refSchema,
  releaseNumberSchema,
  scalarSchema,
  sourceSchema,
  summarySchema,
  summaryShape,
  valueSchema,
} from './parts.ts';
import { timelineSchema } from './timeline.ts';

/** `history`: the releases, the newest first. */
export const listShape = {
  application: z.string(),
  cluster: z.string(),
  namespace: z.string(),
  holder: z.string().optional().describe('who is deploying now'),
  releases: z.array(summarySchema).describe('the newest first'),
};

/** `history show`: all of one. */
export const showShape = {
  release: z.strictObject({
    ...summaryShape,
    application: z.string(),
    namespace: z.string(),
    target: z.strictObject({
      cluster: z.string(),
      server: z.string(),
      account: z.string().optional(),
      region: z.string().optional(),
    }),
    inputs: z.array(
      z.strictObject({
        name: z.string(),
        secret: z.boolean(),
        value: scalarSchema.optional().describe('absent for a secret one'),
        source: sourceSchema,
      }),
    ),
    images: z
      .array(
        z.strictObject({
          workload: refSchema,
          container: z.string(),
          image: z.string().describe('as the pod names it'),
          id: z.string().describe('the digest that ran: repository@sha256:...'),
        }),
      )
      .describe('what ran when everything was ready'),
    objects: z.array(
      z.strictObject({
        object: refSchema,
        file: z.string(),
        line: z.int(),
        column: z.int().optional(),
        source: z.string().optional().describe('the file that rendered text came from'),
        body: z.record(z.string(), valueSchema).describe('as it was applied; what is secret is ****'),
      }),
    ),
    left: z.array(refSchema).describe('objects of earlier releases that are still there'),
    overrides: z
      .array(z.strictObject({ workload: refSchema, container: z.string(), image: z.string() }))
      .describe('images that one command set, against the manifests'),
    findings: findingsSchema.describe('why it failed'),
    timeline: timelineSchema.optional().describe('absent in records of older versions'),
  }),
};

/** `history diff`: what one has other than another. */
export const diffShape = {
  from: releaseNumberSchema,
  to: releaseNumberSchema,
  inputs: z.array(fieldChangeSchema),
  objects: z.array(
    z.strictObject({
      op: z.enum(['create', 'update', 'delete']),
      object: refSchema,
      fields: z.array(fieldChangeSchema),
    }),
  ),
};
