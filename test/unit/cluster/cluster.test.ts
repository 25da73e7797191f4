import assert from 'node:assert/strict';
import type http from 'node:http';
import { type TestContext, test } from 'node:test';
import { type Cluster, createCluster } from '../../../src/cluster/cluster.ts';
import { DeployError } from '../../../src/errors.ts';
import { json, never, type Served, serve } from './helpers.ts';

const resource = (kind: string, name: string, scope = 'Namespaced') => ({
  resource: name,
  responseKind: { kind },
  scope,
});
const discovery: Readonly<Record<string, unknown>> = {
  '/api': {
    items: [
      {
        metadata: { name: '' },
        versions: [
          { version: 'v1', resources: [resource('Pod', 'pods'), resource('Namespace', 'namespaces', 'Cluster')] },
        ],
      },
    ],
  },
  '/apis': {
    items: [
      { metadata: { name: 'apps' }, versions: [{ version: 'v1', resources: [resource('Deployment', 'deployments')] }] },
      {
        metadata: { name: 'autoscaling' },
        versions: ['v2', 'v1'].map((version) => ({
          version,
          resources: [resource('HorizontalPodAutoscaler', 'hpas')],
        })),
      },
    ],
  },
};

type Answer = (request: http.IncomingMessage, response: http.ServerResponse) => void;

async function clusterWith(t: TestContext, answer: Answer): Promise<{ cluster: Cluster; served: Served }> {
  const served = await serve(t, (request, response) => {
    const known = discovery[request.url ?? ''];
    if (known === undefined) answer(request, response);
    else json(response, 200, known);
  });
  return { cluster: clusterAt(t, served.url), served };
}

function clusterAt(t: TestContext, server: string): Cluster {
  const cluster = createCluster({ name: 'c', server, credentials: () => Promise.resolve({ headers: {}, tls: {} }) });
  t.after(() => cluster.close());
  return cluster;
}

const web = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'n' } };
const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'n', name: 'web' };

test('discovery: kinds, scopes and versions, read once', async (t) => {
  const { cluster, served } = await clusterWith(t, (_, response) => json(response, 404, {}));
  const found = await cluster.discovery(never);
  assert.deepEqual(found.find(ref), { resource: 'deployments', namespaced: true });
  assert.deepEqual(found.find({ apiVersion: 'v1', kind: 'Namespace' }), { resource: 'namespaces', namespaced: false });
  assert.equal(found.find({ apiVersion: 'apps/v1beta1', kind: 'Deployment' }), undefined);
  assert.deepEqual(found.versionsOf({ apiVersion: 'autoscaling/v2beta2', kind: 'HorizontalPodAutoscaler' }), [
    'autoscaling/v2',
    'autoscaling/v1',
  ]);
  assert.deepEqual(found.versionsOf({ apiVersion: 'v2', kind: 'Pod' }), ['v1']);
  assert.deepEqual(found.versionsOf({ apiVersion: 'x.io/v1', kind: 'Pod' }), []);
  await cluster.discovery(never);
  assert.deepEqual(served.requests.toSorted(), ['GET /api', 'GET /apis']);
});

test('get: the object, nothing where there is none, an error where it is refused', async (t) => {
  let status = 200;
  const { cluster, served } = await clusterWith(t, (_, response) =>
    json(response, status, status === 200 ? web : { code: status, message: 'm' }),
  );
  assert.deepEqual(await cluster.get(ref, never), web);
  assert.equal(served.requests.at(-1), 'GET /apis/apps/v1/namespaces/n/deployments/web');
  status = 404;
  assert.equal(await cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: 'a/b' }, never), undefined);
  assert.equal(served.requests.at(-1), 'GET /api/v1/namespaces/a%2Fb');
  status = 403;
  await assert.rejects(cluster.get(ref, never), { message: 'You are not allowed to read Deployment n/web.' });
});

test('a kind that the cluster does not serve', async (t) => {
  const { cluster } = await clusterWith(t, (_, response) => json(response, 200, web));
  await assert.rejects(cluster.get({ ...ref, apiVersion: 'x.io/v1' }, never), {
    code: 'refused',
    message: /doesn't know the kind Deployment of x.io\/v1/,
  });
});

test('list fills in what the server leaves out of items', async (t) => {
  const { cluster, served } = await clusterWith(t, (_, response) =>
    json(response, 200, { metadata: { resourceVersion: '9' }, items: [{ metadata: { name: 'p' } }, 'x', {}] }),
  );
  const scope = { apiVersion: 'v1', kind: 'Pod', namespace: 'n', name: 'p' };
  assert.deepEqual(await cluster.list(scope, never), {
    items: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } }],
    resourceVersion: '9',
  });
  assert.equal(served.requests.at(-1), 'GET /api/v1/namespaces/n/pods?fieldSelector=metadata.name%3Dp');
});

test('watch goes on from a version, with bookmarks', async (t) => {
  const { cluster, served } = await clusterWith(t, (_, response) => {
    response.writeHead(200).end(`${JSON.stringify({ type: 'ADDED', object: web })}\n`);
  });
  const types: string[] = [];
  for await (const { type } of cluster.watch({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'n' }, '9', never))
    types.push(type);
  assert.deepEqual(types, ['ADDED']);
  const query = new URL(served.requests.at(-1)?.slice(4) ?? '', served.url).searchParams;
  assert.deepEqual(Object.fromEntries(query), {
    watch: 'true',
    allowWatchBookmarks: 'true',
    timeoutSeconds: '300',
    resourceVersion: '9',
  });
});

