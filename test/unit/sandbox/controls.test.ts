import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type ServiceAddress, serviceAddress } from '../../../src/sandbox/cluster-http.ts';
import { createControlServer, type Restart } from '../../../src/sandbox/control-server.ts';
import { type Controls, createControls } from '../../../src/sandbox/controls.ts';
import { listen, portOf } from '../../../src/sandbox/ports.ts';

test('a health rule is for a service, where it says so for a namespace and a path; the newest wins', () => {
  const controls = createControls();
  assert.equal(controls.healthOf('a', 'web', '/health'), undefined);
  controls.setHealth({ service: 'web', status: 503 });
  controls.setHealth({ service: 'web', namespace: 'a', path: '/ready', status: 500 });
  assert.equal(controls.healthOf('a', 'web', '/ready'), 500);
  assert.equal(controls.healthOf('b', 'web', '/ready'), 503);
  assert.equal(controls.healthOf('a', 'web', '/ws/prices'), 503);
  // A rule for the whole service is for the paths that it has.
  assert.equal(controls.healthOf('a', 'web', '/elsewhere'), undefined);
  assert.equal(controls.healthOf('a', 'api', '/health'), undefined);
  // Who doesn't know its namespace is met by the name alone; the pod that nobody knows is in none.
  assert.equal(controls.healthOf(undefined, 'web', '/ready'), 500);
  controls.setHealth({ service: '*', namespace: 'a', status: 502 });
  assert.equal(controls.healthOf('', 'unknown', '/health'), undefined);
  controls.setHealth({ service: '*', status: 201 });
  assert.equal(controls.healthOf('', 'unknown', '/health'), 201);
  controls.dropHealth();
  assert.equal(controls.healthOf('a', 'web', '/ready'), undefined);
});

async function serve(
  t: TestContext,
  controls: Controls,
  restart: Restart,
  node: 'kwok' | 'real' = 'kwok',
): Promise<string> {
  const server = await listen(createControlServer(controls, restart, node));
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  return `http://127.0.0.1:${portOf(server)}`;
}

const put = async (url: string, body: string, method = 'PUT'): Promise<{ status: number; text: string }> => {
  const answer = await fetch(url, { method, ...(method === 'PUT' ? { body } : {}) });
  return { status: answer.status, text: await answer.text() };
};

const wrong: readonly { readonly path: string; readonly body: string; readonly said: string }[] = [
  { path: 'health', body: '', said: 'The body is not JSON.' },
  { path: 'health', body: '[1]', said: 'The body must be a JSON object.' },
  { path: 'health', body: '{"service":"web","status":99}', said: '"status" must be a whole number from 200 to 599.' },
  {
    path: 'health',
    body: '{"service":"web","status":200.5}',
    said: '"status" must be a whole number from 200 to 599.',
  },
  {
    path: 'health',
    body: '{"service":"web","status":500,"path":"ready"}',
    said: '"path" must be a path that begins with /.',
  },
  {
    path: 'health',
    body: '{"status":500,"servce":"web"}',
    said: '"service" must be the name of a service, or "*"; "servce" is not known (service, namespace, path, status are).',
  },
  {
    path: 'metrics',
    body: '{"namespace":"a","podPrefix":"web-","cpu":"lots"}',
    said: '"cpu" must be an amount of CPU such as "250m".',
  },
  {
    path: 'restart',
    body: '{"component":"kwok"}',
    said: '"component" must be one of kube-apiserver, kube-controller-manager, kube-scheduler.',
  },
  {
    path: 'restart',
    body: '{"component":"kube-scheduler","downMs":"1s"}',
    said: '"downMs" must be a whole number of milliseconds, at most 600000.',
  },
];

for (const { path, body, said } of wrong) {
  test(`PUT /control/${path} with ${body === '' ? 'nothing' : body} is answered with one sentence`, async (t) => {
    const url = await serve(t, createControls(), () => assert.fail('nothing may be restarted'));
    assert.deepEqual(await put(`${url}/control/${path}`, body), { status: 400, text: `${said}\n` });
  });
}

test('the control server sets and drops rules, and waits for a restart', async (t) => {
  const controls = createControls();
  const restarts: unknown[] = [];
  const url = await serve(t, controls, async (component, downMs) => {
    if (component === 'kube-apiserver') throw new Error('The API server is gone.');
    restarts.push({ component, downMs });
  });
  assert.deepEqual(await put(`${url}/control/health`, '{"service":"web","path":"/ready","status":503}'), {
    status: 204,
    text: '',
  });
  assert.equal(controls.healthOf('a', 'web', '/ready'), 503);
  assert.equal((await put(`${url}/control/health`, '', 'DELETE')).status, 204);
  assert.equal(controls.healthOf('a', 'web', '/ready'), undefined);
  assert.equal((await put(`${url}/control/restart`, '{"component":"kube-scheduler"}')).status, 204);
  assert.equal((await put(`${url}/control/restart`, '{"component":"kube-controller-manager","downMs":5}')).status, 204);
  assert.deepEqual(restarts, [
    { component: 'kube-scheduler', downMs: 0 },
    { component: 'kube-controller-manager', downMs: 5 },
  ]);
  const failed = await put(`${url}/control/restart`, '{"component":"kube-apiserver"}');
  assert.deepEqual(failed, { status: 500, text: 'The API server is gone.\n' });
  assert.deepEqual(await put(`${url}/control/nothing`, '{}'), {
    status: 404,
    text: 'There is no PUT /control/nothing.\n',
  });
});

const hosts: readonly { readonly host: string; readonly expected: ServiceAddress | undefined }[] = [
  { host: 'risk-engine', expected: { name: 'risk-engine', namespace: undefined } },
  { host: 'risk-engine.crypto-oms', expected: { name: 'risk-engine', namespace: 'crypto-oms' } },
  { host: 'risk-engine.crypto-oms.svc', expected: { name: 'risk-engine', namespace: 'crypto-oms' } },
  { host: 'risk-engine.crypto-oms.svc.cluster.local', expected: { name: 'risk-engine', namespace: 'crypto-oms' } },
  { host: 'risk-engine.crypto-oms.svc.cluster.local.', expected: { name: 'risk-engine', namespace: 'crypto-oms' } },
  { host: 'risk-engine.crypto-oms.pod', expected: undefined },
  { host: '10.96.0.1', expected: undefined },
  { host: '-a', expected: undefined },
];

for (const { host, expected } of hosts) {
  test(`the service of the host ${host}: ${expected === undefined ? 'none' : Object.values(expected).join(' in ')}`, () => {
    assert.deepEqual(serviceAddress(host), expected);
  });
}

test('what real pods answer is not set: a sentence says so, and metrics can still be', async (t) => {
  const controls = createControls();
  const url = await serve(t, controls, () => Promise.resolve(), 'real');
  const refused = await put(`${url}/control/health`, '{"service":"web","status":503}');
  assert.deepEqual(refused, {
    status: 400,
    text: 'The pods of a real node answer for themselves: deploy an image that misbehaves.\n',
  });
  assert.equal(controls.healthOf(undefined, 'web', '/ready'), undefined);
  const usage = '{"namespace":"a","podPrefix":"web-","cpu":"5m"}';
  assert.equal((await put(`${url}/control/metrics`, usage)).status, 204);
});
