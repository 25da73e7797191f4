import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needFor, podNeed, silentContainers } from '../../../src/manifests/pod-need.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';

const one = (name: string, resources: JsonObject, more: JsonObject = {}): JsonObject => ({ name, resources, ...more });
const cpu = (requests: string): JsonObject => ({ requests: { cpu: requests } });
const range = (rule: JsonObject): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'r' },
  spec: { limits: [{ type: 'Container', ...rule }] },
});

test('what a pod counts: containers, sidecars, init containers, overhead, the pod as a whole', () => {
  const containers = [one('a', cpu('100m')), one('b', cpu('200m'))];
  const cases: readonly (readonly [string, JsonObject, number])[] = [
    ['two containers', { containers }, 0.3],
    ['a small init container', { containers, initContainers: [one('i', cpu('250m'))] }, 0.3],
    ['a large init container', { containers, initContainers: [one('i', cpu('1'))] }, 1],
    ['a sidecar', { containers, initContainers: [one('s', cpu('50m'), { restartPolicy: 'Always' })] }, 0.35],
    [
      'an init container beside a sidecar',
      { containers, initContainers: [one('s', cpu('50m'), { restartPolicy: 'Always' }), one('i', cpu('1'))] },
      1.05,
    ],
    ['overhead', { containers, overhead: { cpu: '10m' } }, 0.31],
    ['pod-level resources', { containers, resources: cpu('2') }, 2],
    ['a limit alone is the request', { containers: [one('a', { limits: { cpu: '3' } })] }, 3],
    ['nothing', { containers: [one('a', {})] }, 0],
  ];
  for (const [title, spec, expected] of cases) {
    assert.ok(Math.abs((needFor('requests.cpu', podNeed(spec, [])) ?? -1) - expected) < 1e-9, title);
  }
});

test('LimitRanges complete what containers leave out, and nothing else', () => {
  const ranges = [range({ default: { memory: '1Gi' }, defaultRequest: { memory: '256Mi', cpu: '100m' } })];
  const bare = podNeed({ containers: [one('a', {})] }, ranges);
  assert.deepEqual(
    ['requests.memory', 'limits.memory', 'memory', 'cpu'].map((entry) => needFor(entry, bare)),
    [256 * 2 ** 20, 2 ** 30, 256 * 2 ** 20, 0.1],
  );
  const said = podNeed({ containers: [one('a', { limits: { memory: '64Mi' } })] }, ranges);
  assert.deepEqual(
    ['requests.memory', 'limits.memory'].map((entry) => needFor(entry, said)),
    [64 * 2 ** 20, 64 * 2 ** 20],
  );
});

test('entries of a quota: pods count as one, storage and objects are not about pods', () => {
  const pod = podNeed({ containers: [one('a', { limits: { 'nvidia.com/gpu': '2' } })] }, []);
  assert.deepEqual(
    ['pods', 'count/pods', 'requests.nvidia.com/gpu', 'requests.storage', 'secrets', 'count/deployments.apps'].map(
      (entry) => needFor(entry, pod),
    ),
    [1, 1, 2, undefined, undefined, undefined],
  );
  assert.deepEqual(silentContainers('limits.cpu', pod), ['a']);
  assert.deepEqual(silentContainers('requests.nvidia.com/gpu', pod), []);
});
