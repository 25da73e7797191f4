import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { at } from '../../src/model/json.ts';
import { makeApp, type TestApp } from '../support/app.ts';
import { type CliResult, makeFolder, resultOf } from '../support/cli.ts';
import { restrictedKubeconfig } from '../support/rbac.ts';

const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';

/** An application with a release, and an empty folder from which another namespace is looked at, in which nothing is. */
async function beside(t: TestContext): Promise<{
  readonly empty: TestApp;
  readonly look: (command: string, ...args: readonly string[]) => Promise<CliResult>;
}> {
  const app = await makeApp(t);
  const cwd = await makeFolder(t, { 'k8s/a.yaml': configMap });
  assert.equal((await app.run('up', ['--yes', '-f', 'k8s'], { cwd })).code, 0);
  const empty = await makeApp(t);
  const folder = await makeFolder(t, { none: '' });
  return { empty, look: (command, ...args) => empty.run(command, args, { cwd: folder }) };
}

const said = (run: CliResult, part: string): string => String(at(resultOf(run), 'error', part));

test('where nothing was deployed nobody is sent to deploy the built-in application, unless it was asked for', async (t) => {
  const { empty, look } = await beside(t);
  for (const command of ['verify', 'doctor']) {
    const run = await look(command);
    assert.equal(run.code, 2, run.stdout);
    assert.match(
      said(run, 'message'),
      new RegExp(`^oms-deploy has deployed nothing in the namespace ${empty.namespace} `),
    );
    assert.match(said(run, 'fix'), /--config built-in\. There are releases in \S+/);
    assert.equal((await look(command, '--config', 'built-in')).code, 10);
  }
});

test('where records may not be read nothing is said of other namespaces', async (t) => {
  const { empty, look } = await beside(t);
  const rules = [
    { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['services', 'configmaps'], verbs: ['get', 'list'] },
  ];
  const kubeconfig = await restrictedKubeconfig(t, empty.sandbox, empty.namespace, rules);
  const run = await look('verify', '--kubeconfig', kubeconfig);
  assert.equal(run.code, 2, run.stdout);
  assert.match(said(run, 'fix'), /--config built-in\.$/);
});

for (const [what, path, object] of [
  ['a Deployment of its name', '/apis/apps/v1/namespaces/NS/deployments', { metadata: { name: 'risk-engine' } }],
  [
    'an object of its label',
    '/api/v1/namespaces/NS/configmaps',
    {
      metadata: {
        name: 'app-config',
        labels: { 'app.kubernetes.io/managed-by': 'oms-deploy', 'app.kubernetes.io/part-of': 'crypto-oms' },
      },
    },
  ],
] as const) {
  test(`the built-in application is looked for where there is ${what}`, async (t) => {
    const { empty, look } = await beside(t);
    const labels = { app: 'x' };
    const spec = {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'x', image: 'example.com/x:1' }] } },
    };
    const body = path.endsWith('deployments') ? { ...object, spec } : object;
    const { status } = await empty.sandbox.request('POST', path.replace('NS', empty.namespace), body);
    assert.equal(status, 201);
    const run = await look('verify');
    assert.equal(run.code, 10, run.stdout);
  });
}

test('a namespace that does not exist: where releases are is said', async (t) => {
  const { empty, look } = await beside(t);
  const run = await look('doctor', '--namespace', `nowhere-${empty.namespace}`);
  assert.equal(run.code, 4);
  assert.match(said(run, 'message'), /^There is no namespace nowhere-/);
  assert.match(said(run, 'fix'), / There are releases in \S+/);
});
