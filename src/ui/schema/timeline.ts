import * as z from 'zod';
import { changeOpSchema, countSchema, refSchema } from './parts.ts';

const clockSchema = z.string().describe("RFC 3339, on the API server's clock");

/** When a pod got how far; what is absent has not come. */
export const podTimesSchema = z
  .strictObject({
    workload: refSchema,
    name: z.string(),
    node: z.string().optional(),
    created: clockSchema.optional(),
    scheduled: clockSchema.optional(),
    started: clockSchema.optional(),
    ready: clockSchema.optional(),
    restarts: countSchema,
  })
  .meta({ id: 'podTimes' });

/** What happened when in a release. */
export const timelineSchema = z.strictObject({
  started: clockSchema,
  ended: clockSchema,
  waves: z.array(
    z.strictObject({
      number: z.int(),
      name: z.string(),
      objects: countSchema,
      started: clockSchema,
      ended: clockSchema.describe('all of its objects were applied'),
    }),
  ),
  objects: z.array(
    z.strictObject({
      object: refSchema,
      op: changeOpSchema,
      wave: countSchema.optional().describe('index among the waves'),
      applied: clockSchema.optional(),
      ready: clockSchema.optional(),
      failed: z.boolean().optional().describe('the last word on it was a certain failure'),
    }),
  ),
  pods: z.array(podTimesSchema),
  omitted: z.strictObject({ objects: countSchema, pods: countSchema }).describe('how many more there were'),
});
