import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { type JsonObject, objectOf } from '../../src/model/json.ts';

/** The published JSON Schema of a line of `--output json`, as the build has written it. */
const published = JSON.parse(
  readFileSync(new URL('../../dist/events.schema.json', import.meta.url), 'utf8'),
) as JsonObject;

const checks = new Map<string, z.ZodType>();

/** The check of one kind of line: its own definition, so that what is wrong with it is named. */
function checkOf(name: string): z.ZodType | undefined {
  const known = checks.get(name);
  if (known !== undefined) return known;
  if (objectOf(published.$defs)[name] === undefined) return undefined;
  const { anyOf: _, ...rest } = published;
  const check = z.fromJSONSchema({ ...rest, $ref: `#/$defs/${name}` });
  checks.set(name, check);
  return check;
}

/** What of a line breaks the schema, as text; empty where nothing does. */
export function schemaProblems(line: JsonObject): string {
  const { type, command, error } = line;
  const name =
    type !== 'result' ? `${String(type)}Event` : error === undefined ? `${String(command)}Result` : 'failure';
  const check = checkOf(name);
  if (check === undefined) return `the schema has no ${name}`;
  const parsed = check.safeParse(line);
  return parsed.success ? '' : z.prettifyError(parsed.error);
}
