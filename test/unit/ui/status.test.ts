import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReleaseSummary } from '../../../src/model/release.ts';
import type { ApplicationStatus, WorkloadStatus } from '../../../src/model/status.ts';
import { formatStatus } from '../../../src/ui/status.ts';
import { createStyle } from '../../../src/ui/style.ts';

const row: WorkloadStatus = {
  object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
  state: 'ready',
  desired: 2,
  updated: 2,
  ready: 2,
  restarts: 0,
  ageMs: 60_000,
  images: ['registry.example/shop/web:1.1'],
  olderImages: [],
  why: '',
  isTroubled: false,
};

function shown(status: Partial<ApplicationStatus>): readonly string[] {
  const none = { workloads: [], services: [], scalers: [], addresses: [], others: 0 };
  const whole = { application: 'shop', cluster: 'prod', namespace: 'shop', ...none, ...status };
  return formatStatus(whole, createStyle(false, true)).trimEnd().split('\n').slice(2);
}

const failing: WorkloadStatus = {
  ...row,
  state: 'progressing',
  updated: 1,
  why: '1 of 2 pods updated',
  isTroubled: true,
};
const now = 'registry.example/shop/web:1.1';

test('a workload that runs what it names', () => {
  assert.deepEqual(shown({ workloads: [row] }).slice(1), ['  ✔  web       2/2    2        0         60 s  web:1.1']);
});

test('a rollout that hangs shows which version serves and which one does not come, however many pods are ready', () => {
  const olderImages = [{ image: 'registry.example/shop/web:1.0', now, pods: 2 }];
  assert.deepEqual(shown({ workloads: [{ ...failing, olderImages }] }).slice(1), [
    '  !  web       2/2    1        0         60 s  web:1.0 -> 1.1 (1 of 2 updated)',
    '  web: 1 of 2 pods updated; 2 pods still serve web:1.0',
  ]);
});

test('an older image of another name, and a sidecar that stays', () => {
  const olderImages = [{ image: 'host:5000/legacy@sha256:abc', now, pods: 1 }];
  const images = [now, 'registry.example/proxy:7'];
  const [, line = '', why] = shown({ workloads: [{ ...failing, images, olderImages }] });
  assert.match(line, / legacy@sha256:abc -> web:1\.1 \(1 of 2 updated\), proxy:7$/);
  assert.equal(why, '  web: 1 of 2 pods updated; 1 pod still serves legacy@sha256:abc');
});

test('where nothing of the application is, what is there is said, and nobody is sent to deploy', () => {
  const next = 'next: another namespace, -n <name>';
  assert.deepEqual(shown({}), ['Nothing of shop is deployed here. The namespace has no workloads.', next]);
  assert.deepEqual(shown({ application: '', others: 1 }), [
    "oms-deploy has deployed nothing here. The namespace has 1 workload that oms-deploy didn't deploy.",
    next,
  ]);
  const release: ReleaseSummary = {
    ...{ number: 3, status: 'deployed', action: 'up', startedAt: '2026-01-01T00:00:00Z', toolVersion: '1' },
    author: { user: 'kim', host: 'laptop' },
    changes: { created: 0, updated: 0, unchanged: 0, deleted: 0 },
  };
  assert.deepEqual(shown({ isGone: true, release }), [
    'Nothing of shop is left here of release 3. The namespace has no workloads.',
    next,
  ]);
});

test('an image by digest: its tag where that is known, else the beginning of the digest', () => {
  const digest = `sha256:${'0f'.repeat(32)}`;
  const cell = (image: string): string =>
    shown({ workloads: [{ ...row, images: [image] }] })[1]
      ?.split(/ +/)
      .at(-1) ?? '';
  assert.equal(cell(`registry.example/shop/web:1.1@${digest}`), 'web:1.1');
  assert.equal(cell(`registry.example/shop/web@${digest}`), 'web@sha256:0f0f0f0f0f0f');
});

test('what a deploy sets back and what it leaves are told apart, each with what to do', () => {
  const { object } = row;
  const config = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'settings' };
  const changed = { path: 'spec.paused', before: false, after: true, isAdded: false, isOlder: false };
  const added = { path: 'data.X', after: '1', manager: 'kubectl-edit', isAdded: true, isOlder: true };
  const drift = [
    { object, fields: [changed, { ...added, path: 'spec.minReadySeconds', after: 9 }], isGone: false },
    { object: config, fields: [added], isGone: false },
    { object: { ...config, name: 'gone' }, fields: [], isGone: true },
  ];
  assert.deepEqual(shown({ workloads: [row], drift }).slice(3), [
    '  ! Changed by hand since release :',
    '    Deployment shop/web',
    '      spec.paused: false -> true',
    '    ConfigMap shop/gone: deleted',
    '  Set back what the manifests say: oms-deploy up.',
    '',
    '  ! Added by hand, and no deploy takes it away:',
    '    Deployment shop/web',
    '      spec.minReadySeconds: + 9, by kubectl-edit',
    '      remove: kubectl edit deployment web -n shop',
    '    ConfigMap shop/settings',
    '      data.X: + 1, by kubectl-edit',
    '      remove: kubectl edit configmap settings -n shop',
    '  To keep it, write it into the manifests.',
  ]);
});

test('of a newest release that failed the next step is to ask why', () => {
  const release = (status: ReleaseSummary['status']): ReleaseSummary => ({
    number: 2,
    status,
    action: 'up',
    startedAt: new Date().toISOString(),
    author: { user: 'ann', host: 'laptop' },
    toolVersion: '1.0.0',
    changes: { created: 0, updated: 1, unchanged: 0, deleted: 0 },
  });
  assert.equal(
    shown({ workloads: [failing], release: release('failed') }).at(-1),
    'next: why it failed: oms-deploy doctor',
  );
  assert.doesNotMatch(shown({ workloads: [row], release: release('deployed') }).join('\n'), /next/);
});
