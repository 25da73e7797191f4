import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goalText } from '../../../src/deploy/goal-text.ts';
import type { ReleaseSummary } from '../../../src/model/release.ts';
import { manifest } from '../manifests/helpers.ts';
import { change, planOf } from '../ui/helpers.ts';

const endedAt = '2026-03-01T10:00:00Z';
const nowMs = Date.parse('2026-03-03T10:00:00Z');

function release(number: number, rest: Partial<ReleaseSummary> = {}): ReleaseSummary {
  const changes = { created: 0, updated: 0, unchanged: 0, deleted: 0 };
  const author = { user: 'kim', host: 'laptop' };
  const [status, action] = ['deployed', 'up'] as const;
  return { number, status, action, startedAt: endedAt, endedAt, author, toolVersion: '0.0.0', changes, ...rest };
}

function workload(name: string, image: string, tags = ''): ReturnType<typeof change> {
  const annotations = tags === '' ? {} : { annotations: { 'oms-deploy.io/image-tags': tags } };
  const spec = { template: { spec: { containers: [{ name: 'app', image }] } } };
  const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, ...annotations }, spec };
  return { ...change('update', 'Deployment', name), manifest: manifest(body) };
}

const digest = `sha256:${'0123456789ab'.padEnd(64, '0')}`;

test('a rollback says to which release it goes: whose, from when and which commit, with which images', () => {
  const plan = planOf([
    workload('web', `123.dkr.ecr.us-east-1.amazonaws.com/shop/web@${digest}`, 'app=1.4.2'),
    workload('api', `example.com:5000/api@${digest}`),
    workload('old', 'old'),
    { ...workload('gone', 'gone:7'), op: 'delete' },
  ]);
  const commit = { hash: '4a35434c0123456789', dirty: false };
  const releases = [release(4), release(3, { commit })];
  assert.equal(
    goalText('rollback to 3', releases, plan, nowMs),
    'Going back to release 3: up by kim 2 d ago, commit 4a35434c, with web:1.4.2, api:sha256:0123456789ab, old.',
  );
});

test('of a release it says what is known', () => {
  const author = { user: 'runner', host: 'x', url: 'https://ci.example/1' };
  assert.equal(
    goalText('rollback to 3', [release(3, { author })], planOf([]), nowMs),
    'Going back to release 3: up by CI 2 d ago.',
  );
  assert.equal(goalText('rollback to 3', [], planOf([]), nowMs), 'Going back to release 3.');
});
