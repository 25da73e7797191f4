import type { Document } from 'yaml';
import { errorFinding, type Finding } from '../model/finding.ts';
import { arrayOf, at, isObject, objectOf, stringOf, textOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { isKubernetesObject, itemsOf, type Origin, refOf } from '../model/object.ts';
import { offsetOf } from '../model/yaml.ts';
import type { FilledScalar } from './fill-document.ts';
import { withoutServersFields } from './sources/exported.ts';

/** A document whose placeholders are filled, as plain values, and how its offsets become lines. */
export interface FilledDocument {
  readonly body: unknown;
  readonly document: Document;
  readonly originAt: (offset: number) => Origin;
  readonly start: Origin;
  readonly filled: readonly FilledScalar[];
  readonly addon?: string | undefined;
}

export type Found =
  /** `isExported`: it had what only the server writes; that is left out. */
  { readonly manifest: Manifest; readonly isExported: boolean } | { readonly finding: Finding };

/** The objects of a document: itself, or the items of a list; a finding for what is no object. */
export function objectsIn(filled: FilledDocument): readonly Found[] {
  const { body } = filled;
  const items = itemsOf(body);
  if (items === undefined) return [objectIn(body, '', filled)];
  return items.map((item, index) => objectIn(item, `items[${index}].`, filled));
}

function objectIn(value: unknown, prefix: string, within: FilledDocument): Found {
  const { document, originAt, start, filled, addon } = within;
  const offset = prefix === '' ? undefined : offsetOf(document, prefix);
  const origin = offset === undefined ? start : originAt(offset);
  const problem = problemOf(value);
  if (problem !== undefined || !isKubernetesObject(value)) {
    const { cause, fix } = problem ?? notAnObject;
    return { finding: errorFinding('manifests/object', cause, fix, { origin }) };
  }
  const lineOf = (path: string): number | undefined => {
    const at = offsetOf(document, prefix + path);
    return at === undefined ? undefined : originAt(at).line;
  };
  // An object of a List has the scalars below its own item.
  const base = prefix === '' ? [] : ['items', /\d+/.exec(prefix)?.[0] ?? ''];
  const own = filled.filter(({ path }) => base.every((step, index) => path[index] === step));
  const fillings = own.map((one) => ({ ...one, path: one.path.slice(base.length) }));
  const { body, isExported } = withoutServersFields(value);
  const manifest = { ref: refOf(body), body, origin, lineOf, fillings, ...(addon === undefined ? {} : { addon }) };
  return { manifest, isExported };
}

interface Problem {
  readonly cause: string;
  readonly fix: string;
}

const notAnObject: Problem = {
  cause: 'The document is not a Kubernetes object.',
  fix: 'Remove it, or take its file out of the manifests.',
};

const listOfObjects: Problem = {
  cause: 'The document is a list, not a Kubernetes object.',
  fix: 'Write each object as a document of its own, with --- between them, or all as items of an object of kind List.',
};

function problemOf(value: unknown): Problem | undefined {
  if (Array.isArray(value)) return listOfObjects;
  if (!isObject(value)) return notAnObject;
  const absent = ['apiVersion', 'kind'].filter((key) => typeof value[key] !== 'string' || value[key] === '');
  if (absent.length > 0) {
    return {
      cause: `The document has no ${absent.join(' and no ')}.`,
      fix: 'Add it, or take the file out of the manifests.',
    };
  }
  const metadata = objectOf(value.metadata);
  const [owner] = arrayOf(metadata.ownerReferences);
  if (owner !== undefined) {
    return {
      cause: `${textOf(value.kind)} ${textOf(metadata.name)} belongs to ${textOf(at(owner, 'kind'))} ${textOf(at(owner, 'name'))}, which makes it (metadata.ownerReferences).`,
      fix: 'Take it out of the manifests: the server deletes what has an owner that is not there.',
    };
  }
  if (typeof metadata.name === 'string' && metadata.name !== '') return undefined;
  const cause = `${stringOf(value.kind) ?? 'The object'} has no metadata.name.`;
  if (typeof metadata.generateName !== 'string') return { cause, fix: 'Add metadata.name.' };
  return { cause, fix: 'Use a fixed name: generateName makes a new object on every run.' };
}
