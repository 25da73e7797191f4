import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { arrayOf, at, type Json, type JsonObject } from '../../src/model/json.ts';
import { autoscaler, makeApp, manifests, type TestApp } from '../support/app.ts';
import { type CliResult, makeFolder, resultOf, runCli } from '../support/cli.ts';
import { deploymentYaml } from '../support/workloads.ts';

type PatchType = 'merge' | 'strategic-merge';

async function edit(
  app: TestApp,
  manager: string,
  path: string,
  patch: Json,
  type: PatchType = 'merge',
): Promise<void> {
  const url = `${path.replace('NS', app.namespace)}?fieldManager=${manager}`;
  const { status, body } = await app.sandbox.request('PATCH', url, patch, `application/${type}-patch+json`);
  assert.equal(status, 200, JSON.stringify(body));
}

/** A change of the first container of a workload, and of its template's annotations. */
function inTemplate(container: JsonObject, annotations: JsonObject = {}): JsonObject {
  return { spec: { template: { metadata: { annotations }, spec: { containers: [container] } } } };
}

/** What a run says of drift: `warning drift/changed ConfigMap web/settings`. */
function driftFindings(run: CliResult): readonly string[] {
  return arrayOf(resultOf(run).findings)
    .filter((finding) => String(at(finding, 'id')).startsWith('drift/'))
    .map((finding) => ['severity', 'id', 'object'].map((key) => String(at(finding, key))).join(' '))
    .sort();
}

/** `ConfigMap settings data.level Information -> Warning kubectl-edit`. */
function drifted(status: CliResult): readonly string[] {
  return arrayOf(resultOf(status).drift).flatMap((one) => {
    const name = `${String(at(one, 'object', 'kind'))} ${String(at(one, 'object', 'name'))}`;
    if (at(one, 'isGone') === true) return [`${name} is gone`];
    return arrayOf(at(one, 'fields')).map((field) => {
      const [before, after, manager] = ['before', 'after', 'manager'].map((key) => JSON.stringify(at(field, key)));
      return `${name} ${String(at(field, 'path'))} ${before ?? 'none'} -> ${after ?? 'none'} ${manager ?? 'nobody'}`;
    });
  });
}

test('what a cleanup has deleted was not changed by hand, and no application is invented', async (t) => {
  const app = await makeApp(t, { files: {} });
  const cwd = await makeFolder(t, { 'k8s/app.yaml': deploymentYaml('web', { tag: '1' }) });
  const empty = await makeFolder(t, { none: '' });
  const status = (output: string) => app.run('status', ['--output', output], { cwd: empty });
  assert.match((await status('plain')).stdout, /^\S+ · namespace|^\S+ - namespace/);
  assert.equal(resultOf(await status('json')).application, '');
  assert.equal((await app.run('up', ['--yes', '-f', 'k8s'], { cwd })).code, 0);
  // Under another name it takes the objects over; its cleanup leaves the records of the first.
  await writeFile(join(cwd, 'oms-deploy.yaml'), 'application: other\nnamespace: other\nmanifests: [k8s]\n');
  const over = await app.run('up', ['--yes'], { cwd });
  assert.equal(over.code, 0, over.stdout);
  const agreed = ['--yes', '--confirm', app.namespace, '--keep-namespace'];
  const cleanup = await app.run('cleanup', agreed, { cwd });
  assert.equal(cleanup.code, 0, cleanup.stdout);
  const left = resultOf(await status('json'));
  assert.deepEqual([left.application, at(left, 'release', 'number'), left.drift], [app.namespace, 1, []]);
  const { stdout } = await status('plain');
  assert.match(stdout, new RegExp(`^Nothing of ${app.namespace} is left here of release 1\\.`, 'm'));
});

