import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrayOf, at, isObject, type Json, type JsonObject, objectOf, stringOf } from '../../src/model/json.ts';
import { makeApp } from '../support/app.ts';
import { certificateOf, certifiedHost, giveAddress, startBalancer } from '../support/balancer.ts';
import { type CliResult, eventsOf, findingIds, resultOf, runCli } from '../support/cli.ts';
import { makeOms, type Oms, omsEnv } from '../support/oms.ts';

const name = 'crypto-oms-ingress';
const here = { ip: '127.0.0.1' };
const withIngress = ['--output', 'json', '--tag', '1.4.2', '--soak', '0s', '--with', 'ingress'];

async function ingressOf(oms: Oms): Promise<JsonObject> {
  const [ingress] = await oms.list('/apis/networking.k8s.io/v1/namespaces/NS/ingresses');
  return objectOf(ingress);
}

function annotation(ingress: Json, key: string): string | undefined {
  return stringOf(objectOf(at(ingress, 'metadata', 'annotations'))[`alb.ingress.kubernetes.io/${key}`]);
}

function publicUrls(run: CliResult): readonly unknown[] {
  return arrayOf(resultOf(run).endpoints)
    .filter((one) => at(one, 'scope') === 'public')
    .map((one) => at(one, 'url'));
}

function finding(run: CliResult, id: string): JsonObject {
  return (
    arrayOf(resultOf(run).findings)
      .filter(isObject)
      .find((one) => one.id === id) ?? assert.fail(run.stdout)
  );
}

/** What is told of the edge alone: other checks have tests of their own. */
function edgeFindings(run: CliResult): readonly string[] {
  return findingIds(run).filter((id) => id.startsWith('ingress/'));
}

test('without a certificate: plain HTTP, which is said; its address is waited for, and tried by verify', async (t) => {
  const oms = await makeOms(t);
  let status = 401;
  const balancer = await startBalancer(t, () => ({ status }));
  const ports = `alb_listen_ports=[{"HTTP": ${balancer.port}}]`;
  const [up] = await Promise.all([oms.up(...withIngress, '--set', ports), giveAddress(oms, name, here)]);
  assert.equal(up.code, 0, up.stdout);
  assert.deepEqual(edgeFindings(up), ['ingress/plain-http']);
  assert.deepEqual(publicUrls(up), [`http://127.0.0.1:${balancer.port}`]);
  const ingress = await ingressOf(oms);
  assert.deepEqual(
    ['certificate-arn', 'ssl-redirect', 'ssl-policy'].map((key) => annotation(ingress, key)),
    [undefined, undefined, undefined],
  );
  assert.match(annotation(ingress, 'load-balancer-attributes') ?? '', /^idle_timeout\.timeout_seconds=3600,routing/);
  assert.deepEqual(
    [at(ingress, 'spec', 'ingressClassName'), at(arrayOf(at(ingress, 'spec', 'rules'))[0], 'host')],
    ['alb', undefined],
  );

  const again = await oms.up(...withIngress, '--set', ports);
  assert.equal(at(resultOf(again), 'changes', 'updated'), 0, again.stdout);
  assert.equal(at(resultOf(again), 'release'), null);

  const good = await oms.run('verify', ['--with', 'ingress']);
  assert.deepEqual(edgeFindings(good), [], good.stdout);
  const host = `127.0.0.1:${balancer.port}`;
  assert.deepEqual(balancer.asked.toSorted(), [`${host} /api/market-data`, `${host} /api/orders`, `${host} /api/risk`]);
  status = 503;
  const bad = await oms.run('verify', ['--with', 'ingress']);
  assert.equal(bad.code, 10, bad.stdout);
  const silent = [
    ['/api/market-data', 'market-data'],
    ['/api/orders', 'order-ingestion'],
    ['/api/risk', 'risk-engine'],
  ];
  assert.deepEqual(
    arrayOf(resultOf(bad).findings).flatMap((one) => (at(one, 'id') === 'ingress/answer' ? [at(one, 'cause')] : [])),
    silent.map(
      ([path, service]) =>
        `Ingress ${oms.namespace}/${name} answers ${path} with HTTP 503: it has no pod of Service ${oms.namespace}/${service} to ask.`,
    ),
  );
});

