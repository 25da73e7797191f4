import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type Node } from 'yaml';
import { parseYaml } from '../model/yaml.ts';
import type { SourceFile } from './sources/source-file.ts';
import { withScalars } from './splice.ts';

/** Where a container's image stands in a manifest file. */
export interface ImageScalar {
  readonly image: string;
  /** Where its text begins and ends in the file, quotes included. */
  readonly start: number;
  readonly end: number;
}

/** The images of all containers in a file, of whatever kind its objects are. */
export interface FileImages {
  readonly images: readonly ImageScalar[];
  /** A part of it can't be read: there may be more. */
  readonly isBroken: boolean;
}

/** Finds them. */
export function imageScalars({ text }: SourceFile): FileImages {
  if (!/\bimage\b/.test(text)) return { images: [], isBroken: false };
  const { documents } = parseYaml(text);
  const whole = documents.filter(({ errors }) => errors.length === 0);
  return {
    images: whole.flatMap((document) => imagesBelow(document.contents, '', document)),
    isBroken: whole.length < documents.length,
  };
}

/** `list` is the name of the list whose items are looked at. */
function imagesBelow(node: unknown, list: string, document: Document): readonly ImageScalar[] {
  if (isSeq(node)) return node.items.flatMap((item) => imagesBelow(item, list, document));
  if (!isMap(node)) return [];
  const isContainer = list === 'containers' || list === 'initContainers';
  return node.items.flatMap((pair) => {
    if (!isPair(pair)) return [];
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    if (isContainer && key === 'image') return scalarOf(pair.value, document);
    return imagesBelow(pair.value, key, document);
  });
}

/** An alias is replaced where it stands, not what it stands for. */
function scalarOf(node: unknown, document: Document): readonly ImageScalar[] {
  const scalar = isAlias(node) ? node.resolve(document) : node;
  const range = isAlias(node) || isScalar(node) ? rangeOf(node) : undefined;
  if (!isScalar(scalar) || typeof scalar.value !== 'string' || range === undefined) return [];
  return [{ image: scalar.value, start: range[0], end: range[1] }];
}

function rangeOf({ range }: Node): readonly [number, number] | undefined {
  return range === null || range === undefined ? undefined : [range[0], range[1]];
}

/** The file with other images. */
export function withImageScalars(
  file: SourceFile,
  changed: readonly { readonly at: ImageScalar; readonly image: string }[],
): SourceFile {
  return withScalars(
    file,
    changed.map(({ at: { start, end }, image }) => ({ start, end, text: image })),
  );
}
