import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Release } from '../../../src/model/release.ts';
import {
  decodeOutcome,
  decodeRelease,
  encodeOutcome,
  encodeRelease,
  parseSummary,
  revealSecrets,
  summaryOf,
  withOutcome,
} from '../../../src/releases/record.ts';
import { newKey } from '../../../src/releases/secrets.ts';

const ref = { apiVersion: 'v1', kind: 'Secret', namespace: 'shop', name: 's' };

function releaseWith(noise: string): Release {
  return {
    number: 7,
    status: 'deploying',
    action: 'up',
    startedAt: '2026-11-26T10:00:00.000Z',
    author: { user: 'kim', host: 'laptop' },
    toolVersion: '1.0.0',
    changes: { created: 1, updated: 0, unchanged: 0, deleted: 0 },
    application: 'shop',
    namespace: 'shop',
    target: { cluster: 'dev', server: 'https://dev' },
    inputs: [{ name: 'password', secret: true, source: { kind: 'env', detail: 'OMS_INPUT_PASSWORD' } }],
    objects: [
      {
        ref,
        body: { ...ref, metadata: { name: 's', namespace: 'shop' }, data: { key: 'c2VjcmV0' }, noise },
        origin: { file: 'k8s/app.yaml', line: 3 },
        secretPaths: [['data', 'key']],
      },
    ],
    left: [],
    overrides: [],
    images: [],
    findings: [],
  };
}

test('a release comes back from its record: without its secrets for all, with them for who has the key', async () => {
  const [release, key] = [releaseWith('quiet'), newKey()];
  const parts = await encodeRelease(release, key, 'v7');
  assert.equal(parts.length, 1);
  const read = await decodeRelease(parts);
  assert.deepEqual(read?.objects[0]?.body.data, { key: '****' });
  assert.ok(read);
  assert.deepEqual(await revealSecrets(read, parts, key, 'v7'), release);
  await assert.rejects(revealSecrets(read, parts, newKey(), 'v7'));
});

test('what is too long for one Secret is in parts, each of which fits', async () => {
  const release = releaseWith(randomBytes(1_500_000).toString('base64'));
  const parts = await encodeRelease(release, newKey(), 'v7');
  assert.ok(parts.length >= 3);
  assert.ok(parts.every(({ release: bytes, secrets }) => bytes.length + secrets.length <= 700_000));
  assert.equal((await decodeRelease(parts))?.objects[0]?.body['noise'], release.objects[0]?.body['noise']);
  await assert.rejects(decodeRelease(parts.slice(1)));
});

test('secrets that are long, such as certificates, are in parts, too', async () => {
  const quiet = releaseWith('');
  const key = randomBytes(400_000).toString('base64');
  const objects = quiet.objects.map((object) => ({ ...object, body: { ...object.body, data: { key } } }));
  const [release, sealing] = [{ ...quiet, objects }, newKey()];
  const parts = await encodeRelease(release, sealing, 'v7');
  assert.ok(parts.length >= 4 && parts.every(({ secrets }) => secrets.length <= 100_000));
  const read = await decodeRelease(parts);
  assert.ok(read);
  assert.deepEqual(await revealSecrets(read, parts, sealing, 'v7'), release);
});

test('a record of a form that a newer version has is no release', async () => {
  const newer = gzipSync(JSON.stringify({ schema: 'oms-deploy.io/release/v2', release: releaseWith('') }));
  assert.equal(await decodeRelease([{ release: newer, secrets: Buffer.alloc(0) }]), undefined);
});

test('an outcome adds how it ended; its findings go where they would not fit', async () => {
  const finding = { id: 'a/b', severity: 'error', cause: 'Bad.', evidence: ['proof'], fix: 'Mend it.' } as const;
  const outcome = {
    status: 'failed',
    endedAt: '2026-11-26T10:01:00.000Z',
    message: 'It failed.',
    findings: [finding],
    uids: { '/Secret/shop/s': 'uid-1' },
    left: [],
    images: [],
  } as const;
  const read = await decodeOutcome(await encodeOutcome(outcome));
  assert.deepEqual(read, outcome);
  const ended = withOutcome(releaseWith(''), outcome);
  assert.deepEqual([ended.status, ended.objects[0]?.uid, ended.findings.length], ['failed', 'uid-1', 1]);
  const huge = { ...finding, evidence: [randomBytes(400_000).toString('base64')] };
  const without = await decodeOutcome(await encodeOutcome({ ...outcome, findings: [huge] }));
  assert.deepEqual(without?.findings, []);
  assert.equal(without?.message, 'It failed.');
});

test('an outcome has its timeline, which goes before its findings do; one of an older version has none', async () => {
  const [started, ended] = ['2026-11-26T10:00:00.000Z', '2026-11-26T10:01:00.000Z'];
  const pod = (name: string) => ({ workload: ref, name, restarts: 0 });
  const timeline = { started, ended, waves: [], objects: [], pods: [pod('web-1')], omitted: { objects: 0, pods: 0 } };
  const finding = { id: 'a/b', severity: 'error', cause: 'Bad.', evidence: [], fix: 'Mend it.' } as const;
  const old = { status: 'failed', endedAt: ended, findings: [finding], uids: {}, left: [], images: [] } as const;
  assert.deepEqual(await decodeOutcome(await encodeOutcome({ ...old, timeline })), { ...old, timeline });
  assert.deepEqual(withOutcome(releaseWith(''), { ...old, timeline }).timeline, timeline);
  assert.deepEqual(await decodeOutcome(await encodeOutcome(old)), old);
  const long = { ...timeline, pods: [pod(randomBytes(400_000).toString('base64'))] };
  assert.deepEqual(await decodeOutcome(await encodeOutcome({ ...old, timeline: long })), old);
  const broken = gzipSync(JSON.stringify({ ...old, timeline: { ...timeline, pods: [null] } }));
  assert.deepEqual(await decodeOutcome(broken), old, 'what is no timeline is left out');
});

test('a summary is what the list shows; what is none is left out', () => {
  const summary = summaryOf(releaseWith(''));
  assert.deepEqual(parseSummary(JSON.stringify(summary)), summary);
  for (const text of [undefined, '', '{', '{}', '[]', '{"number": "7"}']) assert.equal(parseSummary(text), undefined);
});
