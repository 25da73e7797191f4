import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retirementOf } from '../../../src/lint/api-versions.ts';
import { encodedFlaw } from '../../../src/lint/base64.ts';
import { minorOf } from '../../../src/lint/facts.ts';
import {
  dataKey,
  dns1035Label,
  dnsLabel,
  dnsSubdomain,
  labelValue,
  type NameForm,
  portName,
  qualifiedName,
} from '../../../src/lint/names.ts';
import { isSchedule } from '../../../src/model/cron.ts';

const long = (length: number): string => 'a'.repeat(length);

const names: readonly (readonly [string, NameForm, readonly string[], readonly string[]])[] = [
  ['a DNS label', dnsLabel, ['a', '1', 'a-1', long(63)], ['', '-a', 'a-', 'A', 'a.b', 'a_b', long(64)]],
  ['a DNS-1035 label', dns1035Label, ['a', 'a-1'], ['1a', '1', 'a-', 'a.b']],
  ['a subdomain', dnsSubdomain, ['a', 'a.b-1.c', long(253)], ['', '.a', 'a.', 'a..b', 'A.b', long(254)]],
  ['a port name', portName, ['http', '8k', 'a-b'], ['80', 'a--b', '-a', 'HTTP', long(16), '']],
  [
    'a data key',
    dataKey,
    ['a', 'A_b-c.d', '.a', '...'.slice(0, 1) + 'x', long(253)],
    ['', '.', '..', '..a', 'a b', 'a/b', long(254)],
  ],
  [
    'a label key',
    qualifiedName,
    ['a', 'A.b_c-d', 'x.io/name', 'a1'],
    ['', '-a', 'a/b/c', '/a', 'x_y/a', 'a b', long(64)],
  ],
  ['a label value', labelValue, ['', 'a', 'A.b_c-d', long(63)], ['-a', 'a-', 'a b', 'ä', long(64)]],
];

for (const [what, form, good, bad] of names) {
  test(`${what}: what can be one, and what can't`, () => {
    assert.deepEqual(
      good.filter((text) => !form.test(text)),
      [],
    );
    assert.deepEqual(
      bad.filter((text) => form.test(text)),
      [],
    );
  });
}

test('base64 as the API server decodes it', () => {
  for (const text of ['', 'YQ==', 'YWI=', 'YWJj', 'YW\nJj\n', '+/+/']) assert.equal(encodedFlaw(text), undefined, text);
  for (const text of ['a', 'YQ', 'YQ=', 'YQ===', '=YQ=', 'Y Q=', 'pass word', 'YQ==YQ=='])
    assert.notEqual(encodedFlaw(text), undefined, text);
  assert.equal(encodedFlaw('a-_b'), 'is URL-safe base64');
});

test('schedules as the CronJob controller reads them', () => {
  const good = [
    '* * * * *',
    '*/15 0-6/2 1,15 JAN-mar 0',
    '0 0 ? * sun',
    '@hourly',
    '@every 90m',
    '5/10 * * * *',
    ' 0 0 * * * ',
  ];
  const bad = [
    '',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 7',
    '*/0 * * * *',
    'a * * * *',
    '@never',
    '1-2-3 * * * *',
    '@every soon',
    '1//2 * * * *',
  ];
  assert.deepEqual(
    good.filter((text) => !isSchedule(text)),
    [],
  );
  assert.deepEqual(bad.filter(isSchedule), []);
});

test('versions of Kubernetes, as people and servers write them', () => {
  const versions = ['1.36', 'v1.36.3', 'v1.31.2-eks-7f9249a', '1.9', '2.0', '1', 'latest', '1.x', ''];
  assert.deepEqual(versions.map(minorOf), [36, 36, 31, 9, undefined, undefined, undefined, undefined, undefined]);
});

test('an apiVersion ends for the kinds that it says', () => {
  assert.deepEqual(retirementOf('policy/v1beta1', 'PodDisruptionBudget')?.removed, 25);
  assert.equal(retirementOf('policy/v1beta1', 'PodSecurityPolicy')?.instead, undefined);
  assert.equal(retirementOf('networking.k8s.io/v1beta1', 'NetworkPolicy'), undefined);
  assert.equal(retirementOf('apps/v1', 'Deployment'), undefined);
});
