import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { arrayOf, type JsonObject, objectOf } from '../../src/model/json.ts';
import { config, makeApp, manifests } from '../support/app.ts';
import { type CliResult, findingIds, makeFolder, resultOf } from '../support/cli.ts';

function findings(run: CliResult): readonly JsonObject[] {
  return arrayOf(resultOf(run).findings).map(objectOf);
}

/** `file:line` of the findings with an id. */
function places(run: CliResult, id: string): readonly string[] {
  return findings(run)
    .filter((finding) => finding.id === id)
    .map(({ file, line }) => `${String(file)}:${String(line)}`);
}

/** The proofs of the findings with an id. */
function proofs(run: CliResult, id: string): readonly (readonly unknown[])[] {
  return findings(run)
    .filter((finding) => finding.id === id)
    .map(({ evidence }) => arrayOf(evidence));
}

function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split('\n').length;
}

for (const createNamespace of [true, false]) {
  const where = createNamespace ? 'in an existing namespace' : 'before the namespace exists';
  test(`unknown fields and typos are refused with file:line, ${where}, and nothing is written`, async (t) => {
    const wrong = manifests
      .replace('image: example.com/reader:1', 'imagee: example.com/reader:1')
      .replace('readinessProbe', 'readinesProbe')
      .replace('  ports: [{name: http, port: 80}]', '  ports: [{name: http, port: 80}]\n  colour: blue');
    const app = await makeApp(t, { createNamespace, files: { 'k8s/app.yaml': wrong } });
    const run = await app.run('up', ['--yes']);
    assert.equal(run.code, 3, run.stdout);
    // The API server says only the first of an object, and not what may be meant.
    const expected = ['colour: blue', 'imagee:', 'readinesProbe']
      .map((part) => `k8s/app.yaml:${lineOf(wrong, part)}`)
      .sort();
    assert.deepEqual([...places(run, 'manifests/unknown-field')].sort(), expected);
    const fixes = findings(run).map(({ fix }) => String(fix));
    for (const meant of ['image', 'readinessProbe'])
      assert.ok(fixes.includes(`Did you mean ${meant}?`), fixes.join(' '));
    assert.deepEqual(await app.writes(), []);
  });
}

test('names that no URL leads to are refused with all else, before the namespace is made', async (t) => {
  const named = (name: string): string => `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: "${name}"}\n`;
  const wrong = manifests.replace('image: example.com/reader:1', 'imagee: example.com/reader:1');
  const files = { 'k8s/app.yaml': wrong, 'k8s/names.yaml': ['a/b', 'a%b', '..'].map(named).join('') };
  const app = await makeApp(t, { createNamespace: false, files });
  const run = await app.run('up', ['--yes']);
  assert.equal(run.code, 3, run.stdout);
  assert.deepEqual(
    places(run, 'syntax/name'),
    [4, 8, 12].map((line) => `k8s/names.yaml:${line}`),
  );
  assert.equal(places(run, 'manifests/unknown-field').length, 1);
  assert.deepEqual(await app.writes(), []);
});

test('quotes, newlines, `: `, braces and placeholders in a value arrive byte for byte', async (t) => {
  const app = await makeApp(t);
  const value = `a "b" 'c': d\n- e: {{ .f }}\t\${level} $\${level} <AWS_REGION> #g \\n é 🚀\r\n`;
  const run = await app.run('up', ['--yes', '--set', `endpoint=${value}`], {
    env: { OMS_INPUT_PASSWORD: 'p"q\'r: {{s}} %t' },
  });
  assert.equal(run.code, 0, run.stdout);
  assert.equal(objectOf((await app.get('configmaps', 'settings')).data).endpoint, value);
  const secret = String(objectOf((await app.get('secrets', 'credentials')).data).password);
  assert.equal(Buffer.from(secret, 'base64').toString('utf8'), 'p"q\'r: {{s}} %t');
});

