import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { textsRead } from '../../../../src/manifests/network/texts-read.ts';
import type { Manifest } from '../../../../src/model/manifest.ts';
import { type KubernetesObject, refOf } from '../../../../src/model/object.ts';

function manifest(body: KubernetesObject): Manifest {
  return { ref: refOf(body), body, origin: { file: '', line: 1 }, lineOf: () => undefined };
}

/** A pod that reads a text as an entry of a ConfigMap, of a Secret, and as an argument: the same of each. */
function read(text: string): string | undefined {
  const container = {
    name: 'main',
    args: [text],
    envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'hidden' } }],
  };
  const template = { spec: { containers: [container] } };
  const job = manifest({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once' }, spec: { template } });
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { text } };
  const data = { text: Buffer.from(text).toString('base64') };
  const hidden = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'hidden' }, data };
  const texts = textsRead(job, [manifest(settings), manifest(hidden)]).map((one) => one.text);
  assert.equal(texts.length, 3);
  assert.equal(new Set(texts).size, 1);
  return texts[0];
}

const rows: readonly (readonly [what: string, text: string, left: string])[] = [
  ['of YAML', 'brokers:\n  # - kafka.example.com:9092\n  - b-1.example.com:9098', 'brokers:\n  - b-1.example.com:9098'],
  ['of properties and ini', '#url=redis://old:6379\nurl=redis://new:6379', 'url=redis://new:6379'],
  ['with the line ends of Windows', '# redis://old:6379\r\nurl=redis://new:6379\r\n', 'url=redis://new:6379\r\n'],
  ['that are all there is', '# redis://old:6379\n', ''],
  ['of two slashes', '{\n  // redis://old:6379\n}', '{\n}'],
];

for (const [what, text, left] of rows) {
  test(`pods are told no comments ${what}`, () => assert.equal(read(text), left));
}

test('what is no line of its own is no comment', () => {
  for (const text of [
    'url: https://api.example.com/#/home',
    'url=redis://new:6379 # the new one',
    '//db.example.com:1521/x',
  ])
    assert.equal(read(text), text);
});
