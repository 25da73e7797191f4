import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { omsApp, textOf } from '../../scripts/bench/apps.ts';
import { makeApp } from '../support/app.ts';
import { startCounting } from '../support/counting.ts';

/** At most so much does an operation on the OMS cost (13 objects, 9 pods); KiB on the wire, TLS included. */
const limits = {
  'first up': { requests: 100, connections: 1, sent: 75, received: 520 },
  'up with nothing changed': { requests: 34, connections: 1, sent: 7, received: 200 },
  'up with another image': { requests: 52, connections: 1, sent: 26, received: 440 },
  plan: { requests: 20, connections: 1, sent: 5, received: 60 },
  // A WebSocket for each port of each pod, and for each Service.
  verify: { requests: 64, connections: 32, sent: 42, received: 320 },
} as const;

test('what the OMS costs the API server: requests, connections, bytes', async (t) => {
  const filesOf = (namespace: string, tag: string) => textOf(omsApp(namespace, tag).files);
  const config = 'application: oms\nnamespace: oms\nmanifests: [k8s]\n';
  const files = {
    'oms-deploy.yaml': config,
    'k8s/app.yaml': filesOf('oms', '1'),
    'next/app.yaml': filesOf('oms', '2'),
  };
  const app = await makeApp(t, { files });
  const { proxy, kubeconfig } = await startCounting(t, app);
  // Also the kinds that a cluster serves are asked for: they come once a machine, not once a run.
  const env = { XDG_CACHE_HOME: app.folder };
  const next = ['-f', 'next'];
  const runs = [
    ['first up', 'up', ['--yes', '--soak', '0s']],
    ['up with nothing changed', 'up', ['--yes', '--soak', '0s']],
    ['up with another image', 'up', ['--yes', '--soak', '0s', ...next]],
    ['plan', 'plan', next],
    ['verify', 'verify', next],
  ] as const;
  for (const [name, command, args] of runs) {
    const mine = () =>
      app.sandbox.auditEvents(
        ({ userAgent, requestURI, namespace }) =>
          userAgent === 'oms-deploy' && (namespace === app.namespace || requestURI.includes(app.namespace)),
      );
    const before = (await mine()).length;
    const known = await kindsKnown(app.folder);
    proxy.take();
    const run = await app.run(command, [...args, '--kubeconfig', kubeconfig], { env });
    assert.ok(run.code === 0 || name === 'verify', run.stdout);
    const { connections, sent, received } = proxy.take();
    const requests = (await mine()).length - before;
    // Tests beside this one install kinds of their own: that is told to everybody once more.
    const news = name !== 'first up' && (await kindsKnown(app.folder)) !== known ? kindsKiB : 0;
    const cost = { requests, connections, sent: kibibytes(sent), received: kibibytes(received) - news };
    t.diagnostic(
      `${name}: ${cost.requests} requests, ${connections} connections, ${cost.sent} KiB sent, ${cost.received} KiB received`,
    );
    for (const part of ['requests', 'connections', 'sent', 'received'] as const) {
      assert.ok(cost[part] <= limits[name][part], `${name}: ${cost[part]} ${part}, the limit is ${limits[name][part]}`);
    }
  }
});

/** What the API server needs to tell all kinds that it serves, of other tests too. */
const kindsKiB = 30;

/** What is remembered of the kinds that the cluster serves. */
async function kindsKnown(folder: string): Promise<string> {
  const cache = join(folder, 'oms-deploy', 'discovery');
  const names: readonly string[] = await readdir(cache).catch(() => []);
  return (await Promise.all([...names].sort().map((name) => readFile(join(cache, name), 'utf8')))).join('\n');
}

function kibibytes(bytes: number): number {
  return Math.ceil(bytes / 1024);
}
