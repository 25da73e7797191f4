import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrayOf, at, type Json } from '../../src/model/json.ts';
import { config, makeApp } from '../support/app.ts';
import { type CliResult, resultOf } from '../support/cli.ts';

function fieldOf(answer: CliResult): Json | undefined {
  assert.equal(answer.code, 0, answer.stderr);
  const fields = arrayOf(resultOf(answer).fields);
  assert.equal(fields.length, 1, JSON.stringify(fields));
  return fields[0];
}

test('a value from its placeholder to the cluster, and who has changed it since', async (t) => {
  const app = await makeApp(t);
  const before = fieldOf(await app.run('explain', ['configmap/settings', 'level']));
  assert.deepEqual([at(before, 'field'), at(before, 'written'), at(before, 'line')], ['data.level', '${level}', 6]);
  assert.deepEqual(at(before, 'live', 'state'), 'absent');
  assert.equal((await app.run('up', ['--yes'])).code, 0);

  const same = fieldOf(await app.run('explain', ['cm/settings', 'level']));
  const input = { name: 'level', value: 'Information', source: 'default configuration', parts: [] };
  assert.deepEqual(at(same, 'inputs'), [input]);
  assert.deepEqual(
    ['state', 'value', 'manager', 'isChanged'].map((key) => at(same, 'live', key)),
    ['same', 'Information', 'oms-deploy', false],
  );

  const url = `/api/v1/namespaces/${app.namespace}/configmaps/settings?fieldManager=kubectl-edit`;
  const patch = { data: { level: 'Warning' } };
  assert.equal((await app.sandbox.request('PATCH', url, patch, 'application/merge-patch+json')).status, 200);
  const changed = fieldOf(await app.run('explain', ['configmap/settings', 'data.level']));
  assert.deepEqual(
    ['state', 'value', 'manager', 'isChanged'].map((key) => at(changed, 'live', key)),
    ['other', 'Warning', 'kubectl-edit', true],
  );
  const human = await app.run('explain', ['configmap/settings', 'level', '--output', 'human']);
  assert.match(human.stdout, /written {3}\$\{level\} {3}k8s\/app\.yaml:6\n/);
  assert.match(human.stdout, /input {5}level = Information {3}default configuration\n/);
  assert.match(human.stdout, /live {6}Warning \(another one\) {3}by kubectl-edit \d+ s ago, after release 1\n/);
  assert.match(human.stdout, /release 1 by .* ago\n$/);

  const now = fieldOf(await app.run('explain', ['configmap/settings', 'level', '--set', 'level=Debug']));
  assert.deepEqual(at(arrayOf(at(now, 'inputs'))[0], 'before'), {
    value: 'Information',
    source: 'default configuration',
  });
});

test('a secret is explained without its value, whoever has it, and one without a value is said to have none', async (t) => {
  const composed = `${config}  url: {secret: true, compose: ["redis://:\${password}@\${endpoint}"]}\n`;
  const secret = `apiVersion: v1\nkind: Secret\nmetadata: {name: credentials}\nstringData:\n  password: \${password}\n  url: \${url}\n`;
  const app = await makeApp(t, { files: { 'oms-deploy.yaml': composed, 'k8s/app.yaml': secret } });
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const url = fieldOf(await app.run('explain', ['secret/credentials', 'url']));
  const [input] = arrayOf(at(url, 'inputs'));
  assert.deepEqual(
    arrayOf(at(input, 'parts')).map((part) => [at(part, 'name'), at(part, 'value')]),
    [
      ['password', '****'],
      ['endpoint', 'cache.example'],
    ],
  );
  assert.deepEqual([at(url, 'value'), at(url, 'live', 'value'), at(url, 'live', 'state')], ['****', '****', 'same']);
  const other = { env: { OMS_INPUT_PASSWORD: 'another-horse' } };
  const rotated = await app.run('explain', ['secret/credentials', '--verbose'], other);
  assert.equal(rotated.code, 0);
  assert.deepEqual(
    arrayOf(resultOf(rotated).fields).map((field) => at(field, 'live', 'state')),
    ['other', 'other'],
  );
  assert.doesNotMatch(rotated.stdout + rotated.stderr, /horse|[A-Za-z0-9+/]{24,}={1,2}/);
  const without = fieldOf(
    await app.run('explain', ['secret/credentials', 'password'], { env: { OMS_INPUT_PASSWORD: '' } }),
  );
  assert.equal(at(without, 'value'), null);
  assert.equal(at(arrayOf(at(without, 'inputs'))[0], 'value'), null);
});

test('without a cluster the files are explained; names that are not there are answered with those that are', async (t) => {
  const app = await makeApp(t);
  const gone = ['--kubeconfig', '/dev/null'];
  const offline = await app.run('explain', ['deployment/reader', 'LEVEL', ...gone]);
  const env = 'spec.template.spec.containers[reader].env[LEVEL]';
  assert.deepEqual(
    arrayOf(resultOf(offline).fields).map((field) => [at(field, 'field'), at(field, 'value')]),
    [
      [`${env}.name`, 'LEVEL'],
      [`${env}.valueFrom.configMapKeyRef.name`, 'settings'],
      [`${env}.valueFrom.configMapKeyRef.key`, 'level'],
    ],
  );
  const level = await app.run('explain', ['configmap/settings', 'level', ...gone]);
  assert.equal(at(fieldOf(level), 'live'), null);
  assert.match(String(resultOf(level).unknown), /kubeconfig/);
  const near = await app.run('explain', ['configmap/setings', 'level', ...gone]);
  assert.deepEqual([near.code, at(resultOf(near), 'error', 'fix')], [2, 'Did you mean ConfigMap/settings?']);
  const field = await app.run('explain', ['configmap/settings', 'levle', ...gone]);
  assert.deepEqual([field.code, at(resultOf(field), 'error', 'fix')], [2, 'Did you mean level?']);
});

test('an input in all objects, with what the cluster has there', async (t) => {
  const settings = (name: string): string =>
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata:\n  level: \${level}\n`;
  const app = await makeApp(t, { files: { 'k8s/app.yaml': `${settings('one')}---\n${settings('two')}` } });
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const explained = resultOf(await app.run('explain', ['level', '--set', 'level=Debug']));
  assert.deepEqual(
    arrayOf(explained.fields).map((field) => [at(field, 'object'), at(field, 'value'), at(field, 'live', 'value')]),
    ['one', 'two'].map((name) => [`ConfigMap ${app.namespace}/${name}`, 'Debug', 'Information']),
  );
  assert.equal(at(explained.input, 'value'), 'Debug');
});

test('the cluster has the value of a secret that is not given now: it is not shown', async (t) => {
  const settings =
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n  note: ${password}\n  cache: ${url}\n';
  const composed = `${config}  url: {optional: true, compose: ["redis://\${password}"]}\n`;
  const app = await makeApp(t, { files: { 'k8s/app.yaml': settings, 'oms-deploy.yaml': composed } });
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  for (const name of ['configmap/settings', 'password', 'url']) {
    const without = await app.run('explain', [name], { env: { OMS_INPUT_PASSWORD: '' } });
    assert.equal(without.code, 0, without.stderr);
    assert.match(without.stdout, /"live":\{"state":"same","value":"\*\*\*\*"/);
    assert.doesNotMatch(without.stdout + without.stderr, /horse/);
  }
});
