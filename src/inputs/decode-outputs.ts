import { isObject, type Json, type JsonObject, parseJsonObject } from '../model/json.ts';

/** One Terraform output. `type` is Terraform's own type expression (`"string"`, `["list","string"]`). */
export interface Output {
  readonly value: Json;
  readonly sensitive: boolean;
  readonly type?: Json;
}

export type Outputs = ReadonlyMap<string, Output>;

/** Which of the four accepted forms a text had. */
export type OutputsShape = 'output' | 'flat' | 'show' | 'state';

export type DecodedOutputs =
  | { readonly ok: true; readonly shape: OutputsShape; readonly outputs: Outputs }
  /** `why` never quotes the text: it may hold sensitive values. */
  | { readonly ok: false; readonly why: string };

/** So many characters are looked at in all: a text of nothing but `{` must not cost quadratic time. */
const maxScanned = 50_000_000;

/**
 * Reads Terraform outputs from a text that may have noise around its JSON: `[command]...` of setup-terraform's wrapper
 * (setup-terraform#20), Terragrunt's log prefixes (terragrunt#3367, #6029), retry messages (terraform#35159),
 * deprecation warnings behind it (terraform#38479). Accepts `output -json`, a flat `{name: value}`, `show -json` and a
 * version 4 state file. A value that only Terraform writes wins over a flat one: log lines can be JSON too.
 */
export function decodeOutputs(text: string): DecodedOutputs {
  let flat: DecodedOutputs | undefined;
  let refusal: string | undefined;
  for (const object of jsonObjectsIn(text)) {
    const decoded = decodeObject(object);
    if (!decoded.ok) refusal ??= decoded.why;
    else if (decoded.shape !== 'flat' && decoded.outputs.size > 0) return decoded;
    else flat ??= decoded;
  }
  if (flat !== undefined && refusal === undefined) return flat;
  return { ok: false, why: refusal ?? describeNothing(text) };
}

function decodeObject(object: JsonObject): DecodedOutputs {
  if (typeof object['format_version'] === 'string') {
    if ('planned_values' in object)
      return { ok: false, why: 'it is the JSON of a plan, not of a state or its outputs' };
    const values = object['values'];
    return decodeEntries('show', isObject(values) ? values['outputs'] : undefined);
  }
  const version = object['version'];
  if (typeof version === 'number' && ('terraform_version' in object || 'lineage' in object)) {
    if (version !== 4)
      return { ok: false, why: `it is a state file of format version ${version}, and only 4 is known` };
    return decodeEntries('state', object['outputs']);
  }
  const values = Object.values(object);
  const isOutput = values.length > 0 && values.every((value) => isObject(value) && 'value' in value);
  return isOutput ? decodeEntries('output', object) : decodeFlat(object);
}

function decodeEntries(shape: OutputsShape, entries: Json | undefined): DecodedOutputs {
  const outputs = new Map<string, Output>();
  for (const [name, entry] of Object.entries(isObject(entries) ? entries : {})) {
    if (!isObject(entry)) continue;
    const { value, type, sensitive } = entry;
    if (value === undefined) continue;
    outputs.set(name, { value, sensitive: sensitive === true, ...(type === undefined ? {} : { type }) });
  }
  return { ok: true, shape, outputs };
}

function decodeFlat(object: JsonObject): DecodedOutputs {
  const outputs = new Map<string, Output>();
  for (const [name, value] of Object.entries(object)) {
    if (value !== undefined) outputs.set(name, { value, sensitive: false });
  }
  return { ok: true, shape: 'flat', outputs };
}

/** The JSON objects that stand in a text, in order, without the ones inside others. */
function* jsonObjectsIn(text: string): Generator<JsonObject> {
  let start = text.indexOf('{');
  for (let scanned = 0; start >= 0 && scanned <= maxScanned; ) {
    const end = endOfObject(text, start);
    scanned += (end ?? text.length) - start;
    const object = end === undefined ? undefined : parseJsonObject(text.slice(start, end));
    if (object !== undefined) yield object;
    start = text.indexOf('{', object === undefined || end === undefined ? start + 1 : end);
  }
}

/** The index behind the `}` that closes the `{` at `start`, with braces in strings left alone. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let index = start; index < text.length; index += 1) {
    const char = text[index];
    if (inString) {
      if (char === '\\') index += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{') depth += 1;
    else if (char === '}') {
      depth -= 1;
      if (depth === 0) return index + 1;
    }
  }
  return undefined;
}

function describeNothing(text: string): string {
  if (text.trim() === '') return 'it is empty';
  return `there is no whole JSON object in its ${text.length} characters`;
}
