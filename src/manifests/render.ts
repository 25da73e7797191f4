import { type Document, isScalar, Scalar } from 'yaml';
import { messageOf } from '../errors.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import type { Input, Inputs } from '../model/input.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Origin } from '../model/object.ts';
import { didYouMean } from '../model/suggest.ts';
import { parseYaml } from '../model/yaml.ts';
import type { SourceFile } from './load.ts';
import { objectsIn } from './objects.ts';
import { fillScalar, findPlaceholders } from './placeholders.ts';
import { holderOf, objectPath, walk } from './tree.ts';

/** The inputs a rendering may use. `absent` are optional inputs without a value: their entries are left out. */
export interface Values {
  readonly inputs: Inputs;
  readonly absent: ReadonlySet<string>;
  /** Declared inputs whose lack has been reported already; their placeholders aren't reported again. */
  readonly missing: ReadonlySet<string>;
  /** Inputs that may not be given on the command line. */
  readonly secret: ReadonlySet<string>;
  /** All names that a placeholder can have, for who mistyped one. */
  readonly known: readonly string[];
}

export interface Rendering {
  readonly manifests: readonly Manifest[];
  readonly findings: readonly Finding[];
}

interface Unresolved {
  readonly text: string;
  readonly input: string;
  readonly places: Origin[];
}

interface Pass {
  readonly values: Values;
  readonly findings: Finding[];
  readonly unresolved: Map<string, Unresolved>;
}

/** Turns manifest files and inputs into manifests. Works on the YAML tree: a value can't change the structure. */
export function render(files: readonly SourceFile[], values: Values): Rendering {
  const pass: Pass = { values, findings: [], unresolved: new Map() };
  const manifests = files.flatMap((file) => renderFile(file, pass));
  return { manifests, findings: [...pass.findings, ...unresolvedFindings(pass)] };
}

function renderFile(file: SourceFile, pass: Pass): readonly Manifest[] {
  const { documents, lines } = parseYaml(file.text);
  return documents.flatMap((document) => {
    const originAt = (offset: number): Origin => ({ file: file.name, line: lines.linePos(offset).line });
    const start = originAt(document.contents?.range?.[0] ?? 0);
    if (document.errors.length > 0) {
      for (const error of document.errors) {
        const cause = `The file isn't valid YAML: ${firstLine(error.message)}`;
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
  const fill = (node: Scalar, path: readonly string[]): 'keep' | 'remove' => {
    if (typeof node.value !== 'string') return 'keep';
    const origin = originAt(node.range?.[0] ?? 0);
    const found = findPlaceholders(node.value);
    if (found.some(({ input }) => pass.values.absent.has(input))) return 'remove';
    const plain = node.type === Scalar.PLAIN && !holdsStrings(document, path);
    const filled = fillScalar(node.value, pass.values.inputs, plain);
    if (filled.state === 'filled') {
      node.value = filled.value;
      if (filled.used.length > 0) used.set(origin.line, [...(used.get(origin.line) ?? []), ...filled.used]);
      return 'keep';
    }
    complete = false;
    for (const placeholder of filled.placeholders) noteUnresolved(placeholder, origin, pass);
    return 'keep';
  };
  walk(document.contents, [], fill);
  return complete;
}

/** Mappings and lists whose values the API declares as strings, in every kind. */
const stringsOnly: ReadonlySet<string> = new Set([
  'labels',
  'annotations',
  'matchLabels',
  'nodeSelector',
  'command',
  'args',
]);

/** Fields that the API declares as strings: an unquoted placeholder there stays one, as `redis-port: ${redis_port}`. */
function holdsStrings(document: Document, path: readonly string[]): boolean {
  const field = path.slice(objectPath(document, path).length);
  if (stringsOnly.has(field.at(-2) ?? '') || (field.at(-1) === 'value' && field.at(-3) === 'env')) return true;
  return holderOf(document, path) !== undefined;
}

function noteUnresolved({ text, input }: { text: string; input: string }, origin: Origin, pass: Pass): void {
  if (pass.values.missing.has(input)) return;
  const known = pass.unresolved.get(text);
  if (known === undefined) pass.unresolved.set(text, { text, input, places: [origin] });
  else known.places.push(origin);
}

function unresolvedFindings({ unresolved, values }: Pass): readonly Finding[] {
  return [...unresolved.values()].map(({ text, input, places: [origin, ...others] }) =>
    errorFinding(
      'placeholders/unresolved',
      `Placeholder ${text} has no value: there is no input ${input}.`,
      howToResolve(text, input, values),
      {
        ...(origin === undefined ? {} : { origin }),
        evidence: others.map(({ file, line }) => `also at ${file}:${line}`),
      },
    ),
  );
}

/** What AWS knows, by the names that manifests use for it. */
const awsFacts: Readonly<Record<string, string>> = {
  aws_region: 'region',
  aws_account_id: 'account',
  aws_account: 'account',
};

function howToResolve(text: string, input: string, { secret, known }: Values): string {
  const near = didYouMean(input, known);
  const variable = `OMS_INPUT_${input.toUpperCase()}`;
  const ways = secret.has(input) ? `${variable} or --secrets-file` : `--set ${input}=... or ${variable}`;
  const aws = awsFacts[input];
  if (aws !== undefined) return `Declare it in the configuration: ${input}: {sources: [{aws: ${aws}}]}.`;
  const store = secret.has(input) ? ', there with its place in Secrets Manager or Parameter Store' : '';
  const give = `${near === '' ? 'Give' : `${near} Otherwise give`} it with ${ways}, or declare it under inputs: in the configuration${store}.`;
  return text.startsWith('${') ? `${give} To keep the text as it is, write $${text}.` : give;
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