test('everything that is wrong comes in one message, and nothing is written', async (t) => {
  const files = {
    'oms-deploy.yaml': config.replace('manifests: [k8s]', 'manifests: [k8s, empty, absent.yaml]'),
    'k8s/broken.yaml': 'apiVersion: v1\nkind: [unclosed\n',
    'k8s/duplicate.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n',
    'k8s/unknown.yaml': 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\n',
    'k8s/left.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: left}\ndata:\n  host: REPLACE_WITH_HOST\n',
    'empty/notes.txt': 'no manifest here',
  };
  const app = await makeApp(t, { files });
  const run = await app.run('up', ['--yes'], { env: { OMS_INPUT_PASSWORD: '' } });
  assert.equal(run.code, 3, run.stdout);
  const ids = findingIds(run);
  const expected = [
    'manifests/empty',
    'manifests/missing',
    'manifests/yaml',
    'manifests/duplicate',
    'cluster/unknown-kind',
    'placeholders/unresolved',
  ];
  for (const id of expected) assert.ok(ids.includes(id), `${id} is not among ${ids.join(', ')}`);
  assert.ok(
    ids.some((id) => id.startsWith('inputs/')),
    ids.join(', '),
  );
  assert.deepEqual(places(run, 'placeholders/unresolved'), ['k8s/left.yaml:5']);
  assert.deepEqual(places(run, 'manifests/duplicate'), ['k8s/duplicate.yaml:1']);
  assert.deepEqual(await app.writes(), []);
});

test('a terminating namespace is refused with exit 4', async (t) => {
  const app = await makeApp(t);
  const held = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'held', finalizers: ['example.com/hold'] } };
  const path = `/api/v1/namespaces/${app.namespace}/configmaps`;
  await app.sandbox.request('POST', path, held);
  t.after(() =>
    app.sandbox.request('PATCH', `${path}/held`, { metadata: { finalizers: null } }, 'application/merge-patch+json'),
  );
  await app.sandbox.request('DELETE', `/api/v1/namespaces/${app.namespace}`);
  const run = await app.run('up', ['--yes']);
  assert.equal(run.code, 4, run.stdout);
  assert.deepEqual(findingIds(run), ['cluster/namespace-terminating']);
  // What else is wrong is told in the same run.
  await writeFile(
    `${app.folder}/k8s/typo.yaml`,
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndaata: {a: b}\n',
  );
  const both = await app.run('up', ['--yes']);
  assert.equal(both.code, 3, both.stdout);
  const told = ['cluster/namespace-terminating', 'config/unused', 'manifests/unknown-field'];
  assert.deepEqual([...findingIds(both)].sort(), told);
  assert.deepEqual(await app.writes(), []);
});

for (const createNamespace of [true, false]) {
  test(`values that can't be right are refused before anything is written, ${createNamespace ? 'with' : 'without'} the namespace`, async (t) => {
    const wrong = `apiVersion: v1
kind: Secret
metadata: {name: broken}
data: {pin: "a%%b"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: Bad_Name}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: quota}
spec: {hard: {cpu: 1k0}}
`;
    const app = await makeApp(t, { createNamespace, files: { 'k8s/app.yaml': wrong } });
    const run = await app.run('up', ['--yes']);
    assert.equal(run.code, 3, run.stdout);
    assert.deepEqual([...places(run, 'manifests/invalid-field')].sort(), [
      'k8s/app.yaml:13',
      'k8s/app.yaml:4',
      'k8s/app.yaml:8',
    ]);
    assert.match(run.stdout, /Invalid value: ..Bad_Name..:/);
    assert.deepEqual(await app.writes(), []);
  });
}

test('an immutable field is seen in the plan, with file:line', async (t) => {
  const app = await makeApp(t);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const changed = manifests.replaceAll('app: other', 'app: another');
  await writeFile(`${app.folder}/k8s/app.yaml`, changed);
  const run = await app.run('plan');
  assert.equal(run.code, 3, run.stdout);
  assert.deepEqual(places(run, 'manifests/immutable'), [
    `k8s/app.yaml:${lineOf(changed, 'selector: {matchLabels: {app: another}}')}`,
  ]);
  assert.deepEqual(proofs(run, 'manifests/immutable'), [['spec.selector.matchLabels.app: other -> another']]);
  // What kubectl would take for its current context may be another cluster.
  const kubectl = `: kubectl --kubeconfig ${app.sandbox.kubeconfig} delete deployment other -n ${app.namespace}`;
  assert.ok(run.stdout.includes(kubectl), run.stdout);
});

