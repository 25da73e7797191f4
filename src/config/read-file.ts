import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { type Document, isScalar, type LineCounter, visit } from 'yaml';
import { DeployError, messageOf, systemCodeOf } from '../errors.ts';
import { errorFinding } from '../model/finding.ts';
import { isObject, type JsonObject, textOf } from '../model/json.ts';
import { parseYaml } from '../model/yaml.ts';
import { templateName } from './templates.ts';

/** A configuration file as it is written. */
export interface ConfigFile {
  /** Its absolute path. */
  readonly file: string;
  /** How messages call it: relative to the working directory where it lies below that. */
  readonly name: string;
  readonly value: JsonObject;
  readonly document: Document;
  readonly lines: LineCounter;
}

/**
 * Reads one.
 *
 * @throws DeployError `invalid` where it can't be read, or isn't a YAML mapping.
 */
export async function readConfigFile(file: string, asGiven: string, cwd: string): Promise<ConfigFile> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new DeployError(
      'invalid',
      `The configuration ${asGiven} can't be read (${systemCodeOf(error) ?? 'error'}).`,
      {
        fix: 'Check the path: --config <file>.',
      },
    );
  });
  const name = nameOfConfig(file, cwd);
  const { documents, lines } = parseYaml(text);
  const fail = (mistakes: readonly (readonly [message: string, offset: number])[]): never => {
    const findings = mistakes.map(([message, offset]) => {
      const { line, col: column } = lines.linePos(offset);
      const cause = `The configuration isn't valid YAML: ${message}`;
      return errorFinding('config/yaml', cause, 'Correct the file.', { origin: { file: name, line, column } });
    });
    throw new DeployError('invalid', `The configuration ${name} is not valid.`, { findings });
  };
  const [document, second] = documents;
  if (document === undefined || isEmpty(document)) return fail([['it is empty', 0]]);
  if (document.errors.length > 0) return fail(document.errors.map(({ message, pos }) => [message, pos[0]]));
  if (second !== undefined) return fail([['it has more than one document', second.range?.[0] ?? 0]]);
  const misread = misreadKeys(document);
  if (misread.length > 0) return fail(misread);
  let value: unknown;
  try {
    value = document.toJS() ?? {};
  } catch (error) {
    // An alias without its anchor, or so many of them that they are an attack.
    return fail([[messageOf(error), 0]]);
  }
  return isObject(value) ? { file, name, value, document, lines } : fail([['it is no mapping', 0]]);
}

/** How messages call one. */
export function nameOfConfig(file: string, cwd: string): string {
  const relativePath = relative(cwd, file);
  return templateName(file) ?? (relativePath.startsWith('..') ? file : relativePath);
}

/** Keys that YAML 1.1 takes for a boolean, a number or nothing, and that would have another name then: `no` is `false`. */
function misreadKeys(document: Document): readonly (readonly [message: string, offset: number])[] {
  const found: (readonly [string, number])[] = [];
  visit(document, {
    Pair(_, { key }) {
      if (!isScalar(key) || typeof key.value === 'string') return;
      const { source = '', value, range } = key;
      const read = value === null ? 'empty' : textOf(value);
      if (read === source) return;
      const message = `the name ${source === '' ? 'of a field' : source} is read as ${read}: write it in quotes`;
      found.push([message, range?.[0] ?? 0]);
    },
  });
  return found;
}

function isEmpty({ contents, errors }: Document): boolean {
  return errors.length === 0 && (contents === null || (isScalar(contents) && contents.value === null));
}
