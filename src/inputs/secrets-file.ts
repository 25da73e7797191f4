import { open } from 'node:fs/promises';
import { platform } from 'node:os';
import { basename, resolve } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { messageOf, systemCodeOf } from '../errors.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { isObject } from '../model/json.ts';
import { didYouMean } from '../model/suggest.ts';
import { shellQuoted } from '../model/text.ts';
import { parseDotenv } from './dotenv.ts';
import { displayKey, inputOfFileKey } from './names.ts';
import { unknownNames } from './unknown.ts';

/** A value of the secrets file with its line. */
export interface FileValue {
  readonly value: string;
  readonly line: number;
}

export interface SecretsReading {
  /** By input name. */
  readonly values: ReadonlyMap<string, FileValue>;
  readonly findings: readonly Finding[];
  /** False where nothing of it is known: `findings` says why. */
  readonly wasRead: boolean;
}

/** One key of the file. A `value` of undefined is one that can't be used. */
interface FileEntry {
  readonly key: string;
  readonly value: string | undefined;
  readonly line: number;
}

interface Problem {
  readonly line: number;
  readonly why: string;
}

/**
 * Reads a `--secrets-file`: dotenv, or flat JSON. Refused where others than the owner may read it. Keys are input names in
 * any case, with or without `OMS_INPUT_`. No finding shows a value: a parser's message is never passed on.
 */
export async function readSecretsFile(
  path: string,
  inputNames: readonly string[],
  cwd: string,
): Promise<SecretsReading> {
  const text = await readPrivately(path, cwd);
  if (typeof text !== 'string') return { values: new Map(), findings: [text], wasRead: false };
  return parseSecrets(text, basename(path), inputNames);
}

/** The pure part of `readSecretsFile`: `file` is the name for messages. */
export function parseSecrets(text: string, file: string, inputNames: readonly string[]): SecretsReading {
  const isJson = /^\uFEFF?\s*\{/.test(text);
  const { entries, problems } = isJson ? readJson(text.replace(/^\uFEFF/, '')) : parseDotenv(text);
  const findings = problems.map(({ line, why }) => badLine(file, line, why));
  const values = new Map<string, FileValue>();
  const unknown: ReturnType<typeof unknownKey>[] = [];
  for (const { key, value, line } of entries) {
    const name = inputOfFileKey(key);
    const earlier = values.get(name);
    if (!inputNames.includes(name)) unknown.push(unknownKey(file, line, key, name, inputNames));
    else if (value === undefined)
      findings.push(badLine(file, line, `the value of ${displayKey(key)} is not a text, number or boolean`));
    else if (earlier !== undefined && earlier.value !== value) {
      findings.push(badLine(file, line, `${displayKey(key)} has another value than in line ${earlier.line}`));
    } else values.set(name, { value, line });
  }
  return { values, findings: [...findings, ...unknownNames(unknown)], wasRead: true };
}

async function readPrivately(path: string, cwd: string): Promise<string | Finding> {
  try {
    const handle = await open(resolve(cwd, path), 'r');
    try {
      const { mode } = await handle.stat();
      // Windows has no such bits.
      if (platform() !== 'win32' && (mode & 0o077) !== 0) return tooOpen(path, mode);
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    const why = systemCodeOf(error) === 'ENOENT' ? 'it does not exist' : messageOf(error);
    return errorFinding(
      'inputs/secrets-file',
      `The secrets file ${path} can't be read: ${why}.`,
      'Correct --secrets-file.',
    );
  }
}

function readJson(text: string): { readonly entries: readonly FileEntry[]; readonly problems: readonly Problem[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the text around the error: only the line goes on.
    return { entries: [], problems: [{ line: readLines(text).firstError ?? 1, why: 'the JSON is broken here' }] };
  }
  const { lineOfKey, duplicate } = readLines(text);
  if (duplicate !== undefined) return { entries: [], problems: [{ line: duplicate, why: 'a key stands in it twice' }] };
  const entries = Object.entries(isObject(value) ? value : {}).map(([key, entry]) => ({
    key,
    value: entry === undefined || entry === null || typeof entry === 'object' ? undefined : String(entry),
    line: lineOfKey.get(key) ?? 1,
  }));
  return { entries, problems: [] };
}

interface JsonLines {
  readonly lineOfKey: ReadonlyMap<string, number>;
  readonly firstError?: number;
  readonly duplicate?: number;
}

/** JSON.parse knows no lines; JSON is YAML, and the YAML parser does. */
function readLines(text: string): JsonLines {
  const lines = new LineCounter();
  const lineOfKey = new Map<string, number>();
  // The YAML parser calls itself for each level, and V8 may end the process where the stack does: no line is known then.
  if (nestingOf(text) > maxNesting) return { lineOfKey };
  try {
    const document = parseDocument(text, {
      schema: 'json',
      lineCounter: lines,
      prettyErrors: false,
      logLevel: 'silent',
    });
    for (const { key } of isMap(document.contents) ? document.contents.items : []) {
      if (isScalar(key)) lineOfKey.set(String(key.value), lines.linePos(key.range?.[0] ?? 0).line);
    }
    const [error] = document.errors;
    if (error === undefined) return { lineOfKey };
    const { line } = lines.linePos(error.pos[0]);
    return error.code === 'DUPLICATE_KEY' ? { lineOfKey, duplicate: line } : { lineOfKey, firstError: line };
  } catch {
    return { lineOfKey };
  }
}

/** A flat object has one level. */
const maxNesting = 100;

/** How deep the brackets of a JSON text are nested, those in its strings aside. */
function nestingOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/gs)) {
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function tooOpen(path: string, mode: number): Finding {
  const octal = (mode & 0o777).toString(8).padStart(3, '0');
  return errorFinding(
    'inputs/secrets-file-mode',
    `The secrets file ${path} is open to others than its owner (mode ${octal}), so it was not read.`,
    `Run: chmod 600 ${shellQuoted(path)}`,
  );
}

function badLine(file: string, line: number, why: string): Finding {
  const fix = "Write KEY=value lines (quote with '...' what has spaces or #), or one flat JSON object.";
  return errorFinding('inputs/secrets-file', `${file}:${line}: ${why}.`, fix, { origin: { file, line } });
}

function unknownKey(
  file: string,
  line: number,
  key: string,
  name: string,
  names: readonly string[],
): Parameters<typeof unknownNames>[0][number] {
  const shown = `${file}:${line}: ${displayKey(key)}`;
  return { shown, verb: 'is no input', near: didYouMean(name, names), origin: { file, line } };
}
