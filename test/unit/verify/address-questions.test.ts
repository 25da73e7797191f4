import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/model/json.ts';
import { addressQuestions } from '../../../src/verify/address-questions.ts';
import { manifest } from '../manifests/helpers.ts';

const to = (name: string, path?: string): JsonObject => ({
  ...(path === undefined ? {} : { path }),
  backend: { service: { name, port: { number: 80 } } },
});

/** `scheme:port host path -> service` for each question. */
function questions(spec: JsonObject, annotations: JsonObject = {}, address: JsonObject = { hostname: 'lb.example' }) {
  const named = Object.fromEntries(
    Object.entries(annotations).map(([key, value]) => [`alb.ingress.kubernetes.io/${key}`, value]),
  );
  const { body } = manifest({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'web', namespace: 'shop', annotations: named },
    spec: { ingressClassName: 'alb', ...spec },
    status: { loadBalancer: { ingress: [address] } },
  });
  return addressQuestions(body).map(
    ({ listener: { scheme, port }, host = '-', path, service }) =>
      `${scheme}:${port} ${host} ${path} -> ${service?.name ?? 'elsewhere'}`,
  );
}

test('each Service is asked once, at the first path that leads there', () => {
  const rules = [
    { http: { paths: [to('orders', '/api/orders'), to('data', '/api/data/*'), to('data', '/ws')] } },
    { host: '*.shop.example', http: { paths: [to('admin', '/admin(/|$)(.*)'), to('any')] } },
  ];
  assert.deepEqual(questions({ rules, defaultBackend: to('home').backend ?? null }), [
    'http:80 - /api/orders -> orders',
    'http:80 - /api/data/ -> data',
    'http:80 oms-deploy.shop.example /admin -> admin',
    'http:80 oms-deploy.shop.example / -> any',
    'http:80 - / -> home',
  ]);
});

test('with HTTPS that is asked; plain HTTP only where it is to be sent on', () => {
  const spec = { rules: [{ host: 'shop.example', http: { paths: [to('orders', '/api')] } }] };
  const ports = { 'listen-ports': '[{"HTTP": 80}, {"HTTPS": 443}]' };
  assert.deepEqual(questions(spec, ports), ['https:443 shop.example /api -> orders']);
  assert.deepEqual(questions(spec, { ...ports, 'ssl-redirect': '443' }), [
    'https:443 shop.example /api -> orders',
    'http:80 shop.example /api -> elsewhere',
  ]);
});

test('without an address, or a Service, nobody is asked', () => {
  const spec = { rules: [{ http: { paths: [to('orders', '/api')] } }] };
  assert.deepEqual(questions(spec, {}, {}), []);
  const action = { backend: { service: { name: 'redirect', port: { name: 'use-annotation' } } } };
  assert.deepEqual(questions({ rules: [{ http: { paths: [action] } }] }), []);
});
