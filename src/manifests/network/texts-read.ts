import { Buffer } from 'node:buffer';
import { arrayOf, at, isObject, objectOf, stringOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { allContainers, configReferences, podTemplateOf } from '../pod-template.ts';

/** A text that the pods of a workload read, and how it is called there: a variable, a key, or nothing. */
export interface TextRead {
  readonly name: string;
  readonly text: string;
}

/**
 * What the containers of a workload are told: arguments, variables, and the ConfigMaps and Secrets of the manifests that they
 * read. Without lines that are comments: an example in one opens nothing.
 */
export function textsRead({ body, ref }: Manifest, manifests: readonly Manifest[]): readonly TextRead[] {
  const template = podTemplateOf(body);
  if (template === undefined) return [];
  const own = allContainers(objectOf(template.spec)).flatMap(({ command, args, env }) => [
    ...[...arrayOf(command), ...arrayOf(args)].flatMap((one) =>
      typeof one === 'string' ? [{ name: '', text: one }] : [],
    ),
    ...arrayOf(env).flatMap((one) => {
      const [name, text] = [stringOf(at(one, 'name')), stringOf(at(one, 'value'))];
      return text === undefined ? [] : [{ name: name ?? '', text }];
    }),
  ]);
  const referred = configReferences(template).flatMap(({ kind, name, keys }) => {
    const source = manifests.find(
      (one) => one.ref.kind === kind && one.ref.name === name && one.ref.namespace === ref.namespace,
    );
    return source === undefined ? [] : entriesOf(source).filter((one) => keys === 'all' || keys.includes(one.name));
  });
  return [...own, ...referred].map(({ name, text }) => ({ name, text: withoutComments(text) }));
}

/** Whatever the format of a text is: `//` begins a comment only where there are other lines, as EZConnect begins so, too. */
function withoutComments(text: string): string {
  const lines = text.split('\n');
  const isOneLine = text.trim().split('\n').length === 1;
  return lines.filter((line) => !(isOneLine ? /^\s*#/ : /^\s*(?:#|\/\/)/).test(line)).join('\n');
}

function entriesOf({ body }: Manifest): readonly TextRead[] {
  const isEncoded = body.kind === 'Secret';
  return Object.entries(isObject(body.data) ? body.data : {}).flatMap(([name, value]) => {
    if (typeof value !== 'string') return [];
    return [{ name, text: isEncoded ? Buffer.from(value, 'base64').toString('utf8') : value }];
  });
}
