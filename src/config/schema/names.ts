import * as z from 'zod';

/** One name, or a list of names in order of preference (aliases). */
export const namesSchema = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
  error: 'must be a name, or a list of names in order of preference',
});

/** A DNS label (RFC 1123): what a namespace may be called. */
export const labelSchema = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'must be a DNS label: a-z, 0-9 and -');

/** The name of an input. */
export const inputNameSchema = z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be snake_case');

/** An object of the manifests: `Deployment/web`, or `Deployment/shop/web` where the namespace matters. */
export const objectNameSchema = z
  .string()
  .regex(/^[A-Za-z]+(\/[a-z0-9]([-a-z0-9.:]*[a-z0-9])?){1,2}$/, 'must be <Kind>/<name>, such as Deployment/web');

/** A value as it stands in YAML. */
export const scalarSchema = z.union([z.string(), z.number(), z.boolean()], {
  error: 'must be a text, a number, true or false',
});
