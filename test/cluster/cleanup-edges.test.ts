import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { cleanUp } from '../../src/deploy/cleanup/cleanup.ts';
import { DeployError } from '../../src/errors.ts';
import type { DeployEvent, Host } from '../../src/events.ts';
import { arrayOf, at, type Json, type JsonObject, objectOf } from '../../src/model/json.ts';
import { makeApp, type TestApp } from '../support/app.ts';
import { type CliResult, eventsOf, findingIds, resultOf } from '../support/cli.ts';
import { restrictedKubeconfig } from '../support/rbac.ts';
import { eventually } from '../support/sandbox.ts';
import { silentHost } from '../support/silent-host.ts';
import { kubeconfigTarget } from '../support/target.ts';
import { bareConfig } from '../support/workloads.ts';

const settings = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {level: low}\n';

/** The application `web`, deployed. */
async function deployed(t: TestContext, manifests: string): Promise<TestApp> {
  const app = await makeApp(t, { files: { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': manifests } });
  const up = await app.run('up', ['--yes']);
  assert.equal(up.code, 0, up.stdout);
  return app;
}

function agreed(app: TestApp, args: readonly string[] = []): Promise<CliResult> {
  return app.run('cleanup', ['--yes', '--confirm', app.namespace, ...args]);
}

/** A request below the namespace: `/api/v1` and `configmaps/settings` make one path. */
function ask(app: TestApp, method: string, group: string, rest: string, body?: Json): ReturnType<typeof request> {
  return request(app, method, `${group}/namespaces/${app.namespace}/${rest}`, body);
}

function request({ sandbox }: TestApp, method: string, path: string, body?: Json): ReturnType<typeof sandbox.request> {
  return sandbox.request(method, path, body, method === 'PATCH' ? 'application/merge-patch+json' : undefined);
}

async function create(
  app: TestApp,
  group: string,
  plural: string,
  metadata: JsonObject,
  rest: JsonObject = {},
): Promise<void> {
  const { status, body } = await ask(app, 'POST', group, plural, { metadata, ...rest });
  assert.equal(status, 201, JSON.stringify(body));
}

/** The objects of these kinds in the namespace: `configmaps settings`, with their resourceVersions. */
async function versions(app: TestApp, paths: readonly (readonly [string, string])[]): Promise<Record<string, string>> {
  const lists = await Promise.all(
    paths.map(async ([group, plural]) => {
      const { body } = await ask(app, 'GET', group, plural);
      return arrayOf(at(body, 'items')).map((item): [string, string] => {
        const { name, resourceVersion } = objectOf(at(item, 'metadata'));
        return [`${plural} ${String(name)}`, String(resourceVersion)];
      });
    }),
  );
  return Object.fromEntries(lists.flat());
}

const kinds = [
  ['/api/v1', 'configmaps'],
  ['/api/v1', 'secrets'],
  ['/api/v1', 'services'],
  ['/api/v1', 'persistentvolumeclaims'],
  ['/apis/apps/v1', 'deployments'],
  ['/apis/networking.k8s.io/v1', 'ingresses'],
  ['/apis/coordination.k8s.io/v1', 'leases'],
] as const;

/** What is there, without what Kubernetes makes. */
async function namesIn(app: TestApp): Promise<readonly string[]> {
  const names = Object.keys(await versions(app, kinds));
  return names.filter((name) => name !== 'configmaps kube-root-ca.crt').sort();
}

async function namespaceOf(app: TestApp): Promise<Json | undefined> {
  const { status, body } = await request(app, 'GET', `/api/v1/namespaces/${app.namespace}`);
  return status === 404 ? undefined : body;
}

/** What was deleted, in its order: `Service web`. */
function deletions(run: CliResult): readonly string[] {
  return eventsOf(run)
    .filter(({ type, op }) => type === 'applied' && op === 'delete')
    .map(({ object }) => `${String(at(object, 'kind'))} ${String(at(object, 'name'))}`);
}

const ourLabels = { 'app.kubernetes.io/managed-by': 'oms-deploy', 'app.kubernetes.io/part-of': 'web' };
const finalizer = 'ingress.k8s.aws/resources';

/** An Ingress of the application that its controller, which doesn't run here, still holds. */
async function heldIngress(t: TestContext, app: TestApp): Promise<void> {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  await create(
    app,
    '/apis/networking.k8s.io/v1',
    'ingresses',
    { name: 'front', labels: ourLabels, finalizers: [finalizer] },
    { spec: { defaultBackend: backend } },
  );
  t.after(() => letGo(app, '/apis/networking.k8s.io/v1', 'ingresses/front'));
}

async function letGo(app: TestApp, group: string, path: string): Promise<void> {
  await ask(app, 'PATCH', group, path, { metadata: { finalizers: null } });
}

test('of the namespace default only our own objects can go', async (t) => {
  const app = await deployed(t, settings);
  const run = await app.run('cleanup', ['-n', 'default', '--yes', '--confirm', 'default', '--keep-namespace']);
  assert.deepEqual([run.code, resultOf(run).outcome], [0, 'nothing']);
});

test("an object that somebody has made anew isn't ours any more, whatever its labels say", async (t) => {
  const app = await deployed(t, settings);
  await ask(app, 'DELETE', '/api/v1', 'configmaps/settings');
  await create(app, '/api/v1', 'configmaps', { name: 'settings', labels: ourLabels });
  const run = await agreed(app);
  assert.equal(run.code, 3, run.stdout);
  assert.deepEqual(at(arrayOf(resultOf(run).findings)[0], 'evidence'), [`ConfigMap ${app.namespace}/settings`]);
  assert.equal((await agreed(app, ['--keep-namespace'])).code, 0);
  assert.deepEqual(await namesIn(app), ['configmaps settings']);
});

test('objects of earlier releases and of no namespace go, too; a definition only with --prune-data', async (t) => {
  const suffix = `clean${Date.now().toString(36)}`;
  const outside = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${suffix}}
rules: []
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.${suffix}.example.com}
spec:
  group: ${suffix}.example.com
  scope: Namespaced
  names: {kind: Thing, plural: things}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`;
  const app = await deployed(t, settings + outside);
  const definition = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.${suffix}.example.com`;
  const role = `/apis/rbac.authorization.k8s.io/v1/clusterroles/${suffix}`;
  t.after(() => Promise.all([definition, role].map((path) => request(app, 'DELETE', path))));
  const next = settings.replace('settings', 'second') + outside;
  await writeFile(join(app.folder, 'k8s/app.yaml'), next);
  assert.equal((await app.run('up', ['--yes', '--no-prune'])).code, 0);

  const run = await agreed(app, ['--keep-namespace']);
  assert.equal(run.code, 0, run.stdout);
  assert.deepEqual(deletions(run).slice(0, 3), ['ConfigMap second', 'ConfigMap settings', `ClusterRole ${suffix}`]);
  const [kept] = arrayOf(resultOf(run).kept);
  assert.equal(at(kept, 'object', 'kind'), 'CustomResourceDefinition');
  assert.equal((await request(app, 'GET', definition)).status, 200);
  assert.equal((await request(app, 'GET', role)).status, 404);
});

test('at a terminal the name is typed: another word changes nothing', async (t) => {
  const app = await deployed(t, settings);
  await create(app, '/api/v1', 'configmaps', { name: 'by-hand' });
  const writes = await app.writes();
  const { events, asked, host } = typing(['yes', app.namespace]);
  await assert.rejects(cleanUp(await requestOf(app), host, new AbortController().signal), (error) => {
    assert.ok(error instanceof DeployError);
    assert.equal(error.code, 'declined');
    return true;
  });
  assert.deepEqual(await app.writes(), writes);
  const cleaned = await cleanUp(await requestOf(app), host, new AbortController().signal);
  assert.deepEqual([cleaned.outcome, cleaned.deleted.foreign], ['namespace', 1]);
  assert.match(asked[0] ?? '', /also what oms-deploy has not deployed/);
  const shown = events.find((event) => event.type === 'cleanup');
  assert.deepEqual(shown?.type === 'cleanup' ? shown.plan.foreign.map(({ name }) => name) : [], ['by-hand']);
});

test('what appears while the question stands is agreed to anew', async (t) => {
  const app = await deployed(t, settings);
  const { asked, host } = typing([app.namespace, 'no']);
  const slow: Host = {
    ...host,
    async text(question, signal) {
      if (asked.length === 0) await create(app, '/api/v1', 'configmaps', { name: 'late' });
      return host.text(question, signal);
    },
  };
  await assert.rejects(cleanUp(await requestOf(app), slow, new AbortController().signal), { code: 'declined' });
  assert.equal(asked.length, 2);
  assert.ok((await namesIn(app)).includes('configmaps settings'));
});

test('Ctrl-C says how things are, and gives the lock back', async (t) => {
  const app = await deployed(t, settings);
  await heldIngress(t, app);
  let isInterrupted = false;
  const interrupt = (printed: string, kill: (signal: NodeJS.Signals) => void): void => {
    // Once: a second one would end the process at once.
    if (isInterrupted || !printed.includes('"type":"progress"')) return;
    isInterrupted = true;
    kill('SIGINT');
  };
  const run = await app.run('cleanup', ['--yes', '--confirm', app.namespace], { onOutput: interrupt });
  assert.equal(run.code, 130, run.stdout);
  const error = resultOf(run).error;
  assert.match(String(at(error, 'message')), /^Interrupted\. Nothing is gone yet; .* untouched\.$/);
  assert.match(String(at(error, 'fix')), /same command again/);
  const { body } = await ask(app, 'GET', '/apis/coordination.k8s.io/v1', 'leases/oms-deploy.web');
  assert.equal(at(body, 'spec', 'holderIdentity') ?? '', '');
});

test('what another application holds in an ending namespace keeps its finalizers', async (t) => {
  const app = await deployed(t, settings);
  const labels = { ...ourLabels, 'app.kubernetes.io/part-of': 'neighbour' };
  await create(app, '/api/v1', 'configmaps', { name: 'theirs', labels, finalizers: ['example.com/hold'] });
  t.after(() => letGo(app, '/api/v1', 'configmaps/theirs'));
  await request(app, 'DELETE', `/api/v1/namespaces/${app.namespace}`);
  const run = await agreed(app, ['--remove-finalizers', '--timeout', '9s']);
  assert.equal(run.code, 6, run.stdout);
  const { body } = await ask(app, 'GET', '/api/v1', 'configmaps/theirs');
  assert.deepEqual(at(body, 'metadata', 'finalizers'), ['example.com/hold']);
});

const all = ['get', 'list', 'create', 'update', 'patch', 'delete'];

test('rights for one namespace: our objects go; what may not be listed is named, and keeps the namespace', async (t) => {
  const app = await deployed(t, settings);
  const rules = [
    { apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: all },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: all },
  ];
  const kubeconfig = await restrictedKubeconfig(t, app.sandbox, app.namespace, rules);
  const whole = await agreed(app, ['--kubeconfig', kubeconfig]);
  assert.equal(whole.code, 4, whole.stdout);
  assert.match(String(at(resultOf(whole).error, 'fix')), /--keep-namespace/);
  const run = await agreed(app, ['--kubeconfig', kubeconfig, '--keep-namespace']);
  assert.equal(run.code, 0, run.stdout);
  const shown = eventsOf(run).find(({ type }) => type === 'cleanup');
  assert.ok(arrayOf(shown?.unread).includes('Deployment.apps'), JSON.stringify(shown?.unread));
  assert.deepEqual(await namesIn(app), []);
});

