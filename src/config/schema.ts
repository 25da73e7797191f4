import * as z from 'zod';
import type { ShippedAddon } from './addons/catalog.ts';
import type { Place } from './layers.ts';
import type { OverrideEntry } from './overrides.ts';
import { imageSchema } from './schema/images.ts';
import { inputSchema } from './schema/inputs.ts';
import { inputNameSchema, labelSchema } from './schema/names.ts';
import { checksSchema, hooksSchema, labelsSchema, overridesSchema } from './schema/objects.ts';
import { placeholdersSchema } from './schema/placeholders.ts';
import { expectSchema, terraformSchema } from './schema/target.ts';

const formOfAddon = 'must be true, false or optional, or a mapping with description and manifests';

/** An add-on that comes with oms-deploy is switched on by its name alone; one of the user's own says what it is. */
const addonSchema = z
  .union(
    [
      z.literal([true, false, 'optional'], { error: formOfAddon }),
      z.strictObject({
        description: z.string(),
        manifests: z.array(z.string().min(1)).min(1),
        state: z.enum(['off', 'on', 'optional']).default('off'),
      }),
    ],
    { error: formOfAddon },
  )
  .transform((said): Addon => {
    if (typeof said === 'object') return said;
    return { state: said === 'optional' ? said : said ? 'on' : 'off' };
  });

/** What is said of those that come with oms-deploy alone. */
type OfShipped = Partial<Pick<ShippedAddon, 'needs' | 'unless' | 'shared' | 'ignore' | 'snapshots' | 'inputs'>>;

/** A part of an application that is deployed where somebody wants it. */
export interface Addon extends OfShipped {
  /** `optional`: where the cluster has what it needs. */
  readonly state: 'off' | 'on' | 'optional';
  readonly description?: string;
  /** Absent where only the name of one that comes with oms-deploy is said. */
  readonly manifests?: readonly string[];
}

/** What an environment may say otherwise. */
const fields = {
  namespace: labelSchema,
  /** Files, folders and globs, relative to the configuration file. */
  manifests: z.array(z.string().min(1)).min(1),
  terraform: terraformSchema,
  inputs: z.record(inputNameSchema, inputSchema).default({}),
  placeholders: placeholdersSchema.prefault({}),
  /** By their whole repository, or its last parts: `order-ingestion`, `crypto-oms/order-ingestion`. */
  images: z.record(z.string().min(1), imageSchema).default({}),
  /** Images without a version, or with the tag latest, may be deployed. */
  allowLatest: z.boolean().default(false),
  /** The name of a Secret with an ECR token, for nodes whose role may not pull. */
  imagePullSecret: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'must be the name of a Secret: a-z, 0-9, - and .')
    .optional(),
  labels: labelsSchema,
  overrides: overridesSchema,
  /** Parts that are on, off unless `--with <name>` asks for them, or on where the cluster has what they need. */
  addons: z.record(z.string(), addonSchema).default({}),
  checks: checksSchema,
  hooks: hooksSchema,
  expect: expectSchema.default({ registries: [] }),
};

/** oms-deploy.yaml with the chosen environment in it. The built-in application in templates/ has the same form. */
export const configSchema = z.strictObject({
  /** Goes into `app.kubernetes.io/part-of` and every title. A DNS label. */
  application: labelSchema,
  ...fields,
});

/** The file as it is written: environments say what is otherwise there, or take it away with null. */
export const fileSchema = configSchema.extend({
  environments: z.record(z.string().min(1), configSchema.partial()).default({}),
});

export type Expect = z.output<typeof expectSchema>;
export type { ComposePart, InputEntry, InputSource, StoredSource } from './schema/inputs.ts';
export type { Placeholders } from './schema/placeholders.ts';
export type { PlaceholderStyle } from './usual-placeholders.ts';

/** What a configuration says; paths in it are relative to `directory`. */
export type Settings = z.output<typeof configSchema>;

/** A configuration that was read. */
export type Config = Omit<Settings, 'overrides'> & {
  /** Of all parts of the configuration, in the order in which they are applied. */
  readonly overrides: readonly OverrideEntry[];
  readonly file: string;
  readonly directory: string;
  /** A file of the user's; without one the built-in application, or manifests that were given alone. */
  readonly origin: 'file' | 'built-in' | 'manifests';
  /** `--config built-in`: nobody has guessed the built-in application. */
  readonly isAsked?: boolean;
  /** The environments that it has, and the one that was chosen. */
  readonly environments: readonly string[];
  readonly environment?: string;
  /** The namespaces that it names, of all environments: manifests that were written for one of them move along. */
  readonly homes: readonly string[];
  /** Where a field stands, or the deepest part of its path that is written down; undefined where no file says anything. */
  readonly placeOf: (path: readonly (string | number)[]) => Place | undefined;
};
