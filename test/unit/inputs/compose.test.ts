import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeInputs, hiddenNames, secretNames } from '../../../src/inputs/compose.ts';
import { inputsOf, specsWith } from './helpers.ts';

const connection = {
  host: {},
  port: {},
  user: { secret: true, optional: true },
  password: { secret: true, optional: true },
  redis: { compose: ['${host}:${port},ssl=True', { when: 'password', text: ',password=${password}' }] },
  uri: { compose: ['db://', { when: 'user', text: '${user|uri}:${ password | uri }@' }, '${host}'] },
  both: { compose: ['[${redis}] [${uri}]'] },
};

function valuesOf(
  specs: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, string | number>>,
): Record<string, unknown> {
  const { inputs } = composeInputs(specsWith(specs), inputsOf(given, ['user', 'password']));
  return Object.fromEntries(
    [...inputs.values()].filter(({ source }) => source.kind !== 'env').map(({ name, value }) => [name, value]),
  );
}

test('parts are joined; one with `when` is left out where that input has no value', () => {
  assert.deepEqual(valuesOf(connection, { host: 'h', port: 6379 }), {
    redis: 'h:6379,ssl=True',
    uri: 'db://h',
    both: '[h:6379,ssl=True] [db://h]',
  });
});

test('a part may count where one of several inputs has a value; an optional input without any part is absent', () => {
  const specs = {
    arn: { optional: true },
    host: { optional: true },
    ports: { compose: ['80', { when: ['arn', 'host'], text: ',443' }] },
    redirect: { optional: true, compose: [{ when: ['arn', 'host'], text: '443' }] },
    required: { compose: [{ when: 'arn', text: 'x' }] },
  };
  assert.deepEqual(valuesOf(specs, {}), { ports: '80', required: '' });
  assert.deepEqual(valuesOf(specs, { host: 'h' }), { ports: '80,443', redirect: '443', required: '' });
  assert.deepEqual(valuesOf(specs, { arn: 'a', host: 'h' }), { ports: '80,443', redirect: '443', required: 'x' });
});

test('values are percent-encoded where it is asked for, and nowhere else', () => {
  const composed = valuesOf(connection, { host: 'h', port: 1, user: 'a:b@c', password: "p/%!'()* ${host} $& é" });
  assert.equal(composed['redis'], "h:1,ssl=True,password=p/%!'()* ${host} $& é");
  assert.equal(composed['uri'], 'db://a%3Ab%40c:p%2F%25%21%27%28%29%2A%20%24%7Bhost%7D%20%24%26%20%C3%A9@h');
});

test('a composed value is secret if a part is, and names its parts as its source', () => {
  const { inputs } = composeInputs(
    specsWith(connection),
    inputsOf({ host: 'h', port: 1, password: 'pppp' }, ['password']),
  );
  assert.deepEqual(inputs.get('redis')?.source, { kind: 'composed', detail: 'host, port, password' });
  assert.deepEqual(
    [inputs.get('redis')?.secret, inputs.get('uri')?.secret, inputs.get('both')?.secret],
    [true, false, true],
  );
  assert.deepEqual([...secretNames(specsWith(connection))], ['user', 'password', 'redis', 'uri', 'both']);
});

test('what has no value now may have had a secret one: a parameter too, and what is composed of it', () => {
  const specs = specsWith({
    host: { sources: [{ ssm: '/host' }], secret: false },
    key: { sources: [{ ssm: '/key' }] },
    url: { compose: ['https://${host}/${key}'] },
    level: {},
  });
  assert.deepEqual([...hiddenNames(specs, inputsOf({}))], ['key', 'url']);
  // Not a SecureString, as it turned out.
  assert.deepEqual([...hiddenNames(specs, inputsOf({ key: 'x', level: 'y' }, ['level']))], ['level']);
});

test('a value that was given is not composed', () => {
  const { inputs } = composeInputs(specsWith(connection), inputsOf({ host: 'h', port: 1, redis: 'mine' }));
  assert.equal(inputs.get('redis')?.value, 'mine');
});

test('with a required part missing it is absent, and nothing more is said', () => {
  const { inputs, findings } = composeInputs(specsWith(connection), inputsOf({ port: 1 }));
  assert.deepEqual([...inputs.keys()], ['port']);
  assert.deepEqual(findings, []);
});

test('an optional part without `when` must be said, unless the whole is optional or has a default', () => {
  const specs = {
    a: { optional: true },
    b: { compose: ['x${a}'] },
    c: { compose: ['x${a}'], optional: true },
    d: { compose: ['x${a}'], default: 'fallback' },
  };
  const { inputs, findings } = composeInputs(specsWith(specs), new Map());
  assert.deepEqual(
    findings.map(({ id, fix }) => [id, fix.includes('when: a')]),
    [['inputs/missing', true]],
  );
  assert.deepEqual(
    [...inputs.values()].map(({ name, value }) => [name, value]),
    [['d', 'fallback']],
  );
});