for (const [dryRun, force, query] of [
  [false, false, {}],
  [true, false, { dryRun: 'All' }],
  [true, true, { dryRun: 'All', force: 'true' }],
] as const) {
  test(`apply: dryRun ${dryRun}, force ${force}`, async (t) => {
    let type: string | undefined;
    const { cluster, served } = await clusterWith(t, (request, response) => {
      type = request.headers['content-type'];
      json(response, 201, web, { warning: '299 - "old"' });
    });
    assert.deepEqual(await cluster.apply(web, { dryRun, force }, never), { ok: true, object: web, warnings: ['old'] });
    const [method, path = ''] = served.requests.at(-1)?.split(' ') ?? [];
    const { pathname, searchParams } = new URL(path, served.url);
    assert.deepEqual(
      [method, pathname, type],
      ['PATCH', '/apis/apps/v1/namespaces/n/deployments/web', 'application/apply-patch+yaml'],
    );
    assert.deepEqual(Object.fromEntries(searchParams), {
      fieldManager: 'oms-deploy',
      fieldValidation: 'Strict',
      ...query,
    });
  });
}

test('apply and patch hand a refusal back as a value', async (t) => {
  const { cluster } = await clusterWith(t, (_, response) =>
    json(response, 409, { code: 409, reason: 'Conflict', message: 'm' }),
  );
  const failure = { status: 409, reason: 'Conflict', message: 'm', causes: [] };
  assert.deepEqual(await cluster.apply(web, { dryRun: false, force: false }, never), { ok: false, failure });
  assert.deepEqual(await cluster.patch(ref, [], never), { ok: false, failure });
});

test('a success that is not of the API: a login page, or JSON that is no object', async (t) => {
  let text = '<html>Log in</html>';
  const { cluster } = await clusterWith(t, (_, response) => {
    response.writeHead(200).end(text);
  });
  const strange = (error: unknown): boolean =>
    error instanceof DeployError && error.code === 'refused' && /not of the Kubernetes API/.test(error.message);
  for (const page of [text, '{"a":1}', '[]']) {
    text = page;
    await assert.rejects(cluster.get(ref, never), strange);
    await assert.rejects(cluster.apply(web, { dryRun: true, force: false }, never), strange);
  }
});

test('a login page for every request is an error of ours, whatever is asked first', async (t) => {
  const served = await serve(t, (_, response) => {
    response.writeHead(200).end('<html>Log in</html>');
  });
  const refused = { code: 'refused', message: /not of the Kubernetes API/ };
  await assert.rejects(clusterAt(t, served.url).version(never), refused);
  await assert.rejects(clusterAt(t, served.url).discovery(never), refused);
});

test('a discovery that fails is not kept, and is not another caller’s', async (t) => {
  let up = false;
  const served = await serve(t, (request, response) => {
    if (up) json(response, 200, discovery[request.url ?? ''] ?? { metadata: {}, items: [] });
    else if (request.url === '/api') json(response, 403, { code: 403 });
    else json(response, 200, {});
  });
  const cluster = clusterAt(t, served.url);
  await assert.rejects(cluster.discovery(never), { code: 'refused' });
  up = true;
  assert.ok((await cluster.discovery(never)).find(ref));
});

test('a caller that is interrupted in its discovery leaves the others theirs', async (t) => {
  const waiting: (() => void)[] = [];
  const served = await serve(t, (request, response) => {
    waiting.push(() => json(response, 200, discovery[request.url ?? '']));
    if (waiting.length === 2) controller.abort();
    if (waiting.length === 4) for (const answer of waiting.slice(2)) answer();
  });
  const controller = new AbortController();
  const cluster = clusterAt(t, served.url);
  const first = assert.rejects(cluster.discovery(controller.signal), { code: 'interrupted' });
  assert.ok((await cluster.discovery(never)).find(ref));
  await first;
});

test('list with patience waits for a cluster that comes back, also for its kinds', async (t) => {
  const busy = new Map<string, number>();
  const served = await serve(t, (request, response) => {
    const path = request.url ?? '';
    const count = (busy.get(path) ?? 0) + 1;
    busy.set(path, count);
    if (count < 7) json(response, 503, {}, { 'retry-after': '0.01' });
    else json(response, 200, discovery[path] ?? { metadata: { resourceVersion: '9' }, items: [] });
  });
  const scope = { apiVersion: 'v1', kind: 'Pod', namespace: 'n' };
  const impatient = clusterAt(t, served.url);
  await assert.rejects(impatient.list(scope, never), { code: 'refused', transient: true });
  busy.clear();
  const lists = [
    impatient.list({ ...scope, patienceMs: 10_000 }, never),
    impatient.list({ ...scope, patienceMs: 9_000 }, never),
  ];
  for (const { resourceVersion } of await Promise.all(lists)) assert.equal(resourceVersion, '9');
  assert.deepEqual([busy.get('/api'), busy.get('/apis')], [7, 7]);
});