test('a Job with another image and a Service with another clusterIP: what would change, and the way on', async (t) => {
  const job = (image: string): string =>
    `apiVersion: batch/v1\nkind: Job\nmetadata: {name: once}\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{name: c, image: "${image}"}]\n`;
  const service = (more: string): string =>
    `---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {ports: [{port: 80}]${more}}\n`;
  const app = await makeApp(t, { files: { 'k8s/app.yaml': job('example.com/c:1') + service('') } });
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  await writeFile(`${app.folder}/k8s/app.yaml`, job('example.com/c:2') + service(', clusterIP: None'));
  const run = await app.run('up', ['--yes']);
  assert.equal(run.code, 3, run.stdout);
  const [ofJob, ofService] = proofs(run, 'manifests/immutable');
  assert.deepEqual(ofJob, ['spec.template.spec.containers[c].image: example.com/c:1 -> example.com/c:2']);
  assert.match(String(ofService), /^spec\.clusterIP: 10\.\S+ -> None$/);
});

test('a field of another manager stops the deploy and names it; kubectl’s is taken over; --force-conflicts takes both', async (t) => {
  const app = await makeApp(t);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const edit = (manager: string, level: string) =>
    app.sandbox.request(
      'PATCH',
      `/api/v1/namespaces/${app.namespace}/configmaps/settings?fieldManager=${manager}`,
      { data: { level } },
      'application/merge-patch+json',
    );
  const level = async () => objectOf((await app.get('configmaps', 'settings')).data).level;
  await edit('kubectl-edit', 'Trace');
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  assert.equal(await level(), 'Information');
  await edit('some-operator', 'Trace');
  const refused = await app.run('up', ['--yes']);
  assert.equal(refused.code, 4, refused.stdout);
  assert.deepEqual(findingIds(refused), ['cluster/conflict']);
  assert.match(String(findings(refused)[0]?.cause), /data\.level is set by some-operator/);
  assert.equal(await level(), 'Trace');
  assert.equal((await app.run('up', ['--yes', '--force-conflicts'])).code, 0);
  assert.equal(await level(), 'Information');
});

test('a cluster that can’t be reached is one finding beside the others, within seconds', async (t) => {
  const app = await makeApp(t);
  const kubeconfig = `${app.folder}/kubeconfig`;
  const server = 'https://127.0.0.1:1';
  await writeFile(
    kubeconfig,
    `apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: "${server}"}}]\n` +
      'users: [{name: u, user: {token: t}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n',
  );
  const alone = await app.run('up', ['--yes', '--kubeconfig', kubeconfig]);
  assert.equal(alone.code, 4, alone.stdout);
  assert.deepEqual(findingIds(alone), ['cluster/unreachable']);
  const both = await app.run('up', ['--yes', '--kubeconfig', kubeconfig], { env: { OMS_INPUT_PASSWORD: '' } });
  assert.equal(both.code, 3, both.stdout);
  assert.ok(findingIds(both).includes('cluster/unreachable'));
});

test("a namespace of Kubernetes' own or of another application, and another application's objects: a warning before the question", async (t) => {
  const app = await makeApp(t, { createNamespace: false });
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const other = { 'oms-deploy.yaml': config.replace('application: web', 'application: other') };
  const folder = await makeFolder(t, { ...other, 'k8s/app.yaml': manifests });
  const over = await app.run('plan', ['--set', 'level=Debug'], { cwd: folder });
  assert.ok(findingIds(over).includes('target/foreign-objects'), over.stdout);
  await writeFile(`${folder}/k8s/app.yaml`, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: beside}\n');
  assert.ok(findingIds(await app.run('plan', [], { cwd: folder })).includes('target/foreign-namespace'));
  const system = await app.run('plan', ['--namespace', 'kube-public'], { cwd: folder });
  assert.ok(findingIds(system).includes('target/system-namespace'));
  // Its own objects are no surprise.
  assert.deepEqual(findingIds(await app.run('plan', ['--set', 'level=Debug'])), []);
});
