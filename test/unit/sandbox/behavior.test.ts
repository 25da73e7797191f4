import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { at, type Json, stringOf } from '../../../src/model/json.ts';
import { findAssets } from '../../../src/sandbox/assets.ts';
import { behaviorAnnotation, behaviorOf, behaviors } from '../../../src/sandbox/behavior.ts';
import { logOf } from '../../../src/sandbox/pod-logs.ts';
import { kwokConfig } from '../../../src/sandbox/stages.ts';
import { acceptKey, createFrameReader, encodeFrame } from '../../../src/sandbox/websocket.ts';

function pod(images: readonly string[], annotation?: string): Json {
  const annotations = annotation === undefined ? {} : { [behaviorAnnotation]: annotation };
  return {
    metadata: { name: 'p', annotations },
    spec: { containers: images.map((image) => ({ name: 'app', image })) },
  };
}

const cases: readonly { name: string; pod: Json; expected: string | undefined }[] = [
  { name: 'a plain tag', pod: pod(['nginx:1.27']), expected: undefined },
  { name: 'no tag', pod: pod(['nginx']), expected: undefined },
  { name: 'a registry with a port', pod: pod(['localhost:5000/app:crash']), expected: 'crash' },
  { name: 'a tag with a digest', pod: pod([`app:oom@sha256:${'0'.repeat(64)}`]), expected: 'oom' },
  { name: 'the second container', pod: pod(['a:1', 'b:never-ready']), expected: 'never-ready' },
  { name: 'the annotation before the tag', pod: pod(['a:crash'], 'slow-ready'), expected: 'slow-ready' },
];

for (const { name, pod: body, expected } of cases) {
  test(`behaviour of ${name}: ${expected ?? 'none'}`, () => {
    assert.equal(behaviorOf(body), expected);
  });
}

test('every behaviour but manual has a stage, and stage names are unique', async () => {
  const documents = parseAllDocuments(await kwokConfig(findAssets().kwokDir, 1234)).map(
    (document): Json => document.toJS(),
  );
  const names = documents
    .filter((one) => at(one, 'kind') === 'Stage')
    .map((one) => stringOf(at(one, 'metadata', 'name')));
  assert.equal(new Set(names).size, names.length);
  for (const name of behaviors) {
    const stages = names.filter((stage) => stage?.endsWith(`-${name}`));
    assert.equal(stages.length > 0, name !== 'manual', `${name}: ${stages.join(' ')}`);
  }
});

test('a container that waits has no log, in the words of the kubelet', () => {
  const waiting = { name: 'app', restartCount: 0, state: { waiting: { reason: 'ImagePullBackOff' } } };
  const body = { ...Object(pod(['a:image-not-found'])), status: { containerStatuses: [waiting] } };
  assert.deepEqual(logOf(body, 'app', false, new Date()), {
    refusal: 'container "app" in pod "p" is waiting to start: trying and failing to pull image',
  });
});

test('WebSocket: the accept key of RFC 6455, and frames of every length survive being cut', () => {
  assert.equal(acceptKey('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  for (const length of [0, 125, 126, 65_535, 65_536]) {
    const payload = Buffer.alloc(length, 7);
    const data = encodeFrame(2, payload);
    const read = createFrameReader();
    const frames = [...read(data.subarray(0, 1)), ...read(data.subarray(1, 9)), ...read(data.subarray(9))];
    assert.deepEqual(frames, [{ opcode: 2, payload }], `length ${length}`);
  }
});
