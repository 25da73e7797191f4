import * as z from 'zod';
import type { ObjectRef } from '../../model/object.ts';
import { inputSchema } from '../schema/inputs.ts';
import { inputNameSchema } from '../schema/names.ts';

const objectSchema = z
  .strictObject({
    apiVersion: z.string().min(1),
    kind: z.string().min(1),
    namespace: z.string().min(1).optional(),
    name: z.string().min(1),
  })
  .transform(({ namespace, ...ref }): ObjectRef => ({ ...ref, ...(namespace === undefined ? {} : { namespace }) }));

/** Terraform outputs, in order of preference. */
const outputsSchema = z.array(z.string().min(1)).default([]);

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
  /** Objects of somebody else that do what it would do: where one is there, it brings nothing. */
  unless: z
    .array(
      z.strictObject({
        object: objectSchema,
        /** Why nothing is missing then: a clause. */
        because: z.string().min(1),
      }),
    )
    .default([]),
  /** Objects among its manifests that are left as they are where somebody else has made them. */
  shared: z.array(objectSchema).default([]),
  /** Findings of lint that its manifests have by intent. */
  ignore: z.array(z.strictObject({ id: z.string().min(1), reason: z.string().min(1) })).default([]),
  /** Stores in AWS of which it is said whether they make snapshots; outputs name them where no manifest has their hosts. */
  snapshots: z.strictObject({ documentdb: outputsSchema, elasticache: outputsSchema }).optional(),
  /** Inputs of its manifests, as in a configuration. */
  inputs: z.record(inputNameSchema, inputSchema).default({}),
});

export type AddonDefinition = z.output<typeof definitionSchema>;
