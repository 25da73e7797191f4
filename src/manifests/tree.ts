import { type Document, isMap, isPair, isScalar, isSeq, type Pair, type Scalar } from 'yaml';
import { listedKind } from '../model/object.ts';

type Visit = (node: Scalar, path: readonly string[], isKey: boolean) => 'keep' | 'remove';

/** Visits all scalars, keys before their values; the entry of one for which `visit` answers `remove` is taken out. */
export function walk(node: unknown, path: readonly string[], visit: Visit): void {
  const keeps = (child: unknown, step: string): boolean => {
    if (isScalar(child)) return visit(child, [...path, step], false) === 'keep';
    walk(child, [...path, step], visit);
    return true;
  };
  const keepsEntry = ({ key, value }: Pair): boolean => {
    if (isScalar(key) && visit(key, [...path, keyOf(key)], true) === 'remove') return false;
    return keeps(value, keyOf(key));
  };
  if (isMap(node)) node.items = node.items.filter((item) => !isPair(item) || keepsEntry(item));
  else if (isSeq(node)) node.items = node.items.filter((item, index) => keeps(item, String(index)));
}

/** The kind of the ConfigMap or Secret of which the scalar at `path` is a value, also inside a List. */
export function holderOf(document: Document, path: readonly string[]): 'ConfigMap' | 'Secret' | undefined {
  const object = objectPath(document, path);
  const [parent = '', ...rest] = path.slice(object.length);
  if (rest.length !== 1 || (parent !== 'data' && parent !== 'stringData')) return undefined;
  const kind = document.getIn([...object, 'kind']) ?? listedKind(document.get('kind'));
  return kind === 'ConfigMap' || kind === 'Secret' ? kind : undefined;
}

/** Where in a document the object begins to which `path` belongs: at its root, or at an item of a list. */
export function objectPath(document: Document, path: readonly string[]): readonly string[] {
  return path[0] === 'items' && listedKind(document.get('kind')) !== undefined ? path.slice(0, 2) : [];
}

function keyOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : '';
}
