import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  hasField,
  managedFieldsOf,
  unionFields,
  withDefaults,
  withoutField,
  withoutOwned,
} from '../../../src/deploy/managed-fields.ts';
import type { Json, JsonObject } from '../../../src/model/json.ts';
import { entry, live } from './helpers.ts';

test('managedFieldsOf reads what is there and passes over what is no entry', () => {
  const raw = entry('kubectl', { 'f:spec': {} }, { subresource: 'scale' });
  const object = live({ apiVersion: 'v1', kind: 'A', metadata: { name: 'a', managedFields: [raw, 'x', {}] } });
  assert.deepEqual(managedFieldsOf(object), [
    {
      manager: 'kubectl',
      operation: 'Update',
      apiVersion: 'apps/v1',
      subresource: 'scale',
      fields: { 'f:spec': {} },
      raw,
    },
    { manager: '', operation: '', apiVersion: '', subresource: '', fields: {}, raw: {} },
  ]);
  assert.deepEqual(managedFieldsOf(live({ apiVersion: 'v1', kind: 'A', metadata: { name: 'a' } })), []);
});

const set: JsonObject = { 'f:spec': { 'f:replicas': {}, 'f:template': { 'f:spec': {} } }, 'f:data': {} };

test('hasField', () => {
  assert.equal(hasField(set, 'f:spec', 'f:replicas'), true);
  assert.equal(hasField(set, 'f:spec'), true);
  assert.equal(hasField(set, 'f:spec', 'f:paused'), false);
  assert.equal(hasField(set, 'f:data', 'f:x'), false);
  assert.equal(hasField({}, 'f:spec'), false);
});

test('withoutField: parents that become empty go, others stay', () => {
  assert.deepEqual(withoutField(set, 'f:spec', 'f:replicas'), {
    'f:spec': { 'f:template': { 'f:spec': {} } },
    'f:data': {},
  });
  assert.deepEqual(withoutField({ 'f:a': { 'f:b': { 'f:c': {} } }, 'f:d': {} }, 'f:a', 'f:b', 'f:c'), { 'f:d': {} });
  assert.deepEqual(withoutField(set, 'f:spec', 'f:nothing'), set);
  assert.deepEqual(withoutField(set, 'f:nothing', 'f:x'), set);
});

const unions: readonly (readonly [JsonObject, JsonObject, JsonObject])[] = [
  [{}, {}, {}],
  [{ 'f:a': {} }, { 'f:b': {} }, { 'f:a': {}, 'f:b': {} }],
  [{ 'f:a': {} }, { 'f:a': { 'f:b': {} } }, { 'f:a': { 'f:b': {} } }],
  [{ 'f:a': { 'f:b': {} } }, { 'f:a': {} }, { 'f:a': { 'f:b': {} } }],
  [
    { 'f:a': { 'k:{"name":"x"}': { '.': {}, 'f:image': {} } } },
    { 'f:a': { 'k:{"name":"x"}': { 'f:env': {} }, 'v:"y"': {} } },
    { 'f:a': { 'k:{"name":"x"}': { '.': {}, 'f:image': {}, 'f:env': {} }, 'v:"y"': {} } },
  ],
];

for (const [a, b, union] of unions) {
  test(`unionFields ${JSON.stringify(a)} + ${JSON.stringify(b)}`, () => {
    assert.deepEqual(unionFields(a, b), union);
    assert.deepEqual(unionFields(b, a), union);
  });
}

test('unionFields has every field of both, and only those', () => {
  const steps = fc.constantFrom('f:a', 'f:b', 'k:{"name":"c"}', 'v:1');
  const { fields } = fc.letrec<{ fields: JsonObject }>((tie) => ({
    fields: fc.oneof({ maxDepth: 3 }, fc.constant({}), fc.dictionary(steps, tie('fields'), { maxKeys: 3 })),
  }));
  const leaves = (value: JsonObject, path = ''): readonly string[] =>
    Object.entries(value).flatMap(([step, inner]) => [
      `${path}/${step}`,
      ...leaves((inner ?? {}) as JsonObject, `${path}/${step}`),
    ]);
  fc.assert(
    fc.property(fields, fields, (a, b) => {
      const both = new Set([...leaves(a), ...leaves(b)]);
      assert.deepEqual(new Set(leaves(unionFields(a, b))), both);
    }),
  );
});

