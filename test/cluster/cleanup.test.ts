import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { arrayOf, at, type Json } from '../../src/model/json.ts';
import { makeApp, manifests, type TestApp } from '../support/app.ts';
import { type CliResult, eventsOf, findingIds, resultOf } from '../support/cli.ts';
import { restrictedKubeconfig } from '../support/rbac.ts';
import { dumpOf, recordsOf } from '../support/releases.ts';
import { eventually } from '../support/sandbox.ts';
import { bareConfig } from '../support/workloads.ts';

const ingress = `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: front, finalizers: [ingress.k8s.aws/resources]}
spec: {defaultBackend: {service: {name: reader, port: {number: 80}}}}
`;
const claim = `---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`;

async function deployed(t: TestContext, more = '', own = true): Promise<TestApp> {
  const app = await makeApp(t, { createNamespace: !own, files: { 'k8s/app.yaml': manifests } });
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  if (more === '') return app;
  await writeFile(join(app.folder, 'k8s/app.yaml'), manifests + more);
  // What has no controller in the sandbox doesn't get ready: it is there, that is all it is for.
  await app.run('up', ['--yes', '--timeout', '1s']);
  return app;
}

function agreed({ namespace }: TestApp): readonly string[] {
  return ['--yes', '--confirm', namespace];
}

async function status(app: TestApp, path: string): Promise<number> {
  return (await app.sandbox.request('GET', path.replace('NS', app.namespace))).status;
}

async function addForeign({ sandbox, namespace }: TestApp): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  assert.equal((await sandbox.request('POST', path, { metadata: { name: 'mine' }, data: { a: 'b' } })).status, 201);
}

/** The objects that a run deleted, in their order, without records. */
function deleted(run: CliResult): readonly string[] {
  return eventsOf(run)
    .filter(({ type, op }) => type === 'applied' && op === 'delete')
    .map(({ object }) => `${String(at(object, 'kind'))}/${String(at(object, 'name'))}`)
    .filter((name) => !name.includes('oms-deploy.'));
}

test('the whole namespace goes, with the history, and a second cleanup has nothing to do', async (t) => {
  const app = await deployed(t);
  const run = await app.run('cleanup', agreed(app));
  assert.equal(run.code, 0, run.stdout);
  assert.deepEqual(deleted(run), [`Namespace/${app.namespace}`]);
  assert.equal(await status(app, '/api/v1/namespaces/NS'), 404);
  const again = await app.run('cleanup', agreed(app));
  assert.equal(again.code, 0);
  assert.equal(resultOf(again).outcome, 'missing');
  assert.equal((await app.run('up', ['--yes'])).code, 0, 'and the application can be deployed anew');
});

test('--keep-namespace: our objects go in reverse order; claims, protected and foreign ones are as before', async (t) => {
  const kept =
    '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept, annotations: {oms-deploy.io/prune: never}}\ndata: {a: b}\n';
  const app = await deployed(t, claim + kept, false);
  await addForeign(app);
  const versions = async (): Promise<readonly unknown[]> =>
    Promise.all(
      ['configmaps/mine', 'configmaps/kept', 'persistentvolumeclaims/data'].map(async (path) => {
        const { body } = await app.sandbox.request('GET', `/api/v1/namespaces/${app.namespace}/${path}`);
        return [path, at(body, 'metadata', 'uid'), at(body, 'metadata', 'resourceVersion')];
      }),
    );
  const before = await versions();
  const run = await app.run('cleanup', [...agreed(app), '--keep-namespace']);
  assert.equal(run.code, 0, run.stdout);
  const order = deleted(run);
  assert.deepEqual([...order].sort(), [
    'ConfigMap/settings',
    'Deployment/other',
    'Deployment/reader',
    'Secret/credentials',
    'Service/reader',
  ]);
  assert.ok(order.indexOf('Deployment/reader') < order.indexOf('Service/reader'), order.join());
  assert.ok(order.indexOf('Service/reader') < order.indexOf('Secret/credentials'), order.join());
  assert.deepEqual(await versions(), before);
  assert.deepEqual(await recordsOf(app.sandbox, app.namespace), []);
  assert.equal(await status(app, '/apis/coordination.k8s.io/v1/namespaces/NS/leases/oms-deploy.web'), 404);
  const stays = arrayOf(resultOf(run).kept).map((one) => String(at(one, 'object', 'name')));
  assert.deepEqual([...stays].sort(), ['data', 'kept']);
  const dataToo = await app.run('cleanup', [...agreed(app), '--keep-namespace', '--prune-data']);
  assert.deepEqual(deleted(dataToo), ['PersistentVolumeClaim/data']);
});

