import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { arrayOf, at, objectOf } from '../../src/model/json.ts';
import { parseYaml } from '../../src/model/yaml.ts';
import { findProgram } from '../../src/program.ts';
import { type AppOptions, makeApp, type TestApp } from '../support/app.ts';
import { type CliResult, findingIds, makeFolder, resultOf, runCli } from '../support/cli.ts';
import { getSandbox } from '../support/sandbox.ts';

const kubectl = await findProgram('kubectl', process.env, process.cwd());
const needsKubectl = { skip: kubectl === undefined ? 'kubectl is not installed' : false };

async function runKubectl(args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await promisify(execFile)(kubectl ?? 'kubectl', args, { cwd });
  return stdout;
}

const configMap = (name: string, value: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: ${value}\n`;

/** An application without a configuration of its own: all that is deployed is given with -f. */
async function bareApp(t: TestContext, files: AppOptions['files'] = {}): Promise<TestApp> {
  return makeApp(t, {
    files: { 'oms-deploy.yaml': 'application: bare\nnamespace: bare\nmanifests: [k8s]\n', ...files },
  });
}

async function valueOf(app: TestApp, name: string): Promise<unknown> {
  return at(await app.get('configmaps', name), 'data', 'value');
}

const kustomization = {
  'kustomize/base/kustomization.yaml': 'resources: [settings.yaml]\n',
  'kustomize/base/settings.yaml': configMap('settings', 'base'),
  'kustomize/prod/kustomization.yaml': 'resources: [../base]\nnamePrefix: prod-\n',
};

test('what kubectl kustomize prints is deployed from a pipe, as is the folder itself', needsKubectl, async (t) => {
  const app = await bareApp(t, kustomization);
  const stdin = await runKubectl(['kustomize', 'kustomize/prod'], app.folder);
  const piped = await app.run('up', ['--yes', '-f', '-'], { stdin });
  assert.equal(piped.code, 0, piped.stdout + piped.stderr);
  assert.equal(await valueOf(app, 'prod-settings'), 'base');
  const plan = await app.run('plan', ['-f', 'kustomize/prod', '--detailed-exitcode']);
  assert.equal(plan.code, 0, plan.stdout);
  assert.deepEqual(resultOf(plan).changes, { created: 0, updated: 0, unchanged: 1, deleted: 0 });
});

test('the output of helm template is deployed from a pipe; a mistake in it names the template', async (t) => {
  const app = await bareApp(t);
  const document = (file: string, text: string): string => `---\n# Source: web/templates/${file}\n${text}`;
  const stdin = document('a.yaml', configMap('a', 'one')) + document('b.yaml', configMap('b', 'two'));
  const up = await app.run('up', ['--yes', '-f', '-'], { stdin });
  assert.equal(up.code, 0, up.stdout + up.stderr);
  assert.deepEqual([await valueOf(app, 'a'), await valueOf(app, 'b')], ['one', 'two']);
  const wrong = await app.run('plan', ['-f', '-', '--output', 'plain'], {
    stdin: stdin + document('c.yaml', 'kind: C\n'),
  });
  assert.equal(wrong.code, 3);
  assert.match(wrong.stderr, /at {5}<stdin>:19 \(web\/templates\/c.yaml\)/);
});

test('what init writes is the application that was deployed before without a configuration', async (t) => {
  const app = await bareApp(t);
  const cwd = await makeFolder(t, { 'k8s/a.yaml': configMap('a', 'one') });
  const up = await app.run('up', ['--yes', '-f', 'k8s'], { cwd });
  assert.equal(up.code, 0, up.stdout);
  const init = await runCli(['init', '-n', app.namespace, '--yes', '--output', 'json'], { cwd });
  assert.deepEqual([init.code, resultOf(init).application], [0, app.namespace]);
  const plan = await app.run('plan', [], { cwd });
  assert.deepEqual(resultOf(plan).changes, { created: 0, updated: 0, unchanged: 1, deleted: 0 });
});

