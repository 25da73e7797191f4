import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodiesOf, renderText } from '../helpers.ts';

const live = `apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  uid: 1-2
  resourceVersion: "7"
  generation: 2
  creationTimestamp: "2026-01-01T00:00:00Z"
  selfLink: /x
  managedFields: [{manager: kubectl}]
  labels: {app: a}
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: "{}"
    mine: kept
status: {x: 1}
`;

test('an exported object loses what the server writes, with one note for all', () => {
  const { manifests, findings } = renderText(`${live}---\n${live.replace('name: a', 'name: b')}`);
  assert.deepEqual(
    manifests.map(({ body }) => body),
    [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a', labels: { app: 'a' }, annotations: { mine: 'kept' } },
      },
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'b', labels: { app: 'a' }, annotations: { mine: 'kept' } },
      },
    ],
  );
  assert.deepEqual(
    findings.map(({ id, severity, evidence }) => [id, severity, evidence]),
    [['manifests/exported', 'info', ['k8s/app.yaml:1  ConfigMap a', 'k8s/app.yaml:17  ConfigMap b']]],
  );
});

test('what a generator leaves empty is no export', () => {
  const text = 'apiVersion: v1\nkind: A\nmetadata: {name: a, creationTimestamp: null}\nstatus: {}\n';
  assert.deepEqual(bodiesOf(text), [{ apiVersion: 'v1', kind: 'A', metadata: { name: 'a' }, status: {} }]);
});

test('an object that belongs to another is refused', () => {
  const { manifests, findings } = renderText(
    'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a-x\n  ownerReferences: [{kind: ReplicaSet, name: a}]\n',
  );
  assert.deepEqual(manifests, []);
  assert.match(findings[0]?.cause ?? '', /^Pod a-x belongs to ReplicaSet a, which makes it/);
});
