import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAlb, listenersOf, urlsOf } from '../../../src/manifests/load-balancer.ts';
import type { JsonObject } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { manifest } from './helpers.ts';

const prefix = 'alb.ingress.kubernetes.io/';

function ingress(
  annotations: Readonly<Record<string, string>>,
  spec: JsonObject = {},
  addresses: readonly JsonObject[] = [],
): KubernetesObject {
  const named = Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [key.includes('/') ? key : prefix + key, value]),
  );
  const metadata = { name: 'web', annotations: named };
  const status = { loadBalancer: { ingress: addresses } };
  return manifest({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec, status }).body;
}

test('an ALB is told by its class, today or before, or by annotations for its controller', () => {
  assert.ok(isAlb(ingress({}, { ingressClassName: 'alb' })));
  assert.ok(isAlb(ingress({ 'kubernetes.io/ingress.class': 'alb' })));
  assert.ok(isAlb(ingress({ scheme: 'internal' }, { ingressClassName: 'auto' })));
  assert.ok(!isAlb(ingress({}, { ingressClassName: 'nginx' })));
  assert.ok(!isAlb(ingress({})));
});

const alb = { ingressClassName: 'alb' };
const cases: readonly (readonly [title: string, ingress: KubernetesObject, listeners: string])[] = [
  ['an ALB without a word', ingress({}, alb), 'http 80'],
  ['one with a certificate', ingress({ 'certificate-arn': 'arn' }, alb), 'https 443'],
  [
    'one that says its ports',
    ingress({ 'listen-ports': '[{"HTTP": 80}, {"HTTPS": 8443}]' }, alb),
    'http 80, https 8443',
  ],
  ['one that says them wrongly', ingress({ 'listen-ports': '[{"TCP": 80}, 5, {}' }, alb), 'http 80'],
  ['one whose ports are of no kind', ingress({ 'listen-ports': '[{"TCP": 80}, 5, {"HTTP": "x"}]' }, alb), 'http 80'],
  ['another controller', ingress({}, { ingressClassName: 'nginx' }), 'http 80'],
  [
    'another one with TLS',
    ingress({}, { ingressClassName: 'nginx', tls: [{ hosts: ['a.example'] }] }),
    'http 80, https 443',
  ],
];

for (const [title, object, listeners] of cases) {
  test(`listeners: ${title}`, () => {
    assert.equal(
      listenersOf(object)
        .map(({ scheme, port }) => `${scheme} ${port}`)
        .join(', '),
      listeners,
    );
  });
}

test('users come by the hosts of the rules, or by the address; over HTTPS where there is one', () => {
  const address = [{ hostname: 'lb.example' }];
  const secure = { 'listen-ports': '[{"HTTP": 80}, {"HTTPS": 443}]' };
  const rules = (...hosts: readonly (string | undefined)[]): JsonObject => ({
    ...alb,
    rules: hosts.map((host) => (host === undefined ? {} : { host })),
  });
  assert.deepEqual(urlsOf(ingress(secure, rules('a.example', '*.b.example', 'a.example'), address)), [
    'https://a.example',
    'https://lb.example',
  ]);
  assert.deepEqual(urlsOf(ingress({}, rules(undefined, 'a.example'), address)), ['http://lb.example']);
  assert.deepEqual(urlsOf(ingress({ 'listen-ports': '[{"HTTP": 8080}]' }, rules(), [{ ip: '10.0.0.1' }])), [
    'http://10.0.0.1:8080',
  ]);
  assert.deepEqual(urlsOf(ingress(secure, rules('a.example'))), []);
});
