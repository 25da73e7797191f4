import * as z from 'zod';
import { type JsonObject, objectOf } from '../model/json.ts';
import { eventSchemas } from './schema/events.ts';
import { failureSchema, resultSchema, resultShapes } from './schema/results.ts';
import { eventSchema } from './views.ts';

/**
 * The JSON Schema of a line of `--output json`: every event, and every command's result as a definition of its own. Only
 * the build, its tests and `config schema --events` load it.
 */
export function eventJsonSchema(): JsonObject {
  const results = Object.entries(resultShapes).map(([command, shapes]) => resultSchema(command, shapes));
  const lines = z.union([...Object.values(eventSchemas), ...results, failureSchema]);
  // The names of definitions are their keys; validators refuse the keyword.
  const override = ({ jsonSchema }: { jsonSchema: { id?: unknown } }): void => void delete jsonSchema.id;
  const schema: unknown = z.toJSONSchema(lines, { override });
  return { title: `A line of \`oms-deploy --output json\`, ${eventSchema}`, ...objectOf(schema) };
}
