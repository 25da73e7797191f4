import { Buffer } from 'node:buffer';
import { isObject, type Json, objectOf, textOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';

/** A field that the API server can't read, where its message names none. */
export interface UnreadableField {
  readonly path: string;
  readonly what: string;
  readonly fix: string;
}

/**
 * The server says `illegal base64 data at input byte 1` or `unable to parse quantity's suffix`, and not where. Of the two
 * kinds of values that it converts the wrong ones can be found.
 */
export function unreadableFields({ body }: Manifest, message: string): readonly UnreadableField[] {
  if (message.includes('illegal base64')) {
    const fix = 'Write it as plain text under stringData, or encode it.';
    return Object.entries(objectOf(body.data))
      .filter(([, value]) => typeof value === 'string' && !isBase64(value))
      .map(([key]) => ({ path: `data.${key}`, what: 'is not base64', fix }));
  }
  if (!/quantit(y|ies)/.test(message)) return [];
  const fix = 'Write it as 500m, 2, 128Mi or 1Gi.';
  return quantitiesIn(body, '')
    .filter(({ value }) => !quantity.test(value))
    .map(({ path, value }) => ({ path, what: `is ${JSON.stringify(value)}, which is no quantity`, fix }));
}

function isBase64(text: string): boolean {
  const bare = text.replace(/\s/g, '');
  return Buffer.from(bare, 'base64').toString('base64') === bare;
}

/** apimachinery's resource.Quantity. */
const quantity = /^[+-]?(\d+|\d+\.\d*|\.\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;

/** Mappings whose values are quantities, in every kind. */
const quantityMaps: ReadonlySet<string> = new Set(['requests', 'limits', 'hard', 'capacity', 'allocatable']);

function quantitiesIn(
  node: Json | undefined,
  path: string,
): readonly { readonly path: string; readonly value: string }[] {
  if (Array.isArray(node)) {
    return (node as readonly Json[]).flatMap((item, index) => quantitiesIn(item, `${path}[${index}]`));
  }
  if (!isObject(node)) return [];
  return Object.entries(node).flatMap(([key, value]) => {
    const at = path === '' ? key : `${path}.${key}`;
    if (!quantityMaps.has(key) || !isObject(value)) return quantitiesIn(value, at);
    return Object.entries(value).map(([name, one]) => ({ path: `${at}.${name}`, value: textOf(one) }));
  });
}
