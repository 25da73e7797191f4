import * as z from 'zod';
import { inputNameSchema, objectNameSchema } from './names.ts';

/** How placeholders look, by the names that the configuration has for it; see manifests/placeholders/styles.ts. */
export const placeholderStyles = [
  'replace-with',
  'angle',
  'angle-any',
  'dollar-brace',
  'dollar',
  'mustache',
  'hash-brace',
  'underscores',
  'percent',
  'your',
  'change-me',
] as const;

export type PlaceholderStyle = (typeof placeholderStyles)[number];

/** The styles that are on where the configuration doesn't say: those that are hardly ever meant for somebody else. */
export const usualStyles: readonly PlaceholderStyle[] = ['replace-with', 'angle', 'dollar-brace', 'your', 'change-me'];

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
