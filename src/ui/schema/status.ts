import * as z from 'zod';
import { countSchema, elapsedSchema, fieldChangeSchema, refSchema, summarySchema, timeSchema } from './parts.ts';

const workloadSchema = z.strictObject({
  object: refSchema,
  state: z.enum(['ready', 'progressing', 'failed']),
  desired: countSchema,
  updated: countSchema,
  ready: countSchema,
  restarts: countSchema,
  ageMs: elapsedSchema,
  images: z.array(z.string()),
  olderImages: z
    .array(z.strictObject({ image: z.string(), now: z.string(), pods: countSchema }))
    .describe('what ready pods of older revisions still serve'),
  why: z.string().describe('what it waits for or what is wrong; empty where it is simply ready'),
  isTroubled: z.boolean(),
});

const serviceSchema = z.strictObject({ object: refSchema, readyEndpoints: countSchema, detail: z.string() });

const scalerSchema = z.strictObject({
  object: refSchema,
  min: countSchema,
  max: countSchema,
  current: countSchema,
  figures: z.array(z.string()).describe('cpu 35%/70%; a figure that is not known is ?'),
});

const driftSchema = z.strictObject({
  object: refSchema,
  isGone: z.boolean(),
  fields: z.array(
    z.strictObject({
      ...fieldChangeSchema.shape,
      shown: z.string().optional(),
      manager: z.string().optional(),
      changedAt: timeSchema.optional(),
      isAdded: z.boolean().describe('beside what the manifests say: no deploy takes it away'),
      isOlder: z.boolean().describe('it was there before the newest release ended'),
    }),
  ),
});

/** How an application is: the event of `status --watch` and the result of `status`. */
export const statusShape = {
  application: z.string().describe('empty where oms-deploy has deployed nothing, and nobody says what is meant'),
  cluster: z.string(),
  namespace: z.string(),
  release: summarySchema.nullable().describe('the newest; null where there is none, or records may not be read'),
  drift: z.array(driftSchema).describe('what was changed by hand since, and what was added before and is still there'),
  workloads: z.array(workloadSchema),
  services: z.array(serviceSchema),
  scalers: z.array(scalerSchema),
  addresses: z.array(z.string()),
  others: countSchema.describe('workloads in the namespace that are not the application’s'),
  unread: z.array(z.string()).describe('kinds that may not be read'),
};
