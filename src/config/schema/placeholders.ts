import * as z from 'zod';
import { placeholderStyles, usualStyles } from '../usual-placeholders.ts';
import { inputNameSchema, objectNameSchema } from './names.ts';

/** What is a placeholder in the manifests, and for which input. */
export const placeholdersSchema = z.strictObject({
  styles: z
    .array(
      z.enum(placeholderStyles, {
        error: ({ input }) => `${JSON.stringify(input)} is no style; there are ${placeholderStyles.join(', ')}`,
      }),
    )
    .default([...usualStyles]),
  /** Placeholders whose input has another name: `REPLACE_WITH_DB: db_endpoint`. */
  inputs: z.record(z.string().min(1), inputNameSchema).default({}),
  /** Fields that an input fills, whatever stands there: `Secret/app-secrets: {stringData.password: db_password}`. */
  fields: z.record(objectNameSchema, z.record(z.string().min(1), inputNameSchema)).default({}),
  /** Texts that stand for an input wherever they are: `"123456789012": aws_account_id`. */
  literals: z.record(z.string().min(2), inputNameSchema).default({}),
  /** Texts that look like placeholders and are none. */
  keep: z.array(z.string().min(1)).default([]),
});

export type Placeholders = z.output<typeof placeholdersSchema>;
