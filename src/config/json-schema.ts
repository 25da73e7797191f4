import * as z from 'zod';
import type { JsonObject } from '../model/json.ts';
import { objectOf } from '../model/json.ts';
import { fileSchema } from './schema.ts';

/**
 * The JSON Schema of oms-deploy.yaml, for editors. Nothing is required by it: an environment, or the built-in application,
 * may say what the file leaves open.
 */
export function configJsonSchema(): JsonObject {
  const schema: unknown = z.toJSONSchema(fileSchema.partial(), { io: 'input', unrepresentable: 'any' });
  return { title: 'oms-deploy.yaml', ...objectOf(schema) };
}
