import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Discovery } from '../../../src/cluster/discovery.ts';
import { servingOf } from '../../../src/deploy/serving.ts';
import { definitionsIn } from '../../../src/manifests/definitions.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { refOf } from '../../../src/model/object.ts';
import { live } from './helpers.ts';

function manifest(apiVersion: string, kind: string, spec: JsonObject = {}): Manifest {
  const body = live({ apiVersion, kind, metadata: { name: 'one' }, spec });
  return { ref: refOf(body), body, origin: { file: 'a.yaml', line: 9 }, lineOf: () => undefined };
}

const definitions = definitionsIn([
  manifest('apiextensions.k8s.io/v1', 'CustomResourceDefinition', {
    group: 'example.com',
    scope: 'Namespaced',
    names: { kind: 'Thing', plural: 'things' },
    versions: [
      { name: 'v1', served: false },
      { name: 'v2', served: true },
    ],
  }),
]);

/** A cluster that serves these. */
function serving(...known: readonly string[]): Discovery {
  return {
    find: ({ apiVersion, kind }) =>
      known.includes(`${apiVersion} ${kind}`) ? { resource: 'x', namespaced: true } : undefined,
    versionsOf: () => known.map((one) => one.split(' ')[0] ?? ''),
    contents: () => [],
  };
}

test('a kind that the cluster serves, or that a definition brings', () => {
  const thing = manifest('example.com/v2', 'Thing');
  assert.equal(servingOf(thing, definitions, serving('example.com/v2 Thing')).state, 'served');
  assert.equal(servingOf(thing, definitions, serving()).state, 'defined');
  assert.equal(
    servingOf(manifest('apps/v1', 'Deployment'), definitions, serving('apps/v1 Deployment')).state,
    'served',
  );
});

test('a version that the definition no longer serves is refused, although the cluster serves it still', () => {
  const found = servingOf(manifest('example.com/v1', 'Thing'), definitions, serving('example.com/v1 Thing'));
  assert.ok(found.state === 'unknown');
  assert.deepEqual(found.finding.origin, { file: 'a.yaml', line: 9 });
  assert.match(found.finding.fix, /^Write apiVersion: example\.com\/v2, which the definition serves\.$/);
});

test('a kind that nobody knows names the versions of the cluster, or what may be missing', () => {
  const wrong = servingOf(manifest('apps/v1beta1', 'Deployment'), definitions, serving('apps/v1 Deployment'));
  assert.match(wrong.state === 'unknown' ? wrong.finding.fix : '', /apps\/v1, which this cluster serves/);
  const typo = servingOf(manifest('apps/v1', 'Deploymnt'), definitions, serving());
  assert.match(typo.state === 'unknown' ? typo.finding.fix : '', /typos/);
});
