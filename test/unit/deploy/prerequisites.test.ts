import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAwaited, prerequisitesIn, stepsOf, waveAfter } from '../../../src/deploy/prerequisites.ts';
import { namespacedBy } from '../../../src/manifests/definitions.ts';
import { stampManifests } from '../../../src/manifests/stamp.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { refOf } from '../../../src/model/object.ts';
import { live } from './helpers.ts';

function manifest(apiVersion: string, kind: string, metadata: JsonObject, spec: JsonObject = {}): Manifest {
  const body = live({ apiVersion, kind, metadata, spec });
  return { ref: refOf(body), body, origin: { file: 'a.yaml', line: 1 }, lineOf: () => undefined };
}

const definition = manifest(
  'apiextensions.k8s.io/v1',
  'CustomResourceDefinition',
  { name: 'things.example.com' },
  {
    group: 'example.com',
    scope: 'Cluster',
    names: { kind: 'Thing', plural: 'things' },
    versions: [{ name: 'v1', served: true }],
  },
);
const space = manifest('v1', 'Namespace', { name: 'side' });
const early = { 'oms-deploy.io/wave': '0' };
const thing = manifest('example.com/v1', 'Thing', { name: 'one', annotations: early });
const external = manifest(
  'external-secrets.io/v1',
  'ExternalSecret',
  { name: 'es', namespace: 'side' },
  { target: { name: 'db' } },
);
const reads = (name: string, more: JsonObject = {}): JsonObject => ({
  template: { spec: { containers: [{ name: 'a', envFrom: [{ secretRef: { name, ...more } }] }] } },
});
const web = manifest('apps/v1', 'Deployment', { name: 'web', namespace: 'side', annotations: early }, reads('db'));
const free = manifest('apps/v1', 'Deployment', { name: 'free', namespace: 'side' }, reads('db', { optional: true }));
const home = manifest('apps/v1', 'Deployment', { name: 'home', namespace: 'shop' }, reads('db'));
const all = [thing, web, free, home, external, space, definition];
const needs = prerequisitesIn(all);

test('an object needs the definition of its kind, its namespace, and what writes the Secrets that it reads', () => {
  assert.deepEqual(needs(thing), [definition]);
  assert.deepEqual(needs(external), [space]);
  assert.deepEqual(needs(web), [space, external]);
  assert.deepEqual(needs(free), [space]);
  assert.deepEqual(needs(home), []);
});

test('no object comes in an earlier wave than what it needs, whatever its annotation says', () => {
  assert.deepEqual(
    [thing, web, home, definition].map((one) => waveAfter(one, needs)),
    [0, 2, 4, 0],
  );
});

test('within a wave what is needed comes in an earlier step', () => {
  const steps = stepsOf(
    all.map((one) => ({ manifest: one })),
    needs,
  );
  const names = steps.map((step) => step.map((change) => change.manifest.ref.name));
  assert.deepEqual(names, [['home', 'side', 'things.example.com'], ['one', 'free', 'es'], ['web']]);
});

/** A Service behind an Ingress, in a namespace with or without the label for readiness gates. */
function gated(label: string, annotations: JsonObject = {}): readonly Manifest[] {
  const port = { number: 80 };
  const paths = ['api', 'missing'].map((name) => ({ path: '/', backend: { service: { name, port } } }));
  const pods = (app: string): JsonObject => ({ template: { metadata: { labels: { app } }, spec: { containers: [] } } });
  return stampManifests(
    [
      manifest('v1', 'Namespace', { name: 'side', labels: { 'elbv2.k8s.aws/pod-readiness-gate-inject': label } }),
      manifest(
        'networking.k8s.io/v1',
        'Ingress',
        { name: 'edge', annotations },
        { ingressClassName: 'alb', rules: [{ http: { paths } }] },
      ),
      manifest('v1', 'Service', { name: 'api' }, { selector: { app: 'api' } }),
      manifest('v1', 'Service', { name: 'other' }, { selector: { app: 'other' } }),
      manifest('apps/v1', 'Deployment', { name: 'api' }, pods('api')),
      manifest('apps/v1', 'Deployment', { name: 'other' }, pods('other')),
    ],
    {
      application: 'shop',
      namespace: 'side',
      writtenFor: [],
      labels: {},
      isNamespaced: ({ ref }) => ref.kind !== 'Namespace',
    },
  );
}

/** `Kind/name wave <- what it needs beside its namespace` of what is at the edge, or behind it. */
function ordered(manifests: readonly Manifest[]): readonly string[] {
  const prerequisites = prerequisitesIn(manifests);
  return manifests
    .filter(({ ref }) => ref.kind === 'Ingress' || ref.kind === 'Deployment')
    .map((one) => {
      const needed = prerequisites(one).filter(({ ref }) => ref.kind !== 'Namespace');
      return `${one.ref.kind}/${one.ref.name} ${waveAfter(one, prerequisites)} <- ${needed.map(({ ref }) => `${ref.kind}/${ref.name}`).join(', ')}`;
    });
}

test('where pods get readiness gates, their load balancer comes before them, and after its Services', () => {
  assert.deepEqual(ordered(gated('enabled')), [
    'Ingress/edge 3 <- Service/api',
    'Deployment/api 4 <- Ingress/edge',
    'Deployment/other 4 <- ',
  ]);
  const none = ['Ingress/edge 6 <- ', 'Deployment/api 4 <- ', 'Deployment/other 4 <- '];
  assert.deepEqual(ordered(gated('disabled')), none);
  // Who says a wave means it.
  assert.deepEqual(ordered(gated('enabled', { 'oms-deploy.io/wave': '6' })), [
    'Ingress/edge 6 <- Service/api',
    ...none.slice(1),
  ]);
});

test('a Service is only applied before what needs it: nobody waits for its pods', () => {
  const manifests = gated('enabled');
  assert.deepEqual(
    manifests.filter((one) => !isAwaited(one)).map(({ ref }) => ref.name),
    ['api', 'other'],
  );
});

test('the scope of a kind is what its definition says', () => {
  const isNamespaced = namespacedBy(all);
  const unknown = manifest('example.org/v1', 'Thing', { name: 'x' });
  assert.deepEqual([thing, web, space, unknown].map(isNamespaced), [false, true, false, true]);
});
