import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Manifest } from '../../../src/model/manifest.ts';
import type { TemplatePart } from '../../../src/model/readiness.ts';
import { originOfProblem } from '../../../src/verify/problem-origin.ts';

const containers = 'spec.template.spec.containers';
const lines: Readonly<Record<string, number>> = {
  [`${containers}[0]`]: 10,
  [`${containers}[0].image`]: 11,
  [`${containers}[1]`]: 20,
  [`${containers}[1].resources`]: 22,
  [`${containers}[1].envFrom[0].configMapRef.name`]: 25,
  [`${containers}[1].env[0].valueFrom.secretKeyRef.key`]: 28,
  'spec.template.spec.initContainers[0]': 30,
};

const body = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    template: {
      spec: {
        containers: [
          { name: 'side', image: 'side:1' },
          {
            name: 'web',
            image: 'web:1',
            resources: { limits: { cpu: '1' } },
            envFrom: [{ configMapRef: { name: 'settings' } }],
            env: [{ name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'credentials', key: 'password' } } }],
          },
        ],
        initContainers: [{ name: 'migrate', image: 'migrate:1' }],
      },
    },
  },
};

const manifest: Manifest = {
  ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
  body,
  origin: { file: 'k8s/web.yaml', line: 3 },
  lineOf: (path) => lines[path],
};

const lineOf = (about: TemplatePart | undefined, of = manifest): string => {
  const { file, line } = originOfProblem(of, about === undefined ? {} : { about });
  return `${file}:${line}`;
};

test('a problem stands at its field, else at what the field belongs to, else at its container, else at the object', () => {
  assert.equal(lineOf({ container: 'side', field: 'image' }), 'k8s/web.yaml:11');
  assert.equal(lineOf({ container: 'web', field: 'resources.limits.memory' }), 'k8s/web.yaml:22');
  assert.equal(lineOf({ container: 'web', field: 'readinessProbe' }), 'k8s/web.yaml:20');
  assert.equal(lineOf({ container: 'migrate', field: '' }), 'k8s/web.yaml:30');
  // A sidecar that something has injected is in no file.
  assert.equal(lineOf({ container: 'istio-proxy', field: 'image' }), 'k8s/web.yaml:3');
  assert.equal(lineOf(undefined), 'k8s/web.yaml:3');
});

test('a ConfigMap or key that is missing stands where it is read', () => {
  assert.equal(lineOf({ kind: 'ConfigMap', name: 'settings' }), 'k8s/web.yaml:25');
  assert.equal(lineOf({ kind: 'Secret', name: 'credentials', key: 'password' }), 'k8s/web.yaml:28');
  assert.equal(lineOf({ kind: 'Secret', name: 'settings' }), 'k8s/web.yaml:3');
});

test('a field that the configuration overrides is corrected there', () => {
  const overridden = {
    ...manifest,
    overrideOf: (path: string) => (path.endsWith('[1].image') ? { file: 'oms-deploy.yaml', line: 7 } : undefined),
  };
  assert.equal(lineOf({ container: 'web', field: 'image' }, overridden), 'oms-deploy.yaml:7');
});
