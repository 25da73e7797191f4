import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hookOf, withHooks } from '../../../src/manifests/hooks.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { type KubernetesObject, refOf } from '../../../src/model/object.ts';

function objectOf(kind: string, annotations: Readonly<Record<string, string>>, name = 'one'): KubernetesObject {
  return { apiVersion: kind === 'Job' ? 'batch/v1' : 'v1', kind, metadata: { name, namespace: 'shop', annotations } };
}

function manifestOf(body: KubernetesObject): Manifest {
  const lineOf = (path: string): number | undefined => (path.startsWith('metadata.annotations[') ? 7 : undefined);
  return { ref: refOf(body), body, origin: { file: 'a.yaml', line: 3 }, lineOf };
}

const ours = { run: 'oms-deploy.io/hook', delete: 'oms-deploy.io/hook-delete' };

/** Annotations of a Job, and how it is a hook: `run, delete, weight`. */
const hooks: readonly (readonly [annotations: Readonly<Record<string, string>>, hook: string])[] = [
  [{}, 'none'],
  [{ [ours.run]: 'before' }, 'before, before-next, 0'],
  [{ [ours.run]: 'after', [ours.delete]: 'never' }, 'after, never, 0'],
  [{ 'helm.sh/hook': 'pre-install, pre-upgrade', 'helm.sh/hook-weight': '-5' }, 'before, before-next, -5'],
  [
    { 'helm.sh/hook': 'post-upgrade', 'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded' },
    'after, on-success, 0',
  ],
  [{ 'helm.sh/hook': 'post-install', 'helm.sh/hook-delete-policy': 'hook-failed' }, 'after, before-next, 0'],
  [{ 'helm.sh/hook': 'test,post-install' }, 'after, before-next, 0'],
  [{ 'helm.sh/hook': 'pre-upgrade', 'helm.sh/hook-weight': 'heavy' }, 'before, before-next, 0'],
  [{ 'helm.sh/hook': 'test' }, 'none'],
  [{ 'argocd.argoproj.io/hook': 'PreSync', 'argocd.argoproj.io/sync-wave': '2' }, 'before, before-next, 2'],
  [
    { 'argocd.argoproj.io/hook': 'PostSync', 'argocd.argoproj.io/hook-delete-policy': 'HookSucceeded' },
    'after, on-success, 0',
  ],
  [{ 'argocd.argoproj.io/hook': 'Sync' }, 'none'],
  [{ 'helm.sh/hook': 'post-install', [ours.run]: 'before' }, 'before, before-next, 0'],
];

for (const [annotations, expected] of hooks) {
  test(`a Job with ${JSON.stringify(annotations)}: ${expected}`, () => {
    const hook = hookOf(objectOf('Job', annotations));
    assert.equal(hook === undefined ? 'none' : `${hook.run}, ${hook.delete}, ${hook.weight}`, expected);
    assert.equal(hookOf(objectOf('ConfigMap', annotations)), undefined);
  });
}

/** What is found, and whether the object stays. */
const found: readonly (readonly [
  kind: string,
  annotations: Readonly<Record<string, string>>,
  ids: string,
  stays: boolean,
])[] = [
  ['Job', { [ours.run]: 'before', 'oms-deploy.io/timeout': '5m' }, '', true],
  ['Job', { [ours.run]: 'Before' }, 'error hooks/invalid', true],
  ['Job', { [ours.run]: 'before', [ours.delete]: 'always' }, 'error hooks/invalid', true],
  ['Job', { [ours.run]: 'before', 'oms-deploy.io/timeout': 'soon' }, 'error hooks/invalid', true],
  ['Job', { [ours.delete]: 'never' }, 'error hooks/invalid', true],
  ['Deployment', { [ours.run]: 'before' }, 'error hooks/invalid', true],
  ['ServiceAccount', { 'helm.sh/hook': 'pre-install' }, '', true],
  ['Pod', { 'helm.sh/hook': 'test' }, 'info hooks/left-out', false],
  ['Job', { 'helm.sh/hook': 'pre-delete,pre-rollback' }, 'info hooks/left-out', false],
  ['Job', { 'argocd.argoproj.io/hook': 'SyncFail' }, 'info hooks/left-out', false],
  ['Job', { 'helm.sh/hook': 'test', [ours.run]: 'after' }, '', true],
];

for (const [kind, annotations, ids, stays] of found) {
  test(`${kind} with ${JSON.stringify(annotations)}: ${ids || 'nothing to say'}`, () => {
    const { manifests, findings } = withHooks(
      [manifestOf(objectOf(kind, annotations))],
      { hooks: {}, placeOf: () => undefined },
      true,
    );
    assert.equal(findings.map(({ severity, id }) => `${severity} ${id}`).join(), ids);
    assert.equal(manifests.length === 1, stays);
    if (ids.startsWith('error')) assert.deepEqual(findings[0]?.origin, { file: 'a.yaml', line: 7 });
  });
}

test('the configuration makes a Job a hook by annotations, which a record keeps; a name that nobody has is warned of', () => {
  const job = manifestOf(objectOf('Job', { team: 'a' }, 'migrate'));
  const hooks = {
    'Job/migrate': { run: 'before', delete: 'on-success', timeout: '10m' },
    'Job/gone': { run: 'after' },
  } as const;
  const { manifests, findings } = withHooks([job], { hooks, placeOf: () => undefined }, true);
  assert.deepEqual(manifests[0]?.body.metadata.annotations, {
    team: 'a',
    [ours.run]: 'before',
    [ours.delete]: 'on-success',
    'oms-deploy.io/timeout': '10m',
  });
  assert.deepEqual(
    findings.map(({ id, severity }) => [id, severity]),
    [['hooks/unknown', 'warning']],
  );
});

test('what the configuration says of hooks is told at its own place, and speaks of hooks', () => {
  const manifests = [manifestOf(objectOf('Deployment', {}, 'web')), manifestOf(objectOf('Job', {}, 'migrate'))];
  const placeOf = (path: readonly (string | number)[]) => ({
    origin: { file: 'oms-deploy.yaml', line: path[1] === 'Deployment/shop/web' ? 7 : 8, column: 3 },
    layer: 'file' as const,
    isExact: true,
  });
  const hooks = { 'Deployment/shop/web': { run: 'before' }, 'Job/migrat': { run: 'after' } } as const;
  const { findings } = withHooks(manifests, { hooks, placeOf }, true);
  assert.deepEqual(
    findings.map(({ id, origin, cause, fix }) => `${origin?.line} ${id} ${cause} ${fix}`),
    [
      '7 hooks/invalid hooks: of the configuration names Deployment/shop/web: only a Job can be a hook. Take it out of hooks:, or name a Job.',
      '8 hooks/unknown The configuration has a hook Job/migrat, and no manifest has such an object. Did you mean Job/migrate?',
    ],
  );
});