test('a whole namespace with foreign objects: they are named, and nothing goes until that is agreed to', async (t) => {
  const app = await deployed(t);
  await addForeign(app);
  const before = await dumpOf(app.sandbox, app.namespace);
  const run = await app.run('cleanup', agreed(app));
  assert.equal(run.code, 3);
  assert.deepEqual(findingIds(run), ['cleanup/foreign']);
  assert.match(run.stdout, /ConfigMap [^ "]*\/mine/);
  assert.deepEqual(await dumpOf(app.sandbox, app.namespace), before);
  assert.equal((await app.run('cleanup', [...agreed(app), '--foreign'])).code, 0);
  assert.equal(await status(app, '/api/v1/namespaces/NS'), 404);
});

test('another application in the namespace is never cleaned up with it', async (t) => {
  const app = await deployed(t);
  const two = '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: two}\ndata: {a: b}\n';
  const neighbour = await makeApp(t, {
    files: { 'oms-deploy.yaml': bareConfig.replace('application: web', 'application: two'), 'k8s/app.yaml': two },
  });
  assert.equal((await app.run('up', ['--yes'], { cwd: neighbour.folder })).code, 0);
  const whole = await app.run('cleanup', [...agreed(app), '--foreign']);
  assert.equal(whole.code, 3);
  assert.deepEqual(findingIds(whole), ['cleanup/other-application']);
  const [other] = arrayOf(resultOf(whole).findings);
  assert.match(String(at(other, 'fix')), /For the namespace to go, too, clean up two before, with --keep-namespace\.$/);
  assert.equal((await app.run('cleanup', [...agreed(app), '--keep-namespace'])).code, 0);
  const left = (await dumpOf(app.sandbox, app.namespace)).map((object) => at(object, 'metadata', 'name'));
  assert.ok(left.includes('two') && !left.includes('settings'), left.join());
  const history = await app.run('history', [], { cwd: neighbour.folder });
  assert.equal(arrayOf(resultOf(history).releases).length, 1);
});

test('a stuck finalizer of an Ingress is explained; nothing after it goes, and no finalizer is removed unasked', async (t) => {
  const app = await deployed(t, ingress);
  const path = `/apis/networking.k8s.io/v1/namespaces/${app.namespace}/ingresses/front`;
  t.after(() => app.sandbox.request('PATCH', path, { metadata: { finalizers: null } }, 'application/merge-patch+json'));
  const run = await app.run('cleanup', [...agreed(app), '--timeout', '3s']);
  assert.equal(run.code, 6, run.stdout);
  assert.deepEqual(findingIds(run), ['cleanup/finalizer']);
  assert.match(run.stdout, /AWS Load Balancer Controller takes it away/);
  assert.match(String(at(resultOf(run), 'error', 'why')), /Nothing was forced/);
  const { body } = await app.sandbox.request('GET', path);
  assert.deepEqual(at(body, 'metadata', 'finalizers'), ['ingress.k8s.aws/resources']);
  for (const later of ['/apis/apps/v1/namespaces/NS/deployments/reader', '/api/v1/namespaces/NS/services/reader']) {
    assert.equal(await status(app, later), 200, `${later} went although the Ingress is still there`);
  }
  assert.equal((await recordsOf(app.sandbox, app.namespace)).length > 0, true);

  const forced = await app.run('cleanup', [...agreed(app), '--remove-finalizers', '--timeout', '60s']);
  assert.equal(forced.code, 0, forced.stdout);
  assert.match(forced.stdout, /Removed ingress\.k8s\.aws\/resources from Ingress/);
  assert.equal(await status(app, '/api/v1/namespaces/NS'), 404);
});

test('a namespace that hangs in Terminating: what holds it is said, by a cleanup that comes later, too', async (t) => {
  const held =
    '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: held, finalizers: [example.com/never]}\ndata: {a: b}\n';
  const app = await deployed(t, held);
  const path = `/api/v1/namespaces/${app.namespace}/configmaps/held`;
  const free = () =>
    app.sandbox.request('PATCH', path, { metadata: { finalizers: null } }, 'application/merge-patch+json');
  t.after(free);
  const first = await app.run('cleanup', [...agreed(app), '--timeout', '4s']);
  assert.equal(first.code, 6, first.stdout);
  const later = await app.run('cleanup', [...agreed(app), '--timeout', '4s']);
  assert.equal(later.code, 6, later.stdout);
  for (const run of [first, later]) {
    assert.deepEqual([...findingIds(run)].sort(), ['cleanup/finalizer', 'cleanup/namespace']);
    assert.match(run.stdout, /example\.com\/never/);
  }
  await free();
  const last = await app.run('cleanup', agreed(app));
  assert.equal(last.code, 0, last.stdout);
});

test('what agrees to nothing deletes nothing', async (t) => {
  const app = await deployed(t);
  const before = await dumpOf(app.sandbox, app.namespace);
  const codes: [readonly string[], number][] = [
    [[], 2],
    [['--yes'], 2],
    [['--confirm', app.namespace], 2],
    [['--yes', '--confirm', 'another'], 2],
  ];
  for (const [args, code] of codes) assert.equal((await app.run('cleanup', args)).code, code, args.join(' '));
  const writes = (await app.writes()).length;
  assert.deepEqual(await dumpOf(app.sandbox, app.namespace), before);
  assert.equal(await status(app, '/api/v1/namespaces/NS'), 200);
  const namespace = await app.sandbox.request('GET', `/api/v1/namespaces/${app.namespace}`);
  assert.equal(at(namespace.body, 'metadata', 'deletionTimestamp'), undefined);
  assert.equal((await app.writes()).length, writes);
});

test("Kubernetes' own namespaces are refused, and default as a whole", async (t) => {
  const app = await makeApp(t);
  for (const namespace of ['kube-system', 'kube-public', 'default']) {
    const run = await app.run('cleanup', ['--namespace', namespace, '--yes', '--confirm', namespace, '--foreign']);
    assert.equal(run.code, 2, namespace);
  }
  const kept = await app.run('cleanup', [
    '--namespace',
    'kube-system',
    '--yes',
    '--confirm',
    'kube-system',
    '--keep-namespace',
  ]);
  assert.equal(kept.code, 2);
});

test('a namespace without anything of ours stays as it is', async (t) => {
  const app = await makeApp(t);
  await addForeign(app);
  const run = await app.run('cleanup', [...agreed(app), '--foreign']);
  assert.equal(run.code, 0, run.stdout);
  assert.equal(resultOf(run).outcome, 'nothing');
  assert.equal(await status(app, '/api/v1/namespaces/NS/configmaps/mine'), 200);
});

test('while a deploy holds the lock nothing is cleaned up: exit 7', async (t) => {
  const app = await deployed(t);
  await writeFile(
    join(app.folder, 'k8s/app.yaml'),
    manifests.replace('example.com/other:1', 'example.com/other:never-ready'),
  );
  let kill: ((signal: NodeJS.Signals) => void) | undefined;
  let isWaiting = false;
  const up = app.run('up', ['--yes', '--timeout', '2m'], {
    onOutput: (printed, end) => {
      kill = end;
      isWaiting ||= printed.includes('"type":"progress"');
    },
  });
  await eventually(
    () => Promise.resolve(isWaiting ? true : undefined),
    () => 'up never waited',
  );
  const run = await app.run('cleanup', agreed(app));
  kill?.('SIGINT');
  await up;
  assert.equal(run.code, 7, run.stdout);
  assert.equal(await status(app, '/apis/apps/v1/namespaces/NS/deployments/reader'), 200);
});

test('who may not delete everything is told so before anything is deleted', async (t) => {
  const app = await deployed(t, '', false);
  const all = { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch', 'create', 'update', 'patch'] };
  const some = {
    apiGroups: ['', 'coordination.k8s.io'],
    resources: ['secrets', 'configmaps', 'leases'],
    verbs: ['delete'],
  };
  const kubeconfig = await restrictedKubeconfig(t, app.sandbox, app.namespace, [all, some]);
  const run = await app.run('cleanup', [...agreed(app), '--keep-namespace', '--kubeconfig', kubeconfig]);
  assert.equal(run.code, 4, run.stdout);
  const refused = arrayOf(resultOf(run).findings).map((finding: Json) => String(at(finding, 'object')));
  assert.ok(
    refused.some((object) => object.startsWith('Deployment')) &&
      !refused.some((object) => object.startsWith('ConfigMap')),
    refused.join(),
  );
  assert.equal(await status(app, '/api/v1/namespaces/NS/configmaps/settings'), 200);
});
