import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeStrict, maskSecrets, namedSecrets, redactor } from '../../../src/inputs/redact.ts';
import { inputsOf } from './helpers.ts';

const secret = `p@ss "w<o>rd"/?&\\!'()* é`;
const redact = redactor(inputsOf({ password: secret, host: 'redis.example' }, ['password']));

const forms: Readonly<Record<string, string>> = {
  plain: secret,
  base64: Buffer.from(secret).toString('base64'),
  base64url: Buffer.from(secret).toString('base64url'),
  encodeURIComponent: encodeURIComponent(secret),
  'strictly percent-encoded': encodeStrict(secret),
  'form-encoded': encodeStrict(secret).replaceAll('%20', '+'),
  JSON: JSON.stringify(secret),
  "Go's JSON": JSON.stringify(secret).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026'),
};

for (const [name, text] of Object.entries(forms)) {
  test(`redacts ${name}`, () => assert.match(redact(`before ${text} after`), /^before "?\*{4}"? after$/));
}

test('what is not secret stays', () => assert.equal(redact('redis.example'), 'redis.example'));

test('the longest goes first, every time it occurs', () => {
  const both = redactor(inputsOf({ a: 'hunter', b: 'hunter22' }, ['a', 'b']));
  assert.equal(both('hunter22 hunter hunter22'), '**** **** ****');
});

test('a secret too short to be told from text is left alone', () => {
  assert.equal(redactor(inputsOf({ a: 'abc', b: '' }, ['a', 'b']))('abc'), 'abc');
});

test('a secret of four characters goes only as a whole word', () => {
  const short = redactor(inputsOf({ user: 'shop' }, ['user']));
  assert.equal(short('shopping in shop, webshop shop/worker nc-shop'), 'shopping in ****, webshop shop/worker nc-shop');
  assert.equal(short('mongodb://shop:pw@db "shop" user=shop. shop'), 'mongodb://****:pw@db "****" user=****. ****');
});

test('a secret that is also a name goes only where a value stands', () => {
  const names = new Set(['nc-worker', 'example.com/worker:1']);
  const clean = redactor(
    inputsOf({ user: 'worker', other: 'nc-worker', third: 'hunter22' }, ['user', 'other', 'third']),
    () => names,
  );
  for (const text of [
    'kubectl port-forward -n nc-worker deployment/worker',
    'Deployment nc-worker/worker: spec.containers[worker].image',
    'kubectl get pods -l app=worker --namespace=worker',
    'worker',
  ]) {
    assert.equal(clean(text), text);
  }
  assert.equal(clean('login {"user":"worker"} of user=worker failed'), 'login {"user":"****"} of user=**** failed');
  assert.equal(clean('amqp://worker:hunter22@db, amqp://x:worker@db'), 'amqp://****:****@db, amqp://x:****@db');
  const encoded = Buffer.from('nc-worker').toString('base64');
  assert.equal(clean(`x${encoded}`), 'x****');
});

test('the secrets that are names, or words of them', () => {
  const inputs = inputsOf({ a: 'worker', b: 'work', c: 'hunter22', d: 'order-worker', e: 'crypto' }, [
    'a',
    'b',
    'c',
    'd',
  ]);
  const found = namedSecrets(inputs, () => new Set(['crypto-order-worker']));
  assert.deepEqual(
    found.map(({ name }) => name),
    ['a', 'd'],
  );
});

test('each long line of a secret of several lines', () => {
  const pem = redactor(inputsOf({ key: '-----BEGIN-----\nMIIEvQIBADANBg\nxx\n' }, ['key']));
  assert.equal(pem('  MIIEvQIBADANBg\n  xx'), '  ****\n  xx');
});

test('numbers and regular expression characters', () => {
  assert.equal(redactor(inputsOf({ a: 123456, b: 'a.c*(' }, ['a', 'b']))('123456 a.c*( abc*('), '**** **** abc*(');
});

test('no secret survives in any form, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 8 }), fc.string(), (value, around) => {
      fc.pre(!around.includes(value));
      const clean = redactor(inputsOf({ value }, ['value']));
      for (const form of [
        value,
        JSON.stringify(value).slice(1, -1),
        Buffer.from(value).toString('base64'),
        encodeStrict(value),
      ]) {
        assert.ok(!clean(`${around} ${form}`).includes(form));
      }
    }),
  );
});

test('maskSecrets hides values and keeps the rest', () => {
  const shown = maskSecrets(inputsOf({ a: 'hunter22', b: 'x' }, ['a']));
  assert.deepEqual(
    shown.map(({ name, value }) => [name, value]),
    [
      ['a', '****'],
      ['b', 'x'],
    ],
  );
});
