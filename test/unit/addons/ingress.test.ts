import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { arrayOf, at, objectOf } from '../../../src/model/json.ts';
import { isKubernetesObject, type KubernetesObject } from '../../../src/model/object.ts';
import { makeFolder, runCli } from '../../support/cli.ts';
import { omsEnv, omsOutputs, omsSecrets } from '../../support/oms.ts';

const prefix = 'alb.ingress.kubernetes.io/';

/** The built-in application's Ingress with these inputs, and what was said of it. */
async function ingressWith(
  t: TestContext,
  ...set: readonly string[]
): Promise<{
  readonly ingress: KubernetesObject;
  readonly services: readonly KubernetesObject[];
  readonly said: string;
}> {
  const folder = await makeFolder(t, { 'secrets.json': omsSecrets });
  const args = ['render', '--with', 'ingress', '--outputs-file', omsOutputs, '--secrets-file', 'secrets.json'];
  const inputs = ['image_tag=1.4.2', ...set].flatMap((one) => ['--set', one]);
  const { code, stdout, stderr } = await runCli([...args, ...inputs], { cwd: folder, env: omsEnv });
  assert.equal(code, 0, stderr);
  const objects = parseAllDocuments(stdout)
    .map((one): unknown => one.toJS())
    .filter(isKubernetesObject);
  const ingress = objects.find(({ kind }) => kind === 'Ingress');
  assert.ok(ingress);
  return { ingress, services: objects.filter(({ kind }) => kind === 'Service'), said: stderr };
}

/** The annotations of an Ingress that decide on HTTPS, and the host of its rule. */
function secured({ metadata, spec }: KubernetesObject): readonly unknown[] {
  const keys = ['listen-ports', 'certificate-arn', 'ssl-redirect', 'ssl-policy'];
  return [...keys.map((key) => metadata.annotations?.[prefix + key]), at(arrayOf(at(spec, 'rules'))[0], 'host')];
}

const policy = 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09';
const both = '[{"HTTP": 80}, {"HTTPS": 443}]';
const arn = 'arn:aws:acm:us-east-1:123456789012:certificate/1';

test('without a certificate and a host: plain HTTP, and a word on it', async (t) => {
  const { ingress, said } = await ingressWith(t);
  assert.deepEqual(secured(ingress), ['[{"HTTP": 80}]', undefined, undefined, undefined, undefined]);
  assert.match(said, /is open to the internet over plain HTTP.*ingress\/plain-http/s);
});

test('with a certificate, a host, or both: HTTPS with a redirect and a policy', async (t) => {
  const certified = await ingressWith(t, `certificate_arn=${arn}`);
  assert.deepEqual(secured(certified.ingress), [both, arn, '443', policy, undefined]);
  assert.doesNotMatch(certified.said, /plain-http/);
  const found = await ingressWith(t, 'ingress_host=oms.example.com');
  assert.deepEqual(secured(found.ingress), [both, undefined, '443', policy, 'oms.example.com']);
  const named = await ingressWith(t, `certificate_arn=${arn}`, 'ingress_host=oms.example.com', 'alb_ssl_policy=Mine');
  assert.deepEqual(secured(named.ingress), [both, arn, '443', 'Mine', 'oms.example.com']);
});

test('attributes of the load balancer, of its target groups, and health checks of each Service', async (t) => {
  const { ingress, services } = await ingressWith(t, 'alb_idle_timeout_seconds=120', 'ingress_class=public');
  const { annotations } = ingress.metadata;
  assert.equal(at(ingress, 'spec', 'ingressClassName'), 'public');
  assert.equal(
    annotations?.[`${prefix}load-balancer-attributes`],
    'idle_timeout.timeout_seconds=120,routing.http.drop_invalid_header_fields.enabled=true',
  );
  assert.equal(annotations?.[`${prefix}target-group-attributes`], 'deregistration_delay.timeout_seconds=30');
  const served = new Set(
    arrayOf(at(arrayOf(at(ingress, 'spec', 'rules'))[0], 'http', 'paths')).map((one) =>
      at(one, 'backend', 'service', 'name'),
    ),
  );
  assert.equal(served.size, 3);
  for (const { metadata } of services.filter((one) => served.has(one.metadata.name))) {
    const own = objectOf(metadata.annotations);
    assert.equal(own[`${prefix}healthcheck-path`], '/ready', metadata.name);
    const isSticky = String(own[`${prefix}target-group-attributes`] ?? '').includes('stickiness.enabled=true');
    assert.equal(isSticky, metadata.name === 'market-data');
  }
});
