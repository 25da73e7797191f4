import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespacesIn } from '../../../src/manifests/namespaces.ts';
import { loaded } from './helpers.ts';

function namesIn(...texts: readonly string[]): readonly string[] {
  return namespacesIn(texts.map((text) => loaded(text)));
}

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ['of objects, each once', 'kind: A\nmetadata: {namespace: x}\n---\nkind: B\nmetadata: {namespace: x}\n', ['x']],
  ['of a Namespace itself', 'kind: Namespace\nmetadata: {name: x}\n', ['x']],
  ['of the items of a List', 'kind: List\nitems:\n- kind: A\n  metadata: {namespace: x}\n', ['x']],
  ['several', 'kind: A\nmetadata: {namespace: x}\n---\nkind: A\nmetadata: {namespace: z}\n', ['x', 'z']],
  ['a placeholder names none', 'kind: A\nmetadata: {namespace: "${namespace}"}\n', []],
  ['none, an empty document, a list, a text', 'kind: A\nmetadata: {name: x}\n---\n---\n- a\n---\nabc\n', []],
  ['broken YAML names none', 'kind: A\nmetadata: {namespace: x\nb: [\n', []],
];

for (const [name, text, expected] of cases)
  test(`namespaces: ${name}`, () => assert.deepEqual(namesIn(text), expected));
