import * as z from 'zod';
import { inputSchema } from '../schema/inputs.ts';
import { inputNameSchema } from '../schema/names.ts';

/** templates/addons/<name>/addon.yaml. */
export const definitionSchema = z.strictObject({
  /** What it brings, for lists. */
  description: z.string().min(1),
  /** Files beside the definition, in the order in which they are read. */
  manifests: z.array(z.string().min(1)).min(1),
  /** Kinds that the cluster must serve: of something that is installed by itself. */
  needs: z
    .array(
      z.strictObject({
        /** `external-secrets.io/SecretStore`; any version. */
        kind: z.string().regex(/^[a-z0-9.-]+\/[A-Z][A-Za-z]+$/),
        /** What serves it, and how that is installed: a sentence. */
        install: z.string().min(1),
      }),
    )
    .default([]),
  /** Inputs of its manifests, as in a configuration. */
  inputs: z.record(inputNameSchema, inputSchema).default({}),
});

export type AddonDefinition = z.output<typeof definitionSchema>;
