import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrayOf, at } from '../../../src/model/json.ts';
import { findingIds, makeFolder, resultOf, runCli } from '../../support/cli.ts';

const good = `apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http}]
`;
const workload = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: "\${replicas}"
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: REPLACE_WITH_REGISTRY/web:1.0
          ports: [{name: http, containerPort: 8080}]
`;
const config = (ignore: string): string =>
  `application: web\nnamespace: web\nmanifests: [k8s]\ninputs: {registry: {default: x}, replicas: {default: 2}}\nchecks: {ignore: [${ignore}]}\n`;

test('lint needs nothing but files: warnings are exit 0, with --strict 3; errors are 3', async (t) => {
  const cwd = await makeFolder(t, {
    'oms-deploy.yaml': config(''),
    'k8s/service.yaml': good,
    'k8s/web.yaml': workload,
  });
  const run = await runCli(['lint', '--output', 'json'], { cwd });
  assert.equal(run.code, 0, run.stdout);
  assert.ok(findingIds(run).includes('probes/missing'));
  const place = arrayOf(resultOf(run).findings).find((one) => at(one, 'id') === 'probes/missing');
  assert.deepEqual(
    [at(place, 'file'), at(place, 'line'), at(place, 'object')],
    ['k8s/web.yaml', 11, 'Deployment web/web'],
  );
  assert.equal((await runCli(['lint', '--strict', '--output', 'json'], { cwd })).code, 3);
  const broken = await makeFolder(t, {
    'k8s/service.yaml': good.replace('ports: [{name: http, port: 80, targetPort: http}]', 'ports: []'),
  });
  const refused = await runCli(['lint', '-f', 'k8s', '-n', 'web', '--output', 'json'], { cwd: broken });
  assert.deepEqual([refused.code, resultOf(refused).ok, findingIds(refused)], [3, false, ['service/no-ports']]);
});

test('the configuration silences a rule for an object, and a silence of no rule is an error at its line', async (t) => {
  const silenced = '{id: probes/missing, object: Deployment/web, reason: it is a stub}';
  const files = { 'k8s/service.yaml': good, 'k8s/web.yaml': workload };
  const cwd = await makeFolder(t, { ...files, 'oms-deploy.yaml': config(silenced) });
  const run = await runCli(['lint', '--strict', '--output', 'json'], { cwd });
  assert.equal(run.code, 0, run.stdout);
  assert.ok(!findingIds(run).includes('probes/missing'));
  const wrong = await makeFolder(t, { ...files, 'oms-deploy.yaml': config('{id: probes/mising, reason: typo}') });
  const refused = await runCli(['lint', '--output', 'json'], { cwd: wrong });
  assert.equal(refused.code, 3);
  const mistake = arrayOf(resultOf(refused).findings).find((one) => at(one, 'id') === 'checks/unknown');
  assert.deepEqual(
    [at(mistake, 'file'), at(mistake, 'line'), at(mistake, 'fix')],
    ['oms-deploy.yaml', 5, 'Did you mean probes/missing?'],
  );
});

test('for people: by file and line, with the count and the next command at the end', async (t) => {
  const cwd = await makeFolder(t, {
    'oms-deploy.yaml': config(''),
    'k8s/service.yaml': good,
    'k8s/web.yaml': workload,
  });
  const { stdout } = await runCli(['lint', '--output', 'human', '--no-color'], { cwd });
  assert.match(stdout, /^web (·|-) lint {3}2 objects\n/);
  assert.match(stdout, /\nk8s\/web\.yaml\n/);
  assert.match(
    stdout,
    /\n {5}11 {2}! Deployment web\/web has no readiness probe in container web.* {2}probes\/missing\n {11}do {5}Add a readinessProbe/,
  );
  assert.match(stdout, /\n1 warning, 4 notes\. {3}what a deploy would change: oms-deploy plan\n$/);
});

test('--kubernetes-version says which API is meant; what is none is a usage error', async (t) => {
  const budget =
    'apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: web}\nspec: {maxUnavailable: 1, selector: {}}\n';
  const cwd = await makeFolder(t, { 'pdb.yaml': budget });
  const lint = (version: string) =>
    runCli(['lint', '-f', 'pdb.yaml', '-n', 'web', '--kubernetes-version', version, '--output', 'json'], { cwd });
  assert.deepEqual(findingIds(await lint('1.36')), ['api/removed']);
  assert.deepEqual(findingIds(await lint('v1.24.1')), ['api/deprecated']);
  assert.deepEqual(findingIds(await lint('1.20')), []);
  assert.equal((await lint('newest')).code, 2);
});

test('what can not be read is said among the rest, and never crashes', async (t) => {
  const cwd = await makeFolder(t, {
    'k8s/broken.yaml': 'a: [b\n',
    'k8s/odd.yaml':
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: odd}\nspec: {template: {spec: {containers: [5, text, {name: 3, env: x, ports: {a: b}}], volumes: no}}}\n',
  });
  const run = await runCli(['lint', '-f', 'k8s', '-n', 'web', '--output', 'json'], { cwd });
  assert.equal(run.code, 3, run.stderr);
  assert.ok(findingIds(run).includes('manifests/yaml') && findingIds(run).includes('manifests/invalid-field'));
});
