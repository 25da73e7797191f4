import * as z from 'zod';
import { durationMs } from '../../model/duration.ts';
import { isObject, type JsonObject } from '../../model/json.ts';
import { objectNameSchema } from './names.ts';

export const noPatch = 'must be a mapping with the fields that are to be other ones';

/** What is changed of single objects, as a strategic merge patch: `Service/worker: {spec: {clusterIP: None}}`. */
export const overridesSchema = z.record(objectNameSchema, z.custom<JsonObject>(isObject, noPatch)).default({});

/** Labels of all objects and their pods; what a manifest says itself stays. */
export const labelsSchema = z
  .record(
    z
      .string()
      .regex(
        /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
        'must be the key of a label',
      ),
    z
      .string({ error: 'must be a text: write it in quotes' })
      .regex(/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/, 'must be the value of a label'),
  )
  .default({});

/** What findings nobody wants to see, and why. */
export const checksSchema = z
  .strictObject({
    ignore: z
      .array(
        z.strictObject({
          id: z.string().min(1),
          object: objectNameSchema.optional(),
          reason: z.string({ error: 'must say why' }).min(1, 'must say why'),
        }),
      )
      .default([]),
  })
  .prefault({});

const timeoutSchema = z
  .string({ error: 'must be a text such as 5m' })
  .refine((text) => (durationMs(text) ?? 0) > 0, 'must be a duration such as 90s, 5m or 1h');

/** Jobs that run before or after the workloads, for manifests that don't say it in an annotation. */
export const hooksSchema = z
  .record(
    objectNameSchema,
    z.strictObject({
      run: z.enum(['before', 'after'], { error: 'must be before or after' }),
      delete: z
        .enum(['before-next', 'on-success', 'never'], { error: 'must be before-next, on-success or never' })
        .optional(),
      timeout: timeoutSchema.optional(),
    }),
  )
  .default({});