test('status and plan name the fields that were changed by hand, with manager and time', async (t) => {
  const app = await makeApp(t, { files: { 'k8s/app.yaml': `${manifests}---\n${autoscaler}` } });
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  assert.deepEqual(drifted(await app.run('status')), []);
  const deployments = '/apis/apps/v1/namespaces/NS/deployments';
  const core = '/api/v1/namespaces/NS';
  await edit(app, 'kubectl-edit', `${core}/configmaps/settings`, { data: { level: 'Warning', more: 'yes' } });
  await edit(app, 'kubectl-patch', `${core}/secrets/credentials`, { data: { password: 'aHVudGVyMjIyMg==' } });
  await edit(app, 'kubectl-patch', `${deployments}/other`, { spec: { replicas: 2 } });
  // The HPA's work, and what a controller adds, are no hand's.
  await edit(app, 'kube-controller-manager', `${deployments}/reader`, {
    metadata: { annotations: { added: 'by one' } },
  });
  await app.sandbox.request('DELETE', `/api/v1/namespaces/${app.namespace}/services/reader`);

  const status = await app.run('status');
  const marks = status.stdout.match(/\*{4} \([0-9a-f]{8}\)/g) ?? [];
  assert.equal(new Set(marks).size, 2, 'two fingerprints tell the two passwords apart');
  const shown = drifted(status).map((line) => line.replaceAll(/\*{4} \([0-9a-f]{8}\)/g, '**** (...)'));
  assert.deepEqual(shown.sort(), [
    'ConfigMap settings data.level "Information" -> "Warning" "kubectl-edit"',
    'ConfigMap settings data.more none -> "yes" "kubectl-edit"',
    'Deployment other spec.replicas 1 -> 2 "kubectl-patch"',
    'Secret credentials data.password "**** (...)" -> "**** (...)" "kubectl-patch"',
    'Service reader is gone',
  ]);
  assert.match(status.stdout, /"changedAt":"20\d\d-/);
  assert.doesNotMatch(status.stdout, /hunter2222|aHVudGVyMjIyMg/);

  const plan = await app.run('plan');
  const found = arrayOf(resultOf(plan).findings).filter((finding) => at(finding, 'id') === 'drift/changed');
  assert.deepEqual(
    found.map((finding) => at(finding, 'severity')),
    Array.from({ length: 4 }, () => 'warning'),
  );
  assert.deepEqual(
    driftFindings(plan).filter((line) => line.includes('drift/added')),
    [`warning drift/added ConfigMap ${app.namespace}/settings`],
  );
  assert.match(JSON.stringify(found), /keep what they have read: oms-deploy rollout .*restart deployment\/reader\./);
  assert.match(JSON.stringify(found), /data\.level: Information -> Warning, by kubectl-edit \d+ s ago/);

  const human = await app.run('status', ['--output', 'human']);
  assert.match(human.stdout, /Changed by hand since release 1/);
  // The next deploy sets back what the manifests say; what was added beside them stays.
  assert.equal((await app.run('up', ['--yes', '--force-conflicts'])).code, 0);
  assert.deepEqual(drifted(await app.run('status')), ['ConfigMap settings data.more none -> "yes" "kubectl-edit"']);
});

const agent = `apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      containers:
        - name: agent
          image: example.com/agent:1
          args: [serve]
          readinessProbe: {httpGet: {path: /ready, port: 80}}
`;

test('what was added by hand is told of as long as it is there, whatever was released since', async (t) => {
  const app = await makeApp(t, { files: { 'k8s/app.yaml': `${manifests}---\n${autoscaler}---\n${agent}` } });
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const apps = '/apis/apps/v1/namespaces/NS';
  const settings = '/api/v1/namespaces/NS/configmaps/settings';
  const set = { name: 'reader', env: [{ name: 'API_TOKEN', value: 'abc-987' }] };
  const restarted = { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' };
  await edit(app, 'kubectl-set', `${apps}/deployments/reader`, inTemplate(set), 'strategic-merge');
  await edit(app, 'kubectl-edit', settings, { data: { X: '1', level: 'Warning' } });
  // An apply of kubectl goes over to the next deploy, which takes away what the manifests don't have.
  await edit(app, 'kubectl-client-side-apply', settings, { data: { applied: 'yes' } });
  // Arguments are one list, and set as one. The template's generation is the server's.
  const args = { name: 'agent', args: ['serve', '--debug'], resources: { limits: { cpu: '1' } } };
  await edit(app, 'kubectl-edit', `${apps}/daemonsets/agent`, inTemplate(args), 'strategic-merge');
  // Routine, an HPA's work, and what others than kubectl add.
  await edit(
    app,
    'kubectl-rollout',
    `${apps}/deployments/other`,
    inTemplate({ name: 'other' }, restarted),
    'strategic-merge',
  );
  await edit(app, 'kubectl-edit', `${apps}/deployments/reader`, { spec: { replicas: 4 } });
  await edit(app, 'operator', `${apps}/deployments/other`, { metadata: { annotations: { injected: 'yes' } } });

  const added = [
    'ConfigMap settings data.X none -> "1" "kubectl-edit"',
    'DaemonSet agent spec.template.spec.containers[agent].resources.limits.cpu none -> "1" "kubectl-edit"',
    'Deployment reader spec.template.spec.containers[reader].env[API_TOKEN] none -> "****" "kubectl-set"',
  ];
  const changed = [
    'ConfigMap settings data.applied none -> "yes" "kubectl-client-side-apply"',
    'ConfigMap settings data.level "Information" -> "Warning" "kubectl-edit"',
    'DaemonSet agent spec.template.spec.containers[agent].args[1] none -> "--debug" "kubectl-edit"',
  ];
  const status = await app.run('status');
  assert.deepEqual(drifted(status).toSorted(), [...added, ...changed].sort());
  assert.doesNotMatch(status.stdout, /abc-987/);
  const findings = [
    `drift/added ConfigMap ${app.namespace}/settings`,
    `drift/added DaemonSet ${app.namespace}/agent`,
    `drift/added Deployment ${app.namespace}/reader`,
  ];
  assert.deepEqual(driftFindings(await app.run('plan')), [
    ...findings.map((line) => `warning ${line}`),
    `warning drift/changed ConfigMap ${app.namespace}/settings`,
    `warning drift/changed DaemonSet ${app.namespace}/agent`,
  ]);
  const human = await app.run('status', ['--output', 'human']);
  assert.match(
    human.stdout,
    /Changed by hand since release 1:[^]*Set back what the manifests say: oms-deploy up .*\.\n\n.*Added by hand/,
  );
  assert.match(
    human.stdout,
    /data\.X: \+ 1, by kubectl-edit \d+ s ago\n.*kubectl --kubeconfig \S+ edit configmap settings -n \S+\n/,
  );

  const up = await app.run('up', ['--yes'], { env: { OMS_INPUT_LEVEL: 'Debug' } });
  assert.equal(up.code, 0, up.stderr + up.stdout);
  assert.equal(resultOf(up).release, 2);
  assert.deepEqual(drifted(await app.run('status')).toSorted(), added);
  const again = await app.run('up', ['--yes'], { env: { OMS_INPUT_LEVEL: 'Debug' } });
  assert.deepEqual([again.code, resultOf(again).release], [0, null]);
  assert.deepEqual(
    driftFindings(again),
    findings.map((line) => `info ${line}`),
  );
  const shown = await app.run('up', ['--yes', '--output', 'human'], { env: { OMS_INPUT_LEVEL: 'Debug' } });
  assert.match(
    shown.stdout + shown.stderr,
    /settings: a field was added by hand, and no deploy takes it away: data\.X\./,
  );
  assert.match(shown.stdout + shown.stderr, /as they should be but for what was added by hand/);

  // Once it is gone, there is nothing to tell of.
  await edit(app, 'kubectl-edit', settings, { data: { X: null } });
  assert.deepEqual(drifted(await app.run('status')).toSorted(), added.slice(1));
});

test('server defaults and other spellings of a quantity are no drift', async (t) => {
  const spelled = manifests.replace('{cpu: 100m}', '{cpu: "0.1", memory: 1024Mi}');
  const app = await makeApp(t, { files: { 'k8s/app.yaml': spelled } });
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  assert.deepEqual(drifted(await app.run('status')), []);
});

test('a secret that is also a name spoils neither names nor what is compared with them', async (t) => {
  const env = '- {name: LEVEL, valueFrom';
  const files = {
    'k8s/app.yaml': manifests.replace(env, `- {name: USER, value: "user-\${password}"}\n            ${env}`),
  };
  const app = await makeApp(t, { files });
  const given = { env: { OMS_INPUT_PASSWORD: 'reader' } };
  const up = await app.run('up', ['--yes', '--image', 'reader=:1.4.2'], given);
  assert.equal(up.code, 0, up.stderr + up.stdout);
  const common = arrayOf(resultOf(up).findings).filter((finding) => at(finding, 'id') === 'secrets/common');
  assert.match(
    JSON.stringify(common),
    /^\[\{[^{}]*The secret input password has a value that is also a name[^{}]*\}\]$/,
  );
  assert.doesNotMatch(up.stdout + up.stderr, /user-reader/);
  assert.equal((await app.run('up', ['--yes', '--image', 'reader=:1.4.3'], given)).code, 0);
  const status = await app.run('status');
  assert.deepEqual(drifted(status), []);

  const diff = await app.run('history', ['diff', '1', '2', '--output', 'plain']);
  assert.match(diff.stdout, /1\.4\.2 -> 1\.4\.3/);
  const edited = {
    spec: { template: { spec: { containers: [{ name: 'reader', env: [{ name: 'USER', value: 'me' }] }] } } },
  };
  const path = `/apis/apps/v1/namespaces/${app.namespace}/deployments/reader?fieldManager=kubectl-edit`;
  const type = 'application/strategic-merge-patch+json';
  assert.equal((await app.sandbox.request('PATCH', path, edited, type)).status, 200);
  const after = await app.run('status');
  assert.deepEqual(drifted(after), [
    'Deployment reader spec.template.spec.containers[reader].env[USER].value "****" -> "****" "kubectl-edit"',
  ]);

  const plan = await app.run('plan', [], given);
  assert.match(plan.stdout, /"name":"reader"/);
  const rendered = await runCli(['render', '-n', app.namespace], { cwd: app.folder, ...given });
  assert.match(rendered.stdout, /name: reader/);
  assert.match(rendered.stdout, /value: user-\*{4}\n/);
  const back = await app.run('rollback', ['1', '--yes', '--output', 'plain', '--force-conflicts']);
  assert.equal(back.code, 0, back.stderr + back.stdout);
  assert.match(back.stdout + back.stderr, /Deployment (\S+\/)?reader/);
  assert.match(back.stdout + back.stderr, /1\.4\.3 -> 1\.4\.2/);
  assert.doesNotMatch(back.stdout + back.stderr, /user-reader/);
});
