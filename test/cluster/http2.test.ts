import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeployError } from '../../src/errors.ts';
import { makeApp } from '../support/app.ts';
import { startCounting } from '../support/counting.ts';
import { eventually, startOwnSandbox } from '../support/sandbox.ts';
import { connectTo } from '../support/target.ts';

test('an up makes one connection, whether it changes anything or not; so does a look at what is there', async (t) => {
  const app = await makeApp(t);
  const { proxy, kubeconfig } = await startCounting(t, app);
  const connections: Record<string, number> = {};
  for (const [name, command, args] of [
    ['first', 'up', ['--yes']],
    ['unchanged', 'up', ['--yes']],
    ['status', 'status', []],
  ] as const) {
    const run = await app.run(command, [...args, '--kubeconfig', kubeconfig]);
    assert.equal(run.code, 0, run.stdout);
    connections[name] = proxy.take().connections;
  }
  assert.deepEqual(connections, { first: 1, unchanged: 1, status: 1 });
});

const never = new AbortController().signal;
const configMap = (namespace: string, name: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name },
});

test('an API server that restarts: requests with patience go on, a watch ends and begins again', async (t) => {
  const sandbox = await startOwnSandbox(t);
  const namespace = await sandbox.createNamespace('restart', t);
  const cluster = connectTo(sandbox.kubeconfig);
  const end = new AbortController();
  t.after(() => {
    end.abort();
    cluster.close();
  });
  const scope = { apiVersion: 'v1', kind: 'ConfigMap', namespace, patienceMs: 60_000 };
  const seen: string[] = [];
  let watches = 0;
  const watching = (async (): Promise<void> => {
    while (!end.signal.aborted) {
      watches += 1;
      try {
        const { items, resourceVersion } = await cluster.list(scope, end.signal);
        seen.push(...items.map(({ metadata }) => metadata.name ?? ''));
        for await (const event of cluster.watch(scope, resourceVersion, end.signal)) {
          if (event.type === 'ADDED') seen.push(event.object.metadata.name ?? '');
        }
      } catch (error) {
        assert.ok(error instanceof DeployError && (error.transient || end.signal.aborted), String(error));
        await new Promise((later) => setTimeout(later, 100));
      }
    }
  })();
  const apply = async (name: string): Promise<void> => {
    const applied = await cluster.apply(configMap(namespace, name), { dryRun: false, force: false }, never);
    assert.ok(applied.ok);
  };
  const untilSeen = (name: string): Promise<true> =>
    eventually(
      async () => (seen.includes(name) ? true : undefined),
      () => `the watch never saw ${name}`,
      30_000,
    );
  await apply('before');
  await untilSeen('before');
  // Lists are underway all the time, while the server announces its end, is gone, and comes back.
  const back = new AbortController();
  const lists: number[] = [];
  const listing = (async (): Promise<void> => {
    while (!back.signal.aborted) lists.push((await cluster.list(scope, never)).items.length);
  })();
  await sandbox.restart('kube-apiserver', 1_000);
  back.abort();
  await listing;
  assert.ok(lists.length > 1);
  await apply('after');
  await untilSeen('after');
  end.abort();
  await watching;
  assert.ok(watches > 1, `${watches} watches`);
});
