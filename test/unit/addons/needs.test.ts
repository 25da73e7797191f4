import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Addon } from '../../../src/config/schema.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { refOf } from '../../../src/model/object.ts';
import { deployedManifests, servedAddons } from '../../../src/verify/addon-needs.ts';

const needs = [{ kind: 'example.com/Widget', install: 'Install the widget operator.' }];

function manifest(apiVersion: string, kind: string, addon?: string): Manifest {
  const body = { apiVersion, kind, metadata: { name: 'one', namespace: 'shop' } };
  const origin = { file: 'widget.yaml', line: 1 };
  return { ref: refOf(body), body, origin, lineOf: () => undefined, ...(addon === undefined ? {} : { addon }) };
}

const manifests = [manifest('v1', 'ConfigMap'), manifest('example.com/v1', 'Widget', 'widgets')];

/** What becomes of the add-on where the cluster serves these versions of its kind. */
function served(state: Addon['state'], versions: readonly string[]) {
  const discovery = { versionsOf: () => versions };
  const { manifests: kept, findings } = servedAddons(manifests, { widgets: { state, needs } }, discovery);
  return {
    kinds: kept.map(({ ref }) => `${ref.apiVersion} ${ref.kind}`),
    findings: findings.map(({ id, severity, cause, fix }) => ({ id, severity, cause, fix })),
  };
}

test('a kind that the cluster serves is no matter', () => {
  assert.deepEqual(served('on', ['example.com/v1']), {
    kinds: ['v1 ConfigMap', 'example.com/v1 Widget'],
    findings: [],
  });
});

test('one that it serves in another version is taken in that', () => {
  const { kinds, findings } = served('on', ['example.com/v1beta1', 'example.com/v1alpha1']);
  assert.deepEqual([kinds, findings], [['v1 ConfigMap', 'example.com/v1beta1 Widget'], []]);
});

test('without it the add-on is refused, with what to install', () => {
  assert.deepEqual(served('on', []).findings, [
    {
      id: 'cluster/addon',
      severity: 'error',
      cause: "The add-on widgets needs Widget.example.com, which the cluster doesn't serve.",
      fix: 'Install the widget operator.',
    },
  ]);
});

test('an optional one is left out, and that is said', () => {
  assert.deepEqual(served('optional', []), {
    kinds: ['v1 ConfigMap'],
    findings: [
      {
        id: 'addons/left-out',
        severity: 'info',
        cause: "The add-on widgets is left out: it needs Widget.example.com, which the cluster doesn't serve.",
        fix: 'Install the widget operator.',
      },
    ],
  });
});

test('one that is off is no matter', () => assert.deepEqual(served('off', []).findings, []));

/** What is looked for in a cluster without the kind: what a deploy would have left there. */
const looked: readonly (readonly [Addon['state'], readonly string[]])[] = [
  ['on', ['v1 ConfigMap', 'example.com/v1 Widget']],
  ['optional', ['v1 ConfigMap']],
];

for (const [state, kinds] of looked) {
  test(`verify of an add-on that is ${state}, without its kind: ${kinds.join(' and ')} are looked for`, () => {
    const found = deployedManifests(manifests, { widgets: { state, needs } }, { versionsOf: () => [] });
    assert.deepEqual(
      found.map(({ ref }) => `${ref.apiVersion} ${ref.kind}`),
      kinds,
    );
  });
}

test('what is made later is needed, too: all kinds of an add-on that brings one of them', () => {
  const two = [...needs, { kind: 'example.com/Gadget', install: 'Install the gadget operator.' }];
  const discovery = {
    versionsOf: ({ kind }: { readonly kind: string }) => (kind === 'Gadget' ? [] : ['example.com/v1']),
  };
  const { leftOut, findings } = servedAddons(manifests, { widgets: { state: 'optional', needs: two } }, discovery);
  assert.deepEqual([...leftOut], ['widgets']);
  assert.match(findings[0]?.cause ?? '', /it needs Gadget\.example\.com/);
});
