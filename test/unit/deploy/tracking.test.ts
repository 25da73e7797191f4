import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayStillFail } from '../../../src/deploy/tracking.ts';
import type { Readiness } from '../../../src/model/readiness.ts';
import { manifest } from '../manifests/helpers.ts';

const progressing: Readiness = { state: 'progressing', why: 'not yet' };

function open(apiVersion: string, kind: string, readiness: Readiness = progressing): boolean {
  return mayStillFail({
    manifest: manifest({ apiVersion, kind, metadata: { name: 'a' } }),
    sinceMs: 0,
    isChanged: true,
    readiness,
  });
}

test('after a failure only workloads that still start are waited for: the others wait for pods themselves', () => {
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet']) assert.ok(open('apps/v1', kind), kind);
  assert.ok(open('batch/v1', 'Job'));
  assert.ok(!open('v1', 'Service'));
  assert.ok(!open('autoscaling/v2', 'HorizontalPodAutoscaler'));
  assert.ok(!open('networking.k8s.io/v1', 'Ingress'));
  assert.ok(!open('apps/v1', 'Deployment', { state: 'ready' }));
});
