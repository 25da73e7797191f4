import { type Document, isScalar, type Scalar, visit } from 'yaml';
import { messageOf } from '../errors.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import type { Input, Inputs } from '../model/input.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Origin } from '../model/object.ts';
import { parseYaml } from '../model/yaml.ts';
import type { SourceFile } from './load.ts';
import { objectsIn } from './objects.ts';
import { fillScalar } from './placeholders/fill.ts';
import { duplicateKeys, placeOf } from './placeholders/place.ts';
import { hasToken, type Placeholder, placeholdersIn, withoutTokens } from './placeholders/tokens.ts';
import { walk } from './tree.ts';
import {
  createUnresolved,
  doubleKey,
  leftAlone,
  noteUnresolved,
  type UnresolvedNotes,
  unresolvedFindings,
} from './unresolved.ts';

/** The inputs a rendering may use. `absent` are optional inputs without a value: their entries are left out. */
export interface Values {
  readonly inputs: Inputs;
  readonly absent: ReadonlySet<string>;
  /** Declared inputs whose lack has been reported already; their placeholders aren't reported again. */
  readonly missing: ReadonlySet<string>;
  /** Those that are meant also in a text for a shell or another program: somebody has declared or given them. */
  readonly meant: ReadonlySet<string>;
  /** Those whose values are base64 already. */
  readonly encoded: ReadonlySet<string>;
  /** Inputs that may not be given on the command line. */
  readonly secret: ReadonlySet<string>;
  /** All names that a placeholder can have, for who mistyped one. */
  readonly known: readonly string[];
}

export interface Rendering {
  readonly manifests: readonly Manifest[];
  readonly findings: readonly Finding[];
}

interface Pass {
  readonly values: Values;
  readonly findings: Finding[];
  readonly unresolved: UnresolvedNotes;
}

/** Turns manifest files and inputs into manifests. Works on the YAML tree: a value can't change the structure. */
export function render(files: readonly SourceFile[], values: Values): Rendering {
  const pass: Pass = { values, findings: [], unresolved: createUnresolved() };
  const manifests = files.flatMap((file) => renderFile(file, pass));
  return { manifests, findings: [...pass.findings, ...unresolvedFindings(pass.unresolved, values)] };
}

function renderFile(file: SourceFile, pass: Pass): readonly Manifest[] {
  const { documents, lines } = parseYaml(file.text);
  return documents.flatMap((document) => {
    const originAt = (offset: number): Origin => ({ file: file.name, line: lines.linePos(offset).line });
    const start = originAt(document.contents?.range?.[0] ?? 0);
    if (document.errors.length > 0) {
      for (const error of document.errors) {
        const cause = `The file isn't valid YAML: ${firstLine(withoutTokens(error.message))}`;
        pass.findings.push(
          errorFinding('manifests/yaml', cause, 'Correct the file.', { origin: originAt(error.pos[0]) }),
        );
      }
      return [];
    }
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) return [];
    const used = new Map<number, readonly Input[]>();
    const filled = fillDocument(document, originAt, used, pass);
    const body = toPlain(document, start, pass);
    if (body === undefined || !filled) return [];
    const inputsOn = (line: number): readonly Input[] => used.get(line) ?? [];
    const inputs = [...new Set([...used.values()].flat())];
    return objectsIn({ body, document, originAt, start, inputsOn, inputs }).flatMap((found) => {
      if ('manifest' in found) return [found.manifest];
      pass.findings.push(found.finding);
      return [];
    });
  });
}

/** Fills every placeholder of a document in place and notes by line what filled it; false if one stays unresolved. */
function fillDocument(
  document: Document,
  originAt: (offset: number) => Origin,
  used: Map<number, readonly Input[]>,
  pass: Pass,
): boolean {
  let complete = true;
  let hasFilledKey = false;
  const fill = (node: Scalar, path: readonly string[], isKey: boolean): 'keep' | 'remove' => {
    if (typeof node.value !== 'string' || !hasToken.test(node.value)) return 'keep';
    hasFilledKey ||= isKey;
    const origin = originAt(node.range?.[0] ?? 0);
    const place = placeOf(document, node, path, isKey);
    const found = placeholdersIn(node.value);
    const isAbsent = ({ input, isShell }: Placeholder): boolean =>
      pass.values.absent.has(input) && !(place.isProse && isShell && !pass.values.meant.has(input));
    if (found.some(isAbsent)) return 'remove';
    const filled = fillScalar(node.value, place, pass.values);
    if (filled.state === 'filled') {
      node.value = filled.value;
      if (filled.used.length > 0) used.set(origin.line, [...(used.get(origin.line) ?? []), ...filled.used]);
      if (!String(filled.value).includes('\n')) pass.findings.push(...filled.left.map((one) => leftAlone(one, origin)));
      return 'keep';
    }
    complete = false;
    const scalar = { document, path, origin };
    for (const placeholder of filled.placeholders)
      if (!pass.values.missing.has(placeholder.input)) noteUnresolved(pass.unresolved, placeholder, scalar);
    return 'keep';
  };
  walk(document.contents, [], fill);
  if (hasFilledKey) {
    visit(document, {
      Map(_, node) {
        const doubles = duplicateKeys(node);
        complete &&= doubles.length === 0;
        pass.findings.push(...doubles.map((key) => doubleKey(key, originAt(key.range?.[0] ?? 0))));
      },
    });
  }
  return complete;
}

function toPlain(document: Document, origin: Origin, pass: Pass): unknown {
  try {
    return document.toJS({ maxAliasCount: 1000 }) as unknown;
  } catch (error) {
    const cause = `The file can't be read as YAML: ${firstLine(messageOf(error))}`;
    pass.findings.push(errorFinding('manifests/yaml', cause, 'Correct the file.', { origin }));
    return undefined;
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0]?.trim() ?? '';
}