test('with a certificate: HTTPS, a redirect and a policy; verify tries both, and the certificate for its host', async (t) => {
  const oms = await makeOms(t);
  const { authority, ...tls } = await certificateOf(oms.sandbox);
  const secure = await startBalancer(t, () => ({ status: 200 }), tls);
  let redirect: { status: number; location?: string } = {
    status: 301,
    location: `https://${certifiedHost}:${secure.port}/`,
  };
  const plain = await startBalancer(t, () => redirect);
  const arn = 'arn:aws:acm:us-east-1:123456789012:certificate/1';
  const set = [
    ...['--set', `certificate_arn=${arn}`, '--set', `ingress_host=${certifiedHost}`],
    ...['--set', `alb_listen_ports=[{"HTTP": ${plain.port}}, {"HTTPS": ${secure.port}}]`],
    ...['--set', 'ingress_class=alb', '--set', 'alb_idle_timeout_seconds=600'],
  ];
  const [up] = await Promise.all([oms.up(...withIngress, ...set), giveAddress(oms, name, here)]);
  assert.equal(up.code, 0, up.stdout);
  assert.deepEqual(edgeFindings(up), []);
  assert.deepEqual(publicUrls(up), [`https://${certifiedHost}:${secure.port}`, `https://127.0.0.1:${secure.port}`]);
  const ingress = await ingressOf(oms);
  assert.deepEqual(
    ['certificate-arn', 'ssl-redirect', 'ssl-policy'].map((key) => annotation(ingress, key)),
    [arn, '443', 'ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09'],
  );
  assert.match(annotation(ingress, 'load-balancer-attributes') ?? '', /^idle_timeout\.timeout_seconds=600,/);
  assert.equal(at(arrayOf(at(ingress, 'spec', 'rules'))[0], 'host'), certifiedHost);

  const trusting = { env: { NODE_EXTRA_CA_CERTS: authority } };
  const good = await oms.run('verify', ['--with', 'ingress'], trusting);
  assert.deepEqual(edgeFindings(good), [], good.stdout);
  assert.deepEqual(plain.asked, [`${certifiedHost}:${plain.port} /api/orders`]);
  assert.equal(secure.asked.length, 3);

  const wary = await oms.run('verify', ['--with', 'ingress']);
  assert.equal(wary.code, 10, wary.stdout);
  assert.match(
    String(finding(wary, 'ingress/certificate').cause),
    /has a certificate that clients don't trust for kubernetes\.default\.svc: [A-Z_]+\.$/,
  );

  redirect = { status: 200 };
  const bare = await oms.run('verify', ['--with', 'ingress'], trusting);
  assert.equal(bare.code, 10, bare.stdout);
  assert.match(String(finding(bare, 'ingress/redirect').cause), /does not send plain HTTP on to HTTPS/);
});

test('readiness gates: the load balancer is there before the first pod, and has its address', async (t) => {
  const oms = await makeOms(t);
  const gated = ['up', ...oms.flags, '--yes', ...withIngress, '--set', 'alb_readiness_gate=enabled'];
  let isWaiting: () => void = () => undefined;
  const waiting = new Promise<void>((resolve) => {
    isWaiting = resolve;
  });
  const running = runCli(gated, {
    env: omsEnv,
    cwd: oms.folder,
    onOutput(printed) {
      if (/"type":"progress".*no address yet/.test(printed)) isWaiting();
    },
  });
  await Promise.race([waiting, running]);
  assert.deepEqual(await oms.list('/apis/apps/v1/namespaces/NS/deployments'), []);
  await giveAddress(oms, name, here);
  const up = await running;
  assert.equal(up.code, 0, up.stdout);
  const plan = eventsOf(up).find(({ type }) => type === 'plan');
  const edge = arrayOf(plan?.objects).find((one) => at(one, 'object', 'kind') === 'Ingress');
  assert.deepEqual(arrayOf(at(edge, 'notes')), ['before the pods, which wait for its health checks']);
  assert.equal(at(edge, 'wave'), 3);
  // What the server was asked, in order.
  const writes = await oms.sandbox.auditEvents(
    ({ verb, requestURI, namespace, code }) =>
      namespace === oms.namespace && verb === 'patch' && code < 300 && !requestURI.includes('dryRun'),
  );
  const first = (part: string): string => writes.find(({ requestURI }) => requestURI.includes(part))?.receivedAt ?? '';
  const order = ['/services/market-data', `/ingresses/${name}?`, `/ingresses/${name}/status`, '/deployments/'];
  const times = order.map(first);
  assert.ok(
    times.every((time) => time !== ''),
    times.join(' '),
  );
  assert.deepEqual(times.toSorted(), times);
  const again = await oms.up(...withIngress, '--set', 'alb_readiness_gate=enabled');
  assert.equal(at(resultOf(again), 'release'), null, again.stdout);
});

test('an Ingress that nobody answers is waited for once; after that it is only warned of', async (t) => {
  const ingress = `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {ingressClassName: alb, defaultBackend: {service: {name: reader, port: {number: 80}}}}
`;
  const app = await makeApp(t, { files: { 'k8s/edge.yaml': ingress } });
  const first = await app.run('up', ['--yes', '--soak', '0s']);
  assert.equal(first.code, 0, first.stdout);
  assert.ok(findingIds(first).includes('ingress/no-controller'));
  const startedMs = Date.now();
  const again = await app.run('up', ['--yes', '--soak', '0s']);
  const tookMs = Date.now() - startedMs;
  assert.equal(again.code, 0, again.stdout);
  assert.equal(at(resultOf(again), 'release'), null);
  assert.ok(findingIds(again).includes('ingress/no-controller'), again.stdout);
  assert.ok(tookMs < 20_000, `it took ${tookMs} ms`);
});