test('a List, JSON with tabs, CRLF and byte order marks, as one application; other files are passed over', async (t) => {
  const object = (name: string): object => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data: { value: name },
  });
  const app = await bareApp(t, {
    'k8s/app.yaml': '# nothing\n',
    'k8s/list.json': JSON.stringify(
      { apiVersion: 'v1', kind: 'List', items: [object('one'), object('two')] },
      null,
      '\t',
    ),
    'k8s/windows.yaml': `\uFEFF${configMap('three', '|\n    a\n    b')}---\n\uFEFF${configMap('four', 'x')}`.replaceAll(
      '\n',
      '\r\n',
    ),
    'k8s/values.yaml': 'image: {tag: 1}\n',
    'k8s/kind.yaml': 'apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\n',
  });
  const up = await app.run('up', ['--yes']);
  assert.equal(up.code, 0, up.stdout + up.stderr);
  assert.deepEqual(resultOf(up).changes, { created: 4, updated: 0, unchanged: 0, deleted: 0 });
  assert.deepEqual([await valueOf(app, 'two'), await valueOf(app, 'three')], ['two', 'a\nb\n']);
  const plan = await app.run('plan', ['--output', 'plain']);
  assert.match(plan.stdout, /^ +2 files are not manifests, and left out\. {2}manifests\/skipped$/m);
  assert.doesNotMatch(plan.stdout, /values for Helm/);
  assert.match((await app.run('plan', ['--output', 'plain', '--verbose'])).stdout, /k8s\/values.yaml: values for Helm/);
});

test('objects that were exported from a cluster are deployed, also from another one', async (t) => {
  const app = await bareApp(t);
  assert.equal((await app.run('up', ['--yes', '-f', '-'], { stdin: configMap('live', 'one') })).code, 0);
  const live = await app.get('configmaps', 'live');
  const exported = JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        ...live,
        data: { value: 'two' },
        metadata: { ...objectOf(live.metadata), uid: 'of-another', resourceVersion: '1' },
      },
    ],
  });
  const up = await app.run('up', ['--yes', '-f', '-'], { stdin: exported });
  assert.equal(up.code, 0, up.stdout + up.stderr);
  assert.equal(await valueOf(app, 'live'), 'two');
  assert.ok(findingIds(up).includes('manifests/exported'));
});

function errorIds(run: CliResult): readonly unknown[] {
  const findings = arrayOf(resultOf(run).findings).filter((finding) => at(finding, 'severity') === 'error');
  return findings.map((finding) => at(finding, 'id'));
}

const broken: readonly (readonly [string, string, string])[] = [
  ['nothing', '', 'manifests/empty'],
  ['a template of Helm', 'replicas: {{ .Values.replicas }}\n', 'manifests/template'],
  ['broken YAML', `${configMap('a', 'x')}---\na: [\n`, 'manifests/yaml'],
  ['a key twice', `${configMap('a', 'x')}  value: y\n`, 'manifests/yaml'],
  ['a binary file', 'PK\u0003\u0004', 'manifests/encoding'],
  ['a list of objects', `[${JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap' })}]`, 'manifests/object'],
  ['a typing mistake', configMap('a', 'x').replace('kind', 'kinds'), 'manifests/object'],
];

test('broken input changes nothing: exit 3, one finding each', async (t) => {
  const app = await bareApp(t);
  for (const [name, stdin, id] of broken) {
    const run = await app.run('up', ['--yes', '-f', '-'], { stdin });
    assert.equal(run.code, 3, `${name}: ${run.stdout}${run.stderr}`);
    assert.deepEqual(errorIds(run), [id], name);
    assert.equal(run.stderr, '', name);
  }
  assert.deepEqual(await app.writes(), []);
});

const scalars = [
  ['yes', 'No', 'on', 'y', 'NULL', '~', '12:30:45', '2001-01-01', '190:20:30.15', '=', '.5', '1.', '1e3', '1.5e-3'],
  ['0644', '-0755', '0o17', '09', '0x1F', '0b11', '1_000', '1_0.5', '+5', '!!str 5', '"\\x41\\u00e9\\t"', "'it''s'"],
  [
    '|\n    a\n\n    b\n',
    '|+\n    a\n\n',
    '|-\n    a\n',
    '>\n    a\n    b\n\n    c\n',
    'a\n    b',
    '"a\n\n    b \\\n    c"',
  ],
].flat();

for (const [name, end, mark] of [
  ['as it is', '\n', ''],
  ['with CRLF and a mark', '\r\n', '\uFEFF'],
] as const) {
  test(`YAML means what it means to kubectl, ${name}`, needsKubectl, async (t) => {
    const keys = scalars.map((scalar, index) => `  k${index}: ${scalar}\n`).join('');
    const text = `${mark}apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n${keys}`.replaceAll('\n', end);
    const app = await bareApp(t, { 'scalars.yaml': text });
    const { kubeconfig } = await getSandbox();
    const args = ['--kubeconfig', kubeconfig, 'create', '--dry-run=client', '--validate=false', '-o', 'json', '-f'];
    const theirs: unknown = JSON.parse(await runKubectl([...args, 'scalars.yaml'], app.folder));
    const ours: unknown = parseYaml(text).documents[0]?.toJS();
    assert.deepEqual(at(ours, 'data'), at(theirs, 'data'));
  });
}
