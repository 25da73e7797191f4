import { type Document, isMap, isPair, isScalar, isSeq, type Scalar } from 'yaml';

/** Visits all value scalars; a mapping or sequence entry for which `visit` answers `remove` is taken out. */
export function walk(
  node: unknown,
  path: readonly string[],
  visit: (node: Scalar, path: readonly string[]) => 'keep' | 'remove',
): void {
  const keeps = (child: unknown, step: string): boolean => {
    if (isScalar(child)) return visit(child, [...path, step]) === 'keep';
    walk(child, [...path, step], visit);
    return true;
  };
  if (isMap(node)) node.items = node.items.filter((item) => !isPair(item) || keeps(item.value, keyOf(item.key)));
  else if (isSeq(node)) node.items = node.items.filter((item, index) => keeps(item, String(index)));
}

/** The kind of the ConfigMap or Secret of which the scalar at `path` is a value, also inside a List. */
export function holderOf(document: Document, path: readonly string[]): 'ConfigMap' | 'Secret' | undefined {
  const object = objectPath(document, path);
  const [parent = '', ...rest] = path.slice(object.length);
  if (rest.length !== 1 || (parent !== 'data' && parent !== 'stringData')) return undefined;
  const kind = document.getIn([...object, 'kind']);
  return kind === 'ConfigMap' || kind === 'Secret' ? kind : undefined;
}

/** Where in a document the object begins to which `path` belongs: at its root, or at an item of a List. */
export function objectPath(document: Document, path: readonly string[]): readonly string[] {
  return path[0] === 'items' && document.get('kind') === 'List' ? path.slice(0, 2) : [];
}

function keyOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : '';
}
