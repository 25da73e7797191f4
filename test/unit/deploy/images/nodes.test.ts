import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NodeFacts, type Placement, placementOf } from '../../../../src/deploy/images/nodes.ts';
import type { JsonObject } from '../../../../src/model/json.ts';
import { live } from '../helpers.ts';

const nodes: readonly NodeFacts[] = [
  { architecture: 'amd64', labels: { 'kubernetes.io/arch': 'amd64', pool: 'blue' } },
  { architecture: 'amd64', labels: { 'kubernetes.io/arch': 'amd64', pool: 'blue' } },
  { architecture: 'arm64', labels: { 'kubernetes.io/arch': 'arm64', pool: 'green' } },
];

function required(values: readonly string[], operator = 'In'): JsonObject {
  const term = { matchExpressions: [{ key: 'kubernetes.io/arch', operator, values }] };
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } } };
}

const cases: readonly (readonly [string, JsonObject, Placement])[] = [
  ['anywhere', {}, { architectures: ['amd64', 'arm64'], isChosen: false }],
  [
    'by its selector',
    { nodeSelector: { 'kubernetes.io/arch': 'arm64' } },
    { architectures: ['arm64'], isChosen: true },
  ],
  [
    'one that no node has yet',
    { nodeSelector: { 'kubernetes.io/arch': 's390x' } },
    { architectures: ['s390x'], isChosen: true },
  ],
  ['on a pool', { nodeSelector: { pool: 'green' } }, { architectures: ['arm64'], isChosen: false }],
  ['on a pool without nodes', { nodeSelector: { pool: 'red' } }, { architectures: [], isChosen: false }],
  ['by its affinity', { affinity: required(['amd64']) }, { architectures: ['amd64'], isChosen: true }],
  [
    'not by what it avoids',
    { affinity: required(['amd64'], 'NotIn') },
    { architectures: ['amd64', 'arm64'], isChosen: false },
  ],
];

for (const [name, spec, expected] of cases) {
  test(`where pods may run: ${name}`, () => {
    const workload = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a' },
      spec: { template: { spec } },
    };
    assert.deepEqual(placementOf(live(workload), nodes), expected);
  });
}
