import * as z from 'zod';
import { summarySchema, timeSchema, valueSchema } from './parts.ts';

const explainedInput = z
  .strictObject({
    name: z.string(),
    value: z.string().nullable().describe('**** for a secret one; null where no source has a value'),
    source: z.string().nullable(),
    get parts() {
      return z.array(explainedInput).describe('what a composed one is made of');
    },
    before: z.strictObject({ value: z.string(), source: z.string() }).optional().describe('in the newest release'),
  })
  .meta({ id: 'explainedInput', title: 'An input of a field, as it may be shown' });

/** `explain`: where values come from. `input` or `object` is what was asked about. */
export const explanationShape = {
  input: explainedInput.optional(),
  object: z.string().optional(),
  file: z.string().optional(),
  line: z.int().optional(),
  fields: z.array(
    z.strictObject({
      object: z.string(),
      field: z.string(),
      file: z.string(),
      line: z.int(),
      written: z.string().nullable().describe('as it stands in the file; null where nothing is filled in'),
      value: valueSchema,
      inputs: z.array(explainedInput),
      live: z
        .strictObject({
          state: z.enum(['same', 'other', 'absent']),
          value: valueSchema,
          manager: z.string().nullable(),
          changedAt: timeSchema.nullable(),
          isChanged: z.boolean().describe('after the newest release'),
        })
        .nullable()
        .describe('null where the cluster was not asked'),
    }),
  ),
  release: summarySchema.nullable(),
  unknown: z.string().optional().describe('why the cluster has nothing to say'),
};