test('a whole namespace of which not all may be seen wants --foreign', async (t) => {
  const app = await deployed(t, settings);
  const rules = [
    { apiGroups: [''], resources: ['configmaps', 'secrets', 'serviceaccounts'], verbs: all },
    { apiGroups: [''], resources: ['namespaces'], verbs: ['get', 'delete'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: all },
    { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: ['list'] },
  ];
  const kubeconfig = await restrictedKubeconfig(t, app.sandbox, app.namespace, rules);
  const refused = await agreed(app, ['--kubeconfig', kubeconfig]);
  assert.equal(refused.code, 3, refused.stdout);
  assert.deepEqual(findingIds(refused), ['cleanup/foreign', 'cleanup/unread']);
  const run = await agreed(app, ['--kubeconfig', kubeconfig, '--foreign']);
  // The Role that allows it to look is in the namespace, and goes with it.
  assert.equal(run.code, 5, run.stdout);
  assert.match(String(at(resultOf(run).error, 'message')), /the right to see it went with it/);
  const gone = async (): Promise<true | undefined> => ((await namespaceOf(app)) === undefined ? true : undefined);
  await eventually(gone, () => 'the namespace is still there');
});

/** A host at which these words are typed, one after the other. */
function typing(words: readonly string[]): { events: DeployEvent[]; asked: string[]; host: Host } {
  const events: DeployEvent[] = [];
  const asked: string[] = [];
  const left = [...words];
  const host: Host = {
    ...silentHost,
    canAsk: true,
    emit: (event) => void events.push(event),
    text: ({ message }) => {
      asked.push(message);
      return Promise.resolve(left.shift() ?? '');
    },
  };
  return { events, asked, host };
}

/** What the command line makes of no flags. */
async function requestOf({ sandbox, namespace, folder }: TestApp): Promise<Parameters<typeof cleanUp>[0]> {
  return {
    place: {
      config: await loadConfig({ cwd: folder }),
      namespace,
      target: kubeconfigTarget(sandbox.kubeconfig, folder),
    },
    keepNamespace: false,
    withData: false,
    yes: false,
    foreign: false,
    removeFinalizers: false,
    timeoutMs: 60_000,
    lock: { durationMs: 15_000, timeoutMs: 0 },
    author: { user: 'tester', host: 'here' },
  };
}
