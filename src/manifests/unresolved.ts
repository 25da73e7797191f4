import type { Document, Scalar } from 'yaml';
import { stepOf } from '../model/field-path.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { textOf } from '../model/json.ts';
import { formatOrigin, type Origin } from '../model/object.ts';
import { didYouMean } from '../model/suggest.ts';
import type { Placeholder } from './placeholders/tokens.ts';
import { objectPath } from './tree.ts';

/** A scalar of a manifest file. */
interface PlacedScalar {
  readonly document: Document;
  readonly path: readonly string[];
  readonly origin: Origin;
}

interface Unresolved {
  readonly placeholder: Placeholder;
  readonly scalar: PlacedScalar;
  /** Where else it stands. */
  readonly others: Origin[];
}

/** What is known of inputs: which are secret, and all their names. */
interface Known {
  readonly secret: ReadonlySet<string>;
  readonly known: readonly string[];
}

/** The placeholders without a value, each once. */
export type UnresolvedNotes = Map<string, Unresolved>;

export function createUnresolved(): UnresolvedNotes {
  return new Map();
}

export function noteUnresolved(notes: UnresolvedNotes, placeholder: Placeholder, scalar: PlacedScalar): void {
  // A mark names no input: each is a gap of its own.
  const key = placeholder.input === '' ? `${formatOrigin(scalar.origin)} ${scalar.path.join('.')}` : placeholder.text;
  const known = notes.get(key);
  if (known === undefined) notes.set(key, { placeholder, scalar, others: [] });
  else known.others.push(scalar.origin);
}

/** One error for each placeholder, with all its places. */
export function unresolvedFindings(notes: UnresolvedNotes, values: Known): readonly Finding[] {
  return [...notes.values()].map(({ placeholder, scalar, others }) => {
    const { text, input } = placeholder;
    const { origin } = scalar;
    if (input === '') return openMark(text, scalar);
    return errorFinding(
      'placeholders/unresolved',
      `Placeholder ${text} has no value: there is no input ${input}.`,
      howToResolve(placeholder, values),
      { origin, evidence: others.map((other) => `also at ${formatOrigin(other)}`) },
    );
  });
}

function openMark(text: string, { document, path, origin }: PlacedScalar): Finding {
  const base = objectPath(document, path);
  const word = (...steps: readonly string[]): string => textOf(document.getIn([...base.map(stepOf), ...steps]));
  const object = `${word('kind')}/${word('metadata', 'name')}`;
  const field = path
    .slice(base.length)
    .map((part) => (/^\d+$/.test(part) || part.includes('.') ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
  return errorFinding(
    'placeholders/unresolved',
    `${object} still has ${text} at ${field}: a value is missing there.`,
    `Write the value, or say in the configuration which input fills it: placeholders: {fields: {${object}: {${field}: <input>}}}. If it is meant: placeholders: {keep: [${text}]}.`,
    { origin },
  );
}

/** A placeholder that is taken for somebody else's, in a value that is hardly a script: it may be a typo. */
export function leftAlone({ text, input }: Placeholder, origin: Origin): Finding {
  return {
    id: 'placeholders/left',
    severity: 'warning',
    origin,
    cause: `${text} stays as it is: there is no input ${input}.`,
    evidence: [],
    fix: `If it is a placeholder, declare ${input} under inputs: in the configuration, or give it with --set ${input}=...; if not, write $${text}.`,
  };
}

const withFilter = /(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)\|[A-Za-z]+\}/g;

/** What only a composed input can have: `${password|uri}` of an input. */
export function misplacedFilters(text: string, meant: ReadonlySet<string>, origin: Origin): readonly Finding[] {
  return [...text.matchAll(withFilter)]
    .filter(([, input = '']) => meant.has(input))
    .map(([written]) =>
      errorFinding(
        'placeholders/filter',
        `${written} is of composed inputs: in a manifest it would be deployed as it stands.`,
        `Compose an input of it in the configuration, such as url: {compose: ["...${written}..."]}, and write \${url} here.`,
        { origin },
      ),
    );
}

/** Two keys of one mapping have become the same. */
export function doubleKey(key: Scalar, origin: Origin): Finding {
  const cause = `The key ${String(key.value)} stands twice in one mapping, once its placeholders are filled.`;
  return errorFinding('manifests/yaml', cause, 'Give one of them another name.', { origin });
}

/** What AWS knows, by the names that manifests use for it. */
const awsFacts: Readonly<Record<string, string>> = {
  aws_region: 'region',
  aws_account_id: 'account',
  aws_account: 'account',
};

function howToResolve({ text, input, isShell }: Placeholder, { secret, known }: Known): string {
  const near = didYouMean(input, known);
  const variable = `OMS_INPUT_${input.toUpperCase()}`;
  const ways = secret.has(input) ? `${variable} or --secrets-file` : `--set ${input}=... or ${variable}`;
  const aws = awsFacts[input];
  if (aws !== undefined) return `Declare it in the configuration: ${input}: {sources: [{aws: ${aws}}]}.`;
  const store = secret.has(input) ? ', there with its place in Secrets Manager or Parameter Store' : '';
  const give = `${near === '' ? 'Give' : `${near} Otherwise give`} it with ${ways}, or declare it under inputs: in the configuration${store}.`;
  const keep = isShell && text.startsWith('$') ? `write $${text}` : `placeholders: {keep: ["${text}"]}`;
  return `${give} To keep the text as it is: ${keep}.`;
}
