import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffObjects } from '../../../src/deploy/diff.ts';
import { saltAnnotation } from '../../../src/manifests/config-hash.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { FieldChange } from '../../../src/model/plan.ts';
import { live } from './helpers.ts';

function diff(before: JsonObject, after: JsonObject, kind = 'Deployment'): readonly FieldChange[] {
  const object = ({ metadata, ...rest }: JsonObject) =>
    live({ apiVersion: 'v1', kind, metadata: { name: 'a', ...(metadata as JsonObject | undefined) }, ...rest });
  return diffObjects(object(before), object(after));
}

const cases: readonly (readonly [string, JsonObject, JsonObject, readonly FieldChange[]])[] = [
  ['nothing', { spec: { a: [1, { b: null }] } }, { spec: { a: [1, { b: null }] } }, []],
  [
    'changed, added, removed; sorted',
    { spec: { z: 1, gone: true, same: 1 } },
    { spec: { same: 1, z: 2, added: { x: 1 } } },
    [
      { path: 'spec.added', after: { x: 1 } },
      { path: 'spec.gone', before: true },
      { path: 'spec.z', before: 1, after: 2 },
    ],
  ],
  ['a type that changes', { spec: { a: '1' } }, { spec: { a: 1 } }, [{ path: 'spec.a', before: '1', after: 1 }]],
  ['null and absent differ', { spec: { a: null } }, { spec: {} }, [{ path: 'spec.a', before: null }]],
  [
    "the server's own fields and the status say nothing",
    {
      metadata: {
        uid: '1',
        resourceVersion: '1',
        generation: 1,
        creationTimestamp: 'x',
        managedFields: [],
        selfLink: 'x',
      },
      status: { replicas: 1 },
    },
    {
      metadata: { uid: '2', resourceVersion: '2', generation: 2, creationTimestamp: 'y', managedFields: [{}] },
      status: {},
    },
    [],
  ],
  [
    "kubectl's record and our salt say nothing; other annotations do",
    { metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', a: '1' } } },
    { metadata: { annotations: { [saltAnnotation]: 'x', a: '2' } } },
    [{ path: 'metadata.annotations.a', before: '1', after: '2' }],
  ],
  [
    'keys with dots and slashes',
    { data: { 'app.conf': 'a' }, metadata: { labels: { 'app.kubernetes.io/name': 'a' } } },
    { data: { 'app.conf': 'b' }, metadata: { labels: { 'app.kubernetes.io/name': 'b' } } },
    [
      { path: 'data[app.conf]', before: 'a', after: 'b' },
      { path: 'metadata.labels[app.kubernetes.io/name]', before: 'a', after: 'b' },
    ],
  ],
  [
    'lists with names: by name, and their order if it changes',
    {
      spec: {
        containers: [
          { name: 'a', image: '1' },
          { name: 'b', image: '1' },
        ],
      },
    },
    { spec: { containers: [{ name: 'b', image: '2' }, { name: 'a', image: '1' }, { name: 'c' }] } },
    [
      { path: 'spec.containers[b].image', before: '1', after: '2' },
      { path: 'spec.containers[c]', after: { name: 'c' } },
      { path: 'spec.containers', before: ['a', 'b'], after: ['b', 'a', 'c'] },
    ],
  ],
  [
    'lists without names: by position',
    { spec: { ports: [{ port: 80 }, { port: 81 }] } },
    { spec: { ports: [{ port: 80 }, { port: 82 }, { port: 83 }] } },
    [
      { path: 'spec.ports[1].port', before: 81, after: 82 },
      { path: 'spec.ports[2]', after: { port: 83 } },
    ],
  ],
  [
    'a name that stands twice: by position',
    {
      spec: {
        l: [
          { name: 'a', x: 1 },
          { name: 'a', x: 2 },
        ],
      },
    },
    {
      spec: {
        l: [
          { name: 'a', x: 1 },
          { name: 'a', x: 3 },
        ],
      },
    },
    [{ path: 'spec.l[1].x', before: 2, after: 3 }],
  ],
  ['lists of texts', { args: ['a', 'b'] }, { args: ['a'] }, [{ path: 'args[1]', before: 'b' }]],
];

for (const [name, before, after, expected] of cases) {
  test(`diff: ${name}`, () => assert.deepEqual(diff(before, after), expected));
}

const hidden = /^\*{4} \([0-9a-f]{8}\)$/;
const salted = (salt: string): JsonObject => ({ annotations: { [saltAnnotation]: salt } });

test('values of a Secret are fingerprints: equal for equal values and salts only', () => {
  const change = (before: string, after: string, salt: string): FieldChange => {
    const [field] = diff(
      { metadata: salted(salt), data: { p: before } },
      { metadata: salted(salt), data: { p: after } },
      'Secret',
    );
    assert.ok(field);
    return field;
  };
  const first = change('aHVudGVyMjI=', 'aHVudGVyMjM=', 'one');
  assert.equal(first.path, 'data.p');
  assert.match(String(first.before), hidden);
  assert.match(String(first.after), hidden);
  assert.notEqual(first.before, first.after);
  assert.deepEqual(change('aHVudGVyMjI=', 'aHVudGVyMjM=', 'one'), first);
  assert.notDeepEqual(change('aHVudGVyMjI=', 'aHVudGVyMjM=', 'two'), first);
});

const secretChanges: readonly (readonly [string, JsonObject, JsonObject])[] = [
  ['a key that is added', { data: {} }, { data: { p: 'aHVudGVyMjI=' } }],
  ['a key that goes', { data: { p: 'aHVudGVyMjI=' } }, { data: {} }],
  ['data as a whole', {}, { data: { p: 'aHVudGVyMjI=' } }],
  ['a key with a dot', { data: { 'p.q': 'aHVudGVyMjI=' } }, { data: { 'p.q': 'eA==' } }],
  ['stringData', { stringData: { p: 'hunter22' } }, { stringData: { p: 'x' } }],
];

for (const [name, before, after] of secretChanges) {
  test(`a Secret's values are never in clear: ${name}`, () => {
    const fields = diff(before, after, 'Secret');
    assert.equal(fields.length, 1);
    assert.doesNotMatch(JSON.stringify(fields), /hunter22|aHVudGVyMjI/);
    assert.match(JSON.stringify(fields), /\*{4} \(/);
  });
}

test("a Secret's labels, and the data of a ConfigMap, are shown", () => {
  assert.deepEqual(diff({ metadata: { labels: { a: '1' } } }, { metadata: { labels: { a: '2' } } }, 'Secret'), [
    { path: 'metadata.labels.a', before: '1', after: '2' },
  ]);
  assert.deepEqual(diff({ data: { a: '1' } }, { data: { a: '2' } }, 'ConfigMap'), [
    { path: 'data.a', before: '1', after: '2' },
  ]);
});
