import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChecks } from '../../../../src/verify/check.ts';
import { ingressAnswersCheck } from '../../../../src/verify/checks/ingress-answers.ts';
import { servicesCheck } from '../../../../src/verify/checks/services.ts';
import type { AddressAnswer } from '../../../../src/verify/facts.ts';
import { rootCauses } from '../../../../src/verify/root-causes.ts';
import { factsWith } from './facts.ts';

const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'shop', name: 'web' };
const service = { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'web' };
const asked = { ingress, service, address: 'lb.example', url: 'https://shop.example/api' };
const sentOn = { ingress, address: 'lb.example', url: 'http://shop.example/api' };

/** `severity id cause` of what the check finds. */
function found(...addresses: readonly AddressAnswer[]): readonly string[] {
  const [checked] = runChecks([ingressAnswersCheck], 'verify', factsWith({}, { addresses }));
  return (checked?.result.findings ?? []).map(({ severity, id, cause }) => `${severity} ${id} ${cause}`);
}

test('any answer of the application is one; what the load balancer says itself is a problem', () => {
  for (const status of [200, 301, 401, 404, 500])
    assert.deepEqual(found({ ...asked, outcome: { status, elapsedMs: 5 } }), []);
  assert.deepEqual(found({ ...asked, outcome: { status: 503, elapsedMs: 5 } }), [
    'error ingress/answer Ingress shop/web answers /api with HTTP 503: it has no pod of Service shop/web to ask.',
  ]);
  assert.deepEqual(found({ ...asked, outcome: { status: 504, elapsedMs: 5 } }), [
    'error ingress/answer Ingress shop/web answers /api with HTTP 504: the pods of Service shop/web give it no answer.',
  ]);
});

test('plain HTTP must be sent on to HTTPS', () => {
  const good = { status: 301, elapsedMs: 5, location: 'https://shop.example/api' };
  assert.deepEqual(found({ ...sentOn, outcome: good }), []);
  const bad =
    'error ingress/redirect Ingress shop/web does not send plain HTTP on to HTTPS: http://shop.example/api answers with HTTP';
  assert.deepEqual(found({ ...sentOn, outcome: { status: 200, elapsedMs: 5 } }), [`${bad} 200.`]);
  assert.deepEqual(found({ ...sentOn, outcome: { ...good, location: 'http://shop.example/login' } }), [`${bad} 301.`]);
});

test('a certificate that is not for the host, or that nobody trusts, is a problem', () => {
  assert.deepEqual(found({ ...asked, outcome: { status: 200, elapsedMs: 5, distrust: 'CERT_HAS_EXPIRED' } }), [
    "error ingress/certificate Ingress shop/web has a certificate that clients don't trust for shop.example: CERT_HAS_EXPIRED.",
  ]);
});

test('an address that is out of reach from here is one warning, however much was asked', () => {
  const outcome = { why: 'the connection is refused' };
  assert.deepEqual(found({ ...asked, outcome }, { ...sentOn, outcome }), [
    "warning ingress/unreachable Ingress shop/web can't be reached from here: the connection is refused.",
  ]);
});

test('a load balancer without a pod to ask is the trouble of the Service behind it', () => {
  const slice = { endpoints: [] };
  const facts = factsWith(
    { 'EndpointSlice web-1': slice },
    { addresses: [{ ...asked, outcome: { status: 503, elapsedMs: 5 } }] },
  );
  const causes = rootCauses(runChecks([servicesCheck, ingressAnswersCheck], 'verify', facts), facts);
  assert.deepEqual(
    causes.map(({ finding }) => [finding.id, (finding.hits ?? []).length]),
    [['service/endpoints', 1]],
  );
});
