import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usesOf } from '../../../src/manifests/uses.ts';
import { loaded } from './helpers.ts';

function secretsOf(text: string): readonly string[] {
  return [...usesOf([loaded(text)]).inSecrets];
}

const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: "${name}"}\n';

test('the inputs of all files, each once', () => {
  const { names } = usesOf(['- ${a} <B_C>', '${e}: ${a} # ${d}'].map((text) => loaded(text)));
  assert.deepEqual([...names.keys()], ['a', 'b_c', 'e']);
  const [origin] = usesOf([loaded('a: b\nc: ${d} ${d}\n')]).names.values();
  assert.deepEqual(origin, { file: 'k8s/app.yaml', line: 2 });
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

test('a shell in a script reads the same form: such names are told apart', () => {
  const script = 'kind: ConfigMap\ndata:\n  run.sh: |\n    echo ${HOME} REPLACE_WITH_A\n  b: ${b}\n  c: x-${c}\n';
  const { names, inProse } = usesOf([loaded(script)]);
  assert.deepEqual([...names.keys()], ['a', 'b']);
  assert.deepEqual([...inProse.keys()], ['home', 'c']);
});
