import * as z from 'zod';
import { tagMistake } from '../../model/image.ts';

/** What is deployed instead of an image of the manifests; what isn't said stays. */
export const imageSchema = z
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
