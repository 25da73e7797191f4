import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { arrayOf, at } from '../../../src/model/json.ts';
import { type CliResult, makeFolder, resultOf, runCli } from '../../support/cli.ts';

const config = `application: shop
namespace: shop
manifests: [k8s]
inputs:
  db_host: {default: db.example}
  db_url: {compose: ["postgres://\${db_host}/x"]}
  cache: {optional: true}
  replicas: {default: 2}
  idle: {default: 1}
`;
const manifests = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  host: \${db_host}
  port: \${db_port}
---
apiVersion: v1
kind: Secret
metadata: {name: credentials}
stringData:
  url: \${db_url}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: replicas}
spec:
  replicas: \${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: app
          image: example.com/web:1
          env:
            - {name: HOST, value: "REPLACE_WITH_DB_HOST:\${db_port}"}
            - {name: LEVEL, value: "\${level:-info}"}
            - name: CACHE
              value: \${cache}
`;
const files = { 'oms-deploy.yaml': config, 'k8s/app.yaml': manifests };

async function explain(t: TestContext, args: readonly string[], changed = {}): Promise<CliResult> {
  const cwd = await makeFolder(t, { ...files, ...changed });
  return runCli(['explain', ...args, '--output', 'json'], { cwd, env: { OMS_INPUT_DB_PORT: '5432' } });
}

/** `object field line value` of each field. */
function fieldsOf(run: CliResult): readonly string[] {
  assert.equal(run.code, 0, run.stdout + run.stderr);
  return arrayOf(resultOf(run).fields).map((field) =>
    ['object', 'field', 'line', 'value'].map((key) => String(at(field, key))).join(' '),
  );
}

const env = 'Deployment shop/replicas spec.template.spec.containers[app].env';

test('an input: all the fields that it fills, in all objects, also as a part of a composed one', async (t) => {
  const run = await explain(t, ['db_host']);
  assert.deepEqual(fieldsOf(run), [
    'ConfigMap shop/settings data.host 5 db.example',
    'Secret shop/credentials data.url 12 ****',
    `${env}[HOST].value 27 db.example:5432`,
  ]);
  const source = 'default configuration';
  assert.deepEqual(resultOf(run).input, { name: 'db_host', value: 'db.example', source, parts: [] });
  assert.deepEqual([resultOf(run).object, resultOf(run).file], [undefined, undefined]);
});

test('a placeholder names its input; so does a variable', async (t) => {
  const expected = ['ConfigMap shop/settings data.port 6 5432', `${env}[HOST].value 27 db.example:5432`];
  for (const name of ['db_port', 'DB_PORT', '${db_port}', '<DB_PORT>', 'REPLACE_WITH_DB_PORT', 'OMS_INPUT_DB_PORT'])
    assert.deepEqual(fieldsOf(await explain(t, [name])), expected, name);
  assert.deepEqual(fieldsOf(await explain(t, ['db_port', 'port'])), expected.slice(0, 1));
  const none = await explain(t, ['db_port', 'ports']);
  assert.deepEqual([none.code, at(resultOf(none), 'error', 'message')], [2, 'The input db_port fills no field ports.']);
});

test('an input reads as an object does', async (t) => {
  const cwd = await makeFolder(t, files);
  const { stdout } = await runCli(['explain', 'db_port', 'data.port', '--output', 'human', '--set', 'db_port=1'], {
    cwd,
  });
  assert.equal(
    stdout,
    `input db_port = 1   flag --set db_port

ConfigMap shop/settings  data.port
  written   \${db_port}   k8s/app.yaml:6
  input     db_port = 1   flag --set db_port

the cluster was not asked: There is no cluster to work on: no EKS cluster is named, and no kubeconfig.
`,
  );
});

test('an input without a value: what is left out for it, what its placeholder falls back to, what waits for it', async (t) => {
  assert.deepEqual(fieldsOf(await explain(t, ['cache'])), [`${env}[CACHE].value 30 null`]);
  assert.deepEqual(fieldsOf(await explain(t, ['level'])), [`${env}[LEVEL].value 28 info`]);
  const cwd = await makeFolder(t, files);
  const open = await runCli(['explain', 'db_port', '--output', 'json'], { cwd });
  assert.deepEqual(fieldsOf(open), ['ConfigMap shop/settings data.port 6 null', `${env}[HOST].value 27 null`]);
  const idle = await explain(t, ['idle']);
  assert.deepEqual(fieldsOf(idle), []);
  assert.equal(at(resultOf(idle), 'input', 'value'), null);
});

test('why nothing is deployed: the input itself, another one, an HPA', async (t) => {
  const hpa = `---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}
spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: replicas}}\n`;
  const cwd = await makeFolder(t, { ...files, 'k8s/hpa.yaml': hpa });
  const deployed = async (...args: readonly string[]) =>
    [...(await runCli(['explain', ...args], { cwd })).stdout.matchAll(/ {2}deployed {2}(.*)/g)].map(([, said]) => said);
  assert.deepEqual(await deployed('configmap/settings'), [
    'another field of this object lacks a value',
    'an input has no value',
  ]);
  assert.deepEqual(await deployed('deployment/replicas', 'replicas', '--set', 'db_port=1'), ['left out']);
});

test('what is neither an object nor an input, or both', async (t) => {
  const error = async (...args: Parameters<typeof explain>) => {
    const run = await explain(...args);
    const { message, why, fix } = resultOf(run).error as Record<string, string>;
    return [run.code, message, why, fix];
  };
  assert.deepEqual(await error(t, ['db_hots']), [2, 'The manifests have no db_hots.', null, 'Did you mean db_host?']);
  const [, , , fix] = await error(t, ['what']);
  assert.match(String(fix), /^Name one of their objects: .*Deployment\/replicas, or an input: db_host, .*db_port/);
  assert.deepEqual(await error(t, ['replicas']), [
    2,
    'replicas is not clear.',
    'There is Deployment shop/replicas, and an input of this name.',
    "Name the object with its kind: Deployment/replicas; the input as a placeholder: '${replicas}'.",
  ]);
  const [code, message] = await error(t, ['db_host', '-f', 'k9s']);
  assert.deepEqual([code, message], [3, '1 problem. Nothing was changed.']);
});

test('why the cluster was not asked: the problem itself, not that there is one', async (t) => {
  const cwd = await makeFolder(t, files);
  const args = ['explain', 'configmap/settings', '--cluster', 'shop', '--region', 'eu-west-1'];
  const run = await runCli([...args, '--output', 'json'], { cwd });
  assert.equal(run.code, 0, run.stderr);
  assert.equal(resultOf(run).unknown, 'There are no AWS credentials.');
  const human = await runCli([...args, '--output', 'human'], { cwd });
  assert.match(human.stdout, /^the cluster was not asked: There are no AWS credentials\.$/m);
});

test('where nothing says which cluster is meant, AWS is asked for nothing', async (t) => {
  const pinned = `${config}expect: {account: "123456789012", region: eu-west-1}\n`;
  const run = await explain(t, ['configmap/settings'], { 'oms-deploy.yaml': pinned });
  assert.equal(run.code, 0, run.stderr);
  assert.match(String(resultOf(run).unknown), /^There is no cluster to work on/);
  assert.doesNotMatch(run.stdout + run.stderr, /Asking AWS|aws\//);
});
