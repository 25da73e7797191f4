import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Cluster, createCluster } from '../../../src/cluster/cluster.ts';
import { discoveryMemory } from '../../../src/cluster/discovery-memory.ts';
import { makeFolder } from '../../support/cli.ts';
import { json, never, serve } from './helpers.ts';

/** An API server with one kind in each of its two lists; a new version of them is another ETag. */
async function servedKinds(t: TestContext) {
  const state = { version: 1, answers: [] as number[] };
  const { url } = await serve(t, (request, response) => {
    const etag = `"${state.version}"`;
    const isKnown = request.headers['if-none-match'] === etag;
    state.answers.push(isKnown ? 304 : 200);
    response.setHeader('etag', etag);
    if (isKnown) response.writeHead(304).end();
    else json(response, 200, listOf(request.url === '/api' ? '' : 'apps', `Kind${state.version}`));
  });
  return { url, state };
}

function listOf(group: string, kind: string) {
  const resources = [{ resource: 'kinds', responseKind: { kind }, scope: 'Namespaced', verbs: ['list', 'delete'] }];
  return { items: [{ metadata: { name: group }, versions: [{ version: 'v1', resources }] }] };
}

function clusterOf(t: TestContext, server: string, folder: string): Cluster {
  const credentials = () => Promise.resolve({ headers: {}, tls: {} });
  const cluster = createCluster({ name: 'c', server, credentials, memory: discoveryMemory(folder, server) });
  t.after(() => cluster.close());
  return cluster;
}

const appsKind = (version: number) => ({ apiVersion: 'apps/v1', kind: `Kind${version}` });

test('the kinds are sent once, and asked after in each run: what has changed is known at once', async (t) => {
  const { url, state } = await servedKinds(t);
  const folder = join(await makeFolder(t, {}), 'cache', 'oms-deploy');
  const run = () => clusterOf(t, url, folder).discovery(never);
  const found = await run();
  const again = await run();
  assert.deepEqual(state.answers, [200, 200, 304, 304]);
  for (const one of [found, again]) {
    assert.deepEqual(one.find(appsKind(1)), { resource: 'kinds', namespaced: true });
    assert.deepEqual(one.contents(), [{ apiVersion: 'v1', kind: 'Kind1' }, appsKind(1)]);
  }
  state.version = 2;
  const changed = await run();
  assert.equal(changed.find(appsKind(1)), undefined);
  assert.ok(changed.find(appsKind(2)));
  assert.deepEqual(state.answers.slice(4), [200, 200]);
});

test('a file that is broken, or says something else, is not believed', async (t) => {
  const { url, state } = await servedKinds(t);
  const folder = await makeFolder(t, {});
  await clusterOf(t, url, folder).discovery(never);
  for (const text of ['', '{', '[]', '{"etag":"\\"1\\"","kinds":[{"kind":1}]}']) {
    for (const file of await readdir(join(folder, 'discovery'))) await writeFile(join(folder, 'discovery', file), text);
    state.answers.length = 0;
    assert.ok((await clusterOf(t, url, folder).discovery(never)).find(appsKind(1)), text);
    assert.deepEqual(state.answers, [200, 200]);
  }
});

test('nobody else reads the files; without a home there are none, and all goes on', async (t) => {
  const { url } = await servedKinds(t);
  const parent = await makeFolder(t, {});
  await clusterOf(t, url, join(parent, 'oms-deploy')).discovery(never);
  const [file = ''] = await readdir(join(parent, 'oms-deploy', 'discovery'));
  const path = join(parent, 'oms-deploy', 'discovery', file);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.doesNotMatch(await readFile(path, 'utf8'), new RegExp(url));
  await clusterOf(t, url, join(parent, 'none', 'here', 'oms-deploy')).discovery(never);
  assert.deepEqual((await readdir(parent)).sort(), ['oms-deploy']);
});
