import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usesOf } from '../../../src/manifests/uses.ts';

function secretsOf(text: string): readonly string[] {
  return [...usesOf([{ name: 'k8s/app.yaml', text }]).inSecrets];
}

const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: "${name}"}\n';

test('the inputs of all files, each once', () => {
  const { names } = usesOf(['${a} <B_C>', 'x: ${a} # ${d}'].map((text) => ({ name: 'f', text })));
  assert.deepEqual([...names.keys()], ['a', 'b_c', 'd']);
  assert.deepEqual(usesOf([{ name: 'f', text: 'a: b\nc: ${d} ${d}\n' }]).names.get('d'), { file: 'f', line: 2 });
});

const places: readonly (readonly [string, string, readonly string[]])[] = [
  ['stringData and data', `${secret}stringData: {a: "\${x}"}\ndata:\n  b: <B_64>\n`, ['x', 'b_64']],
  ['inside other text', `${secret}stringData:\n  url: |\n    redis://:\${x}@\${host}\n`, ['x', 'host']],
  ['an item of a List', `kind: List\nitems:\n- kind: Secret\n  stringData: {a: REPLACE_WITH_X}\n`, ['x']],
  ['beside other documents', `kind: ConfigMap\ndata: {a: "\${y}"}\n---\n${secret}stringData: {a: "\${x}"}\n`, ['x']],
  ['a document with a mistake', `${secret}stringData:\n  a: "\${x}"\n  b: [1\n`, ['x']],
  ['JSON', '{"kind":"Secret","stringData":{"a":"${x}"}}', ['x']],
  ['a reference to a Secret is none', `kind: Deployment\nspec: {secretName: "\${x}", kind: Secret}\n`, []],
];

for (const [name, text, expected] of places) {
  test(`fills a Secret: ${name}`, () => assert.deepEqual(secretsOf(text), expected));
}

test('base64 is what Kubernetes wants in data, and not in stringData', () => {
  const text = `${secret}data: {a: "\${x}"}\nstringData: {b: "\${y}"}\n`;
  assert.deepEqual([...usesOf([{ name: 'f', text }]).encoded], ['x']);
});
