import { type Document, isMap, Scalar } from 'yaml';
import { holderOf, objectPath } from '../tree.ts';
import type { ScalarPlace } from './fill.ts';
import { placeholdersIn, withoutTokens } from './tokens.ts';

/** Mappings and lists whose values the API declares as strings, in every kind. */
const stringsOnly: ReadonlySet<string> = new Set([
  'labels',
  'annotations',
  'matchLabels',
  'nodeSelector',
  'command',
  'args',
]);

/** What a scalar of a manifest is: it decides how a placeholder in it is filled. */
export function placeOf(document: Document, node: Scalar, path: readonly string[], isKey: boolean): ScalarPlace {
  const holder = holderOf(document, path);
  const isData = holder === 'Secret' && path.at(-2) === 'data';
  const isWord = isKey || holder !== undefined || isString(path.slice(objectPath(document, path).length));
  return {
    isPlain: node.type === Scalar.PLAIN && !isWord,
    isEncoded: isData && !isKey,
    isProse: !isKey && !isData && isProse(String(node.value), holder !== undefined, path),
  };
}

/** Fields that the API declares as strings: an unquoted placeholder there stays one, as `redis-port: ${redis_port}`. */
function isString(field: readonly string[]): boolean {
  return stringsOnly.has(field.at(-2) ?? '') || (field.at(-1) === 'value' && field.at(-3) === 'env');
}

/**
 * A text for a shell or another program: several lines, or in a ConfigMap or a command more than the placeholder itself.
 * A lone `${name}` is hardly ever theirs.
 */
function isProse(tokenised: string, isInConfig: boolean, path: readonly string[]): boolean {
  const text = withoutTokens(tokenised).trim();
  if (text.includes('\n')) return true;
  const isLone = placeholdersIn(tokenised).some((one) => one.text === text);
  const isCommand = path.at(-2) === 'command' || path.at(-2) === 'args';
  return !isLone && (isInConfig || (isCommand && /\s/.test(text)));
}

/** Keys of a mapping that stand there twice once their placeholders are filled. */
export function duplicateKeys(node: unknown): readonly Scalar[] {
  if (!isMap(node)) return [];
  const seen = new Set<string>();
  return node.items.flatMap(({ key }) => {
    const name = key instanceof Scalar ? String(key.value) : '';
    const isDouble = key instanceof Scalar && name !== '<<' && seen.has(name);
    seen.add(name);
    return isDouble ? [key] : [];
  });
}
