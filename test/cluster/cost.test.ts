import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { omsApp } from '../../scripts/bench/apps.ts';
import { makeApp } from '../support/app.ts';
import { startCounting } from '../support/counting.ts';

/** At most so much does an operation on the OMS cost (13 objects, 9 pods); KiB on the wire, TLS included. */
const limits = {
  'first up': { requests: 75, sent: 60, received: 250 },
  'up with nothing changed': { requests: 45, sent: 20, received: 150 },
  'up with another image': { requests: 60, sent: 40, received: 250 },
  plan: { requests: 35, sent: 20, received: 120 },
  verify: { requests: 60, sent: 20, received: 200 },
} as const;

test('what the OMS costs the API server: requests, connections, bytes', async (t) => {
  const filesOf = (namespace: string, tag: string) =>
    omsApp(namespace, tag)
      .files.map(({ object }) => stringify(object))
      .join('---\n');
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
    proxy.take();
    const run = await app.run(command, [...args, '--kubeconfig', kubeconfig], { env });
    assert.ok(run.code === 0 || name === 'verify', run.stdout);
    const { connections, sent, received } = proxy.take();
    const cost = { requests: (await mine()).length - before, sent: kibibytes(sent), received: kibibytes(received) };
    t.diagnostic(
      `${name}: ${cost.requests} requests, ${connections} connections, ${cost.sent} KiB sent, ${cost.received} KiB received`,
    );
    assert.ok(connections <= 2, `${name}: ${connections} connections`);
    for (const part of ['requests', 'sent', 'received'] as const) {
      assert.ok(cost[part] <= limits[name][part], `${name}: ${cost[part]} ${part}, the limit is ${limits[name][part]}`);
    }
  }
});

function kibibytes(bytes: number): number {
  return Math.ceil(bytes / 1024);
}