const containers = [
  { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
  { name: 'b', image: 'b:1' },
];

const removals: readonly (readonly [string, Json, JsonObject, readonly JsonObject[], Json])[] = [
  ['a field that nobody keeps', { a: 1, b: 2 }, { 'f:a': {} }, [], { b: 2 }],
  ['a field that another keeps', { a: 1, b: 2 }, { 'f:a': {}, 'f:b': {} }, [{ 'f:a': {} }], { a: 1 }],
  ['a field of no owner stays', { a: 1, b: 2 }, { 'f:c': {} }, [], { a: 1, b: 2 }],
  [
    'inside a mapping that is kept in part',
    { spec: { a: 1, b: 2, c: 3 } },
    { 'f:spec': { 'f:a': {}, 'f:b': {} } },
    [{ 'f:spec': { 'f:b': {} } }],
    { spec: { b: 2, c: 3 } },
  ],
  [
    'each of several who keep counts',
    { spec: { a: 1, b: 2, c: 3 } },
    { 'f:spec': { 'f:a': {}, 'f:b': {}, 'f:c': {} } },
    [{ 'f:spec': { 'f:a': {} } }, { 'f:spec': { 'f:c': {} } }],
    { spec: { a: 1, c: 3 } },
  ],
  [
    'an item of a list by its key',
    { containers },
    { 'f:containers': { 'k:{"name":"a"}': { '.': {} }, 'k:{"name":"b"}': { '.': {} } } },
    [{ 'f:containers': { 'k:{"name":"a"}': { '.': {} } } }],
    { containers: [containers[0] ?? null] },
  ],
  [
    'a field of an item, and an item of an item',
    { containers },
    { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:image': {}, 'f:env': { 'k:{"name":"X"}': { '.': {} } } } } },
    [{ 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:env': {} } } }],
    { containers: [{ name: 'a', env: [] }, containers[1] ?? null] },
  ],
  [
    'an item by several keys, numbers among them',
    {
      ports: [
        { port: 80, protocol: 'TCP' },
        { port: 80, protocol: 'UDP' },
      ],
    },
    { 'f:ports': { 'k:{"port":80,"protocol":"UDP"}': {} } },
    [{ 'f:ports': {} }],
    { ports: [{ port: 80, protocol: 'TCP' }] },
  ],
  [
    'an item of a set',
    { finalizers: ['x/a', 'x/b'] },
    { 'f:finalizers': { 'v:"x/a"': {}, 'v:"x/b"': {} } },
    [{ 'f:finalizers': { 'v:"x/b"': {} } }],
    { finalizers: ['x/b'] },
  ],
  [
    'items of a set that are no strings',
    { list: [1, 2, true] },
    { 'f:list': { 'v:1': {}, 'v:true': {} } },
    [{ 'f:list': {} }],
    { list: [2] },
  ],
  ['an atomic value as a whole', { list: [1, 2] }, { 'f:list': {} }, [{ 'f:list': {} }], { list: [1, 2] }],
  ['a field that is not there', { a: 1 }, { 'f:b': { 'f:c': {} } }, [{ 'f:b': {} }], { a: 1 }],
  ['a field that changed its type', { a: 'text' }, { 'f:a': { 'f:b': {} } }, [{ 'f:a': {} }], { a: 'text' }],
];

for (const [name, value, owned, kept, expected] of removals) {
  test(`withoutOwned: ${name}`, () => {
    const before = structuredClone(value);
    assert.deepEqual(withoutOwned(value, owned, kept), expected);
    assert.deepEqual(value, before, 'the value that went in is not changed');
  });
}

test('withDefaults: what the server sets by itself is back, what it does not stays away', () => {
  const before = {
    spec: {
      deadline: 600,
      replicas: 5,
      extra: 'kubectl',
      containers: [
        { name: 'b', pull: 'Always', port: 1 },
        { name: 'a', pull: 'Always' },
      ],
    },
  };
  const after = { spec: { containers: [{ name: 'a' }, { name: 'b' }] } };
  const fresh = {
    spec: {
      deadline: 600,
      replicas: 1,
      containers: [
        { name: 'a', pull: 'IfNotPresent' },
        { name: 'b', pull: 'Always' },
      ],
    },
  };
  assert.deepEqual(withDefaults(after, before, fresh), {
    spec: {
      deadline: 600,
      replicas: 1,
      containers: [
        { name: 'a', pull: 'IfNotPresent' },
        { name: 'b', pull: 'Always' },
      ],
    },
  });
});

test('withDefaults leaves metadata alone: a new object has another name', () => {
  const before = { metadata: { name: 'a', uid: '1' } };
  assert.deepEqual(withDefaults({ metadata: { name: 'a' } }, before, { metadata: { name: 'x', uid: '2' } }), {
    metadata: { name: 'a' },
  });
});
