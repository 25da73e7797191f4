import type { Document, Scalar } from 'yaml';
import { type PlaceholderStyle, placeholderStyles } from '../config/usual-placeholders.ts';
import { isPrivateEcr } from '../manifests/choose-images.ts';
import { markFields } from '../manifests/placeholders/marks.ts';
import { placeOf } from '../manifests/placeholders/place.ts';
import { rulesOf, tokenise } from '../manifests/placeholders/scan.ts';
import { inputNamed, isMark, styles } from '../manifests/placeholders/styles.ts';
import { hasToken, placeholdersIn, unmarked, withoutTokens } from '../manifests/placeholders/tokens.ts';
import { holderOf, objectPath, walk } from '../manifests/tree.ts';
import { stepOf } from '../model/field-path.ts';
import { parseImageName } from '../model/image.ts';
import { textOf } from '../model/json.ts';
import { parseYaml } from '../model/yaml.ts';
import type { PlaceholderPlace, TextFile } from './evidence.ts';

/** A placeholder where it stands, if it is one: nothing is decided yet. */
export interface Hit {
  readonly text: string;
  /** Undefined for a text that has no style, and that a script replaces. */
  readonly style: PlaceholderStyle | undefined;
  /** The input; for a mark such as CHANGEME after the field that it stands in. */
  readonly input: string;
  readonly fallback?: string;
  readonly place: PlaceholderPlace;
  /** The whole value is it. */
  readonly isWhole: boolean;
  /** In a text for a shell or another program. */
  readonly isProse: boolean;
  /** The value has no space in it: a name, a host, an image. */
  readonly isTight: boolean;
  /** The text of the scalar, as it stands in the file. */
  readonly value: string;
}

/** A file of manifests with a token for all that any style could mean. */
interface ReadFile {
  readonly documents: readonly Document[];
  readonly lineAt: (offset: number) => number;
}

/** Parses a file; `texts` are placeholders without a style. */
export function readTokenised({ path, text }: TextFile, texts: readonly string[]): ReadFile {
  const inputs = Object.fromEntries(texts.map((one) => [one, inputNamed(one)]));
  const rules = rulesOf({ styles: [...placeholderStyles], inputs, fields: {}, literals: {}, keep: [] });
  const { file } = markFields({ name: path, text: tokenise(text, rules) }, rules);
  const { documents, lines } = parseYaml(file.text);
  return {
    documents: documents.filter(({ errors }) => errors.length === 0),
    lineAt: (offset) => lines.linePos(offset).line,
  };
}

/** What may be a placeholder in a file. */
export function hitsIn(file: TextFile, { documents, lineAt }: ReadFile): readonly Hit[] {
  const hits: Hit[] = [];
  for (const document of documents) {
    walk(document.contents, [], (scalar, path, isKey) => {
      if (typeof scalar.value === 'string' && hasToken.test(scalar.value))
        hits.push(...hitsOf(document, scalar, path, isKey, { file: file.path, line: lineAt(scalar.range?.[0] ?? 0) }));
      return 'keep';
    });
  }
  return hits;
}

function hitsOf(
  document: Document,
  scalar: Scalar,
  path: readonly string[],
  isKey: boolean,
  origin: PlaceholderPlace['origin'],
): readonly Hit[] {
  const tokenised = String(scalar.value);
  const value = withoutTokens(tokenised).trim();
  const object = objectNameAt(document, path);
  const field = fieldAt(document, path);
  const isImage = path.at(-1) === 'image' && /^(?:init)?containers$/i.test(path.at(-3) ?? '');
  const { isProse } = placeOf(document, scalar, path, isKey);
  return placeholdersIn(unmarked(tokenised) ?? tokenised).map(({ text, input, fallback }) => {
    const style = input === '' || isMark(text) ? 'change-me' : styleOf(text);
    const part = isImage ? partOf(value, text) : undefined;
    const isEcr = part === 'tag' && isPrivateEcr(parseImageName(tokenised.trim()).repository);
    const image = {
      ...(part === undefined ? {} : { imagePart: part }),
      ...(isEcr ? { isOfTagFlag: true as const } : {}),
    };
    return {
      text,
      style,
      input: style === 'change-me' ? nameOfField(object, field) : input,
      ...(fallback === undefined ? {} : { fallback }),
      place: { object, field, origin, isSecret: holderOf(document, path) === 'Secret', ...image },
      isWhole: value === text,
      isProse,
      isTight: !/\s/.test(value),
      value,
    };
  });
}

/** The first style that finds the whole text. */
export function styleOf(text: string): PlaceholderStyle | undefined {
  return styles.find(({ pattern }) => new RegExp(`^(?:${pattern.source})$`).test(text))?.name;
}

/** A colon before the placeholder, and no slash behind it: the tag. */
function partOf(image: string, text: string): 'repository' | 'tag' {
  const before = image.slice(0, image.indexOf(text));
  const after = image.slice(before.length + text.length);
  return /:[^/]*$/.test(before) && !after.includes('/') ? 'tag' : 'repository';
}

/** `ConfigMap/app-config`; an object without a name, as a patch may be one, is called by its kind. */
function objectNameAt(document: Document, path: readonly string[]): string {
  const base = objectPath(document, path).map(stepOf);
  const word = (...steps: readonly string[]): string => withoutTokens(textOf(document.getIn([...base, ...steps])));
  return [word('kind') || 'Kustomization', word('metadata', 'name')].filter((part) => part !== '').join('/');
}

/** The path inside the object: keys with a dot in brackets, entries of lists by their name, else by their place. */
function fieldAt(document: Document, path: readonly string[]): string {
  const start = objectPath(document, path).length;
  let field = '';
  for (const [index, part] of path.entries()) {
    if (index < start) continue;
    const name = /^\d+$/.test(part) ? textOf(document.getIn([...path.slice(0, index + 1).map(stepOf), 'name'])) : '';
    if (/^\d+$/.test(part)) field += `[${/^[A-Za-z_][\w-]*$/.test(name) ? name : part}]`;
    else if (/[.[\]]/.test(part)) field += `[${part}]`;
    else field += field === '' ? part : `.${part}`;
  }
  return field;
}

/** What a field itself is called: a key, or the variable of a container. */
export function lastNameIn(field: string): string {
  const steps = field.replaceAll('[', '.').replaceAll(']', '').split('.');
  const isValue = steps.at(-1) === 'value' && steps.length > 1;
  return inputNamed((isValue ? steps.at(-2) : steps.at(-1)) ?? field);
}

/** Words that say nothing without the object that they stand in. */
const bare: ReadonlySet<string> = new Set([
  ...['password', 'pass', 'username', 'user', 'key', 'token', 'value', 'secret', 'host', 'port', 'url', 'uri'],
  ...['name', 'id', 'image', 'endpoint', 'connection', 'connection_string', 'data', 'config', 'arn'],
]);

/** `Secret/app-secrets` and `stringData.db-password` are `db_password`, `Secret/db` and `stringData.password` too. */
function nameOfField(object: string, field: string): string {
  const own = lastNameIn(field);
  if (!bare.has(own)) return own;
  const holder = inputNamed(object.split('/').at(-1) ?? '')
    .split('_')
    .filter((part) => !/^(?:secrets?|credentials?|creds|config|configmap|settings|app|my)$/.test(part));
  return holder.length === 0 ? own : inputNamed([...holder, own].join('_'));
}
