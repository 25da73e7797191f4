import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { JsonObject } from '../../src/model/json.ts';

/** A published JSON Schema, as a check. */
function publishedSchema(name: 'verify' | 'history'): z.ZodType {
  const text = readFileSync(new URL(`../../schemas/${name}.json`, import.meta.url), 'utf8');
  return z.fromJSONSchema(JSON.parse(text) as Parameters<typeof z.fromJSONSchema>[0]);
}

/** What of a line breaks its schema, as text; empty where nothing does. */
export function schemaProblems(name: 'verify' | 'history', line: JsonObject): string {
  const parsed = publishedSchema(name).safeParse(line);
  return parsed.success ? '' : z.prettifyError(parsed.error);
}
