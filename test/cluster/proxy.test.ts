import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { makeApp } from '../support/app.ts';
import { findingIds, runCli } from '../support/cli.ts';
import { makeKubeconfig } from '../support/eks/app.ts';

/** A proxy that knows where the API server is, and lets nothing else through. */
async function startProxy(t: TestContext, server: URL): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, client) => {
    asked.push(request.url ?? '');
    if (request.url?.startsWith('kubernetes.default.svc:') !== true) {
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    const upstream = connect(Number(server.port), server.hostname, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [upstream, client])
      socket.on('error', () => [upstream, client].forEach((one) => one.destroy()));
  });
  proxy.listen(0, '127.0.0.1');
  await new Promise((ready) => proxy.once('listening', ready));
  t.after(() => {
    proxy.close();
    proxy.closeAllConnections();
  });
  const address = proxy.address();
  assert.ok(address !== null && typeof address === 'object');
  return { url: `http://127.0.0.1:${address.port}`, asked };
}

test('the cluster is reached through the proxy of HTTPS_PROXY, with its own CA; NO_PROXY goes past it', async (t) => {
  const app = await makeApp(t);
  const server = new URL(app.sandbox.server);
  const proxy = await startProxy(t, server);
  const address = `https://kubernetes.default.svc:${server.port}`;
  const kubeconfig = await makeKubeconfig(t, app, { context: 'far', cluster: { server: address } });
  const env = { HTTPS_PROXY: proxy.url };
  const up = await app.run('up', ['--yes', '--kubeconfig', kubeconfig], { env });
  assert.equal(up.code, 0, up.stdout);
  assert.deepEqual([...new Set(proxy.asked)], [`kubernetes.default.svc:${server.port}`]);
  proxy.asked.length = 0;
  const direct = await app.run('plan', ['--kubeconfig', kubeconfig], { env: { ...env, NO_PROXY: '.default.svc' } });
  assert.equal(direct.code, 4, direct.stdout);
  assert.deepEqual(findingIds(direct), ['cluster/unreachable']);
  assert.deepEqual(proxy.asked, []);
  // A sandbox is on this machine: whatever the proxy is, it is reached directly.
  assert.equal((await app.run('plan', [], { env: { HTTPS_PROXY: 'http://127.0.0.1:9' } })).code, 0);
});

test('AWS is asked through it, too', async (t) => {
  const app = await makeApp(t);
  const proxy = await startProxy(t, new URL(app.sandbox.server));
  const keys = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'x', AWS_REGION: 'eu-west-1' };
  const run = await runCli(['status', '--cluster', 'shop', '--output', 'json'], {
    cwd: app.folder,
    env: { ...keys, HTTPS_PROXY: proxy.url },
  });
  assert.equal(run.code, 4, run.stdout);
  assert.ok(proxy.asked.includes('sts.eu-west-1.amazonaws.com:443'), proxy.asked.join());
  assert.ok(proxy.asked.includes('eks.eu-west-1.amazonaws.com:443'), proxy.asked.join());
});
