import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { arrayOf, at, type Json, objectOf } from '../../src/model/json.ts';
import { makeApp, manifests, type TestApp } from '../support/app.ts';
import { type CliResult, eventsOf, findingIds, resultOf } from '../support/cli.ts';
import { eventually } from '../support/sandbox.ts';
import { bareConfig, deploymentYaml } from '../support/workloads.ts';

/** The same for Deployments without inputs. */
function filesOf(...documents: readonly string[]): { files: Readonly<Record<string, string>> } {
  return { files: { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': documents.join('') } };
}

async function deployed(app: TestApp, ...flags: readonly string[]): Promise<void> {
  const run = await app.run('up', ['--yes', ...flags]);
  assert.equal(run.code, 0, run.stdout + run.stderr);
}

function rollout(app: TestApp, ...args: readonly string[]): Promise<CliResult> {
  return app.run('rollout', args);
}

function errorOf(run: CliResult): string {
  const { message, why, fix } = objectOf(resultOf(run).error);
  return [message, why, fix].filter((part) => part !== null && part !== undefined).join('\n');
}

async function releaseStatus(app: TestApp, number: number): Promise<Json | undefined> {
  const record = await app.get('secrets', `oms-deploy.web.v${number}`);
  return at(record, 'metadata', 'labels', 'oms-deploy.io/status');
}

async function imageOf(app: TestApp, name: string): Promise<Json | undefined> {
  const live = await app.get('deployments', name);
  return at(arrayOf(at(live, 'spec', 'template', 'spec', 'containers'))[0], 'image');
}

/** The fields of one Deployment in the last plan of a run, by path. */
function plannedFields(run: CliResult, name: string): Readonly<Record<string, readonly (Json | undefined)[]>> {
  const plan = eventsOf(run).findLast(({ type }) => type === 'plan');
  const objects = arrayOf(plan?.objects).map((one) => ({ ...objectOf(one), ...objectOf(at(one, 'object')) }));
  const object = objects.find(({ kind, name: of }) => kind === 'Deployment' && of === name);
  const fields = arrayOf(at(object, 'fields')).map(objectOf);
  return Object.fromEntries(fields.map(({ path, before, after }) => [String(path), [before, after]]));
}

const readerImage = 'spec.template.spec.containers[reader].image';

test('restart brings new pods of the same version; no later up takes it back, sees it or restarts a pod', async (t) => {
  const app = await makeApp(t);
  await deployed(app);
  const [before, others] = [await app.podsOf('reader'), await app.podsOf('other')];
  const run = await rollout(app, 'restart', 'deployment/reader', '--yes');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.equal(at(resultOf(run).workload, 'name'), 'reader');
  const now = await app.podsOf('reader');
  assert.ok(now.length === 2 && now.every((uid) => !before.includes(uid)), 'every reader is a new pod');
  assert.deepEqual(await app.podsOf('other'), others);
  const annotations = at(await app.get('deployments', 'reader'), 'spec', 'template', 'metadata', 'annotations');
  assert.match(String(at(annotations, 'kubectl.kubernetes.io/restartedAt')), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const up = await app.run('up', ['--yes']);
  assert.equal(up.code, 0, up.stdout);
  assert.deepEqual(resultOf(up).changes, { created: 0, updated: 0, unchanged: 5, deleted: 0 });
  assert.equal(resultOf(up).release, null);
  assert.deepEqual(await app.podsOf('reader'), now);
});

test('restart of pods whose template has no annotation, twice: the second brings new pods again', async (t) => {
  const app = await makeApp(t, filesOf(deploymentYaml('web', { tag: '1' })));
  await deployed(app);
  const uids = [await app.podsOf('web')];
  for (const time of [1, 2]) {
    const run = await rollout(app, 'restart', 'web', '--yes');
    assert.equal(run.code, 0, `${time}: ${run.stdout}`);
    uids.push(await app.podsOf('web'));
  }
  assert.equal(new Set(uids.flat()).size, 3);
});

test('a StatefulSet and a DaemonSet are restarted, given an image and undone like a Deployment', async (t) => {
  const probed = deploymentYaml('db', { tag: '1' });
  const stateful = probed.replace('kind: Deployment', 'kind: StatefulSet').replace('spec:', 'spec:\n  serviceName: db');
  const daemon = deploymentYaml('agent', { tag: '1' }).replace('kind: Deployment', 'kind: DaemonSet');
  const app = await makeApp(t, filesOf(stateful, daemon.replace('  replicas: 1\n', '')));
  await deployed(app);
  for (const [kind, name] of [
    ['sts', 'db'],
    ['ds', 'agent'],
  ] as const) {
    const image = `example.com/${name}:2`;
    for (const args of [
      ['restart', name],
      ['set-image', `${kind}/${name}`, image],
      ['undo', name],
    ]) {
      const before = await app.podsOf(name);
      const run = await rollout(app, ...args, '--yes');
      assert.equal(run.code, 0, run.stdout);
      const now = await app.podsOf(name);
      assert.ok(now.length > 0 && now.every((uid) => !before.includes(uid)), `${args.join(' ')}: new pods`);
    }
  }
});

test('restart that can not ask changes nothing and names the flag', async (t) => {
  const app = await makeApp(t, filesOf(deploymentYaml('web', { tag: '1' })));
  await deployed(app);
  const writes = await app.writes();
  const run = await rollout(app, 'restart', 'web');
  assert.equal(run.code, 2, run.stdout);
  assert.match(errorOf(run), /Restart the 1 pod of Deployment .*\/web.*\n.*--yes/);
  assert.deepEqual(await app.writes(), writes);
});

test('restart waits for nobody who holds the lock: exit 7 with the holder, nothing changed', async (t) => {
  const app = await makeApp(t, filesOf(deploymentYaml('web', { tag: '1' })));
  await deployed(app);
  const uids = await app.podsOf('web');
  const path = `/apis/coordination.k8s.io/v1/namespaces/${app.namespace}/leases/oms-deploy.web`;
  const renew = (): Promise<unknown> => {
    const spec = {
      holderIdentity: 'kim@laptop 1',
      leaseDurationSeconds: 60,
      renewTime: new Date().toISOString().replace('Z', '000Z'),
    };
    const metadata = { annotations: { 'oms-deploy.io/holder': null } };
    return app.sandbox.request('PATCH', path, { metadata, spec }, 'application/merge-patch+json');
  };
  await renew();
  const timer = setInterval(() => void renew(), 200);
  const run = await rollout(app, 'restart', 'web', '--yes').finally(() => clearInterval(timer));
  assert.equal(run.code, 7, run.stdout);
  assert.match(errorOf(run), /kim@laptop/);
  assert.deepEqual(await app.podsOf('web'), uids);
});

test('status waits for what is under way, writes nothing, and tells why a rollout can not get ready', async (t) => {
  const app = await makeApp(t, filesOf(deploymentYaml('web', { tag: '1' }), deploymentYaml('bad', { tag: '1' })));
  await deployed(app);
  assert.equal((await rollout(app, 'set-image', 'bad', 'example.com/bad:image-not-found', '--yes')).code, 5);
  const writes = await app.writes();
  const ready = await rollout(app, 'status', 'Deployment/web');
  assert.equal(ready.code, 0, ready.stdout);
  assert.equal(at(resultOf(ready).workload, 'kind'), 'Deployment');
  const failed = await rollout(app, 'status', 'bad');
  assert.equal(failed.code, 5, failed.stdout);
  assert.deepEqual(findingIds(failed), ['image/not-found']);
  assert.match(
    errorOf(failed),
    /^bad still serves example.com\/bad:1[\s\S]*oms-deploy rollout .*undo deployment\/bad/m,
  );
  assert.deepEqual(await app.writes(), writes);
});

test('status of what is never ready ends with the timeout', async (t) => {
  const app = await makeApp(t, filesOf(deploymentYaml('web', { tag: 'never-ready' })));
  assert.equal((await app.run('up', ['--yes', '--timeout', '1s'])).code, 6);
  const run = await rollout(app, 'status', 'web', '--timeout', '1s');
  assert.equal(run.code, 6, run.stdout);
});

test('without a release, live workloads can be waited for and restarted, but get no image', async (t) => {
  const app = await makeApp(t);
  await app.kubectlApply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'reader' },
    spec: {
      selector: { matchLabels: { app: 'reader' } },
      template: {
        metadata: { labels: { app: 'reader' } },
        spec: {
          containers: [{ name: 'reader', image: 'example.com/reader:1', readinessProbe: { httpGet: { port: 80 } } }],
        },
      },
    },
  });
  assert.equal((await rollout(app, 'status', 'reader')).code, 0);
  const before = await app.podsOf('reader');
  const run = await rollout(app, 'restart', 'deploy/reader', '--yes');
  assert.equal(run.code, 0, run.stdout);
  assert.notDeepEqual(await app.podsOf('reader'), before);
  const set = await rollout(app, 'set-image', 'reader', 'example.com/reader:2', '--yes');
  assert.equal(set.code, 2, set.stdout);
  assert.match(errorOf(set), /has no release in [\s\S]*oms-deploy up/);
});

test('set-image makes a release of this change alone; the next up warns that it goes back, and does', async (t) => {
  const app = await makeApp(t);
  await deployed(app);
  const others = await app.podsOf('other');
  const run = await rollout(app, 'set-image', 'reader', 'example.com/reader:2', '--yes');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  const result = resultOf(run);
  assert.deepEqual([result.release, at(result.workload, 'name')], [2, 'reader']);
  assert.deepEqual(result.changes, { created: 0, updated: 1, unchanged: 4, deleted: 0 });
  assert.deepEqual(Object.keys(plannedFields(run, 'reader')), [readerImage]);
  assert.equal(await imageOf(app, 'reader'), 'example.com/reader:2');
  assert.deepEqual(await app.podsOf('other'), others);
  const summary = at(await app.get('secrets', 'oms-deploy.web.v2'), 'metadata', 'annotations', 'oms-deploy.io/summary');
  assert.match(String(summary), /"action":"rollout set-image reader example.com\/reader:2"/);

  const again = await rollout(app, 'set-image', 'reader', 'reader=example.com/reader:2', '--yes');
  assert.equal(again.code, 0, again.stdout);
  assert.equal(resultOf(again).release, null);

  // The release knows of it: nobody has changed anything behind its back.
  const verify = await app.run('verify');
  assert.deepEqual([verify.code, ...findingIds(verify)], [0, 'images/override'], verify.stdout);

  const up = await app.run('up', ['--yes']);
  assert.equal(up.code, 0, up.stdout);
  assert.ok(findingIds(up).includes('release/image-override'), up.stdout);
  assert.deepEqual(plannedFields(up, 'reader')[readerImage], ['example.com/reader:2', 'example.com/reader:1']);
  assert.equal(await imageOf(app, 'reader'), 'example.com/reader:1');
  assert.deepEqual(findingIds(await app.run('up', ['--yes'])), []);
});

test('set-image refuses an image without a version, unless it is allowed', async (t) => {
  const app = await makeApp(t);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const before = await app.writes();
  for (const image of ['example.com/reader', 'example.com/reader:latest']) {
    const run = await rollout(app, 'set-image', 'reader', image, '--yes');
    assert.equal(run.code, 2, run.stdout);
    assert.match(run.stdout, /has no fixed version/);
  }
  const bare = await rollout(app, 'set-image', 'reader', '2.0.0', '--yes');
  assert.equal(bare.code, 2, bare.stdout);
  assert.match(errorOf(bare), /\nDid you mean :2\.0\.0 \(another tag of example\.com\/reader\)\?$/);
  assert.deepEqual(await app.writes(), before);
  assert.equal((await rollout(app, 'set-image', 'reader', 'example.com/reader', '--yes', '--allow-latest')).code, 0);
});

test('set-image to another tag alone; after the undo the next step is the list, not one more undo', async (t) => {
  const app = await makeApp(t);
  await deployed(app);
  const set = await rollout(app, 'set-image', 'reader', ':2', '--yes', '--output', 'plain');
  assert.equal(set.code, 0, set.stdout + set.stderr);
  assert.equal(await imageOf(app, 'reader'), 'example.com/reader:2');
  assert.match(set.stdout, /\n {2}oms-deploy rollout .*undo deployment\/reader\n/);
  const undone = await rollout(app, 'undo', 'reader', '--yes', '--output', 'plain', '--application', 'web');
  assert.equal(undone.code, 0, undone.stdout + undone.stderr);
  assert.match(undone.stdout, /\n {2}oms-deploy history .*--application web\n/);
  assert.doesNotMatch(undone.stdout, / undo /);
});

test('set-image leaves alone what drifted: it says so, and keeps a scale by hand', async (t) => {
  const app = await makeApp(t);
  await deployed(app);
  const patch = (kind: string, name: string, body: Json): Promise<unknown> => {
    const group = kind === 'deployments' ? '/apis/apps/v1' : '/api/v1';
    const path = `${group}/namespaces/${app.namespace}/${kind}/${name}?fieldManager=kubectl-edit`;
    return app.sandbox.request('PATCH', path, body, 'application/merge-patch+json');
  };
  await patch('configmaps', 'settings', { data: { endpoint: 'by-hand.example' } });
  await patch('deployments', 'reader', { spec: { replicas: 3 } });
  await app.sandbox.request('DELETE', `/apis/apps/v1/namespaces/${app.namespace}/deployments/other`);
  const run = await rollout(app, 'set-image', 'reader', 'example.com/reader:2', '--yes');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  const left = arrayOf(resultOf(run).findings).find((one) => at(one, 'id') === 'rollout/left-alone');
  const evidence = arrayOf(at(left, 'evidence')).join('\n');
  assert.match(evidence, /ConfigMap \S+\/settings: data.endpoint\n/);
  assert.match(evidence, /Deployment \S+\/other: it is not there/);
  assert.equal(at(await app.get('configmaps', 'settings'), 'data', 'endpoint'), 'by-hand.example');
  assert.equal(at(await app.get('deployments', 'reader'), 'spec', 'replicas'), 3);
  await assert.rejects(app.get('deployments', 'other'), /404/);
  // The record is whole: the next deploy has nothing to forget.
  const up = await app.run('up', ['--yes']);
  assert.equal(up.code, 0, up.stdout);
  assert.deepEqual(resultOf(up).changes, { created: 1, updated: 2, unchanged: 2, deleted: 0 });
});

test('set-image keeps the password that a Secret has now, and another workload in trouble does not fail it', async (t) => {
  const app = await makeApp(t);
  await deployed(app);
  const secrets = `/api/v1/namespaces/${app.namespace}/secrets/credentials?fieldManager=kubectl-edit`;
  const rotated = Buffer.from('rotated-by-hand').toString('base64');
  await app.sandbox.request('PATCH', secrets, { data: { password: rotated } }, 'application/merge-patch+json');
  const other = `/apis/apps/v1/namespaces/${app.namespace}/deployments/other?fieldManager=kubectl-set`;
  const broken = {
    spec: { template: { spec: { containers: [{ name: 'other', image: 'example.com/other:crash' }] } } },
  };
  await app.sandbox.request('PATCH', other, broken, 'application/strategic-merge-patch+json');
  const run = await rollout(app, 'set-image', 'reader', 'example.com/reader:2', '--yes');
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.equal(at(await app.get('secrets', 'credentials'), 'data', 'password'), rotated);
  assert.equal(await imageOf(app, 'other'), 'example.com/other:crash');
  assert.doesNotMatch(run.stdout + run.stderr, /rotated-by-hand|correct-horse/);
});

test('set-image to an image that is not there: exit 5 with the cause, a failed record; undo brings the old one back', async (t) => {
  const app = await makeApp(t);
  await deployed(app);
  const run = await rollout(app, 'set-image', 'reader', 'example.com/reader:image-not-found', '--yes');
  assert.equal(run.code, 5, run.stdout);
  assert.ok(findingIds(run).includes('image/not-found'), run.stdout);
  assert.match(errorOf(run), /oms-deploy rollout .*undo deployment\/reader/);
  assert.equal(await releaseStatus(app, 2), 'failed');
  const undo = await rollout(app, 'undo', 'reader', '--yes');
  assert.equal(undo.code, 0, undo.stdout + undo.stderr);
  assert.equal(resultOf(undo).release, 3);
  assert.equal(await imageOf(app, 'reader'), 'example.com/reader:1');
  assert.equal(await releaseStatus(app, 3), 'deployed');
  // The manifests say the same: nothing to warn of, nothing to do.
  const up = await app.run('up', ['--yes']);
  assert.deepEqual([up.code, findingIds(up), resultOf(up).release], [0, [], null]);
});

test('an undo that leaves another workload broken says whose fault is left, and sends nobody back further', async (t) => {
  const app = await makeApp(t);
  await deployed(app);
  for (const name of ['reader', 'other'])
    assert.equal((await rollout(app, 'set-image', name, `example.com/${name}:image-not-found`, '--yes')).code, 5);
  const undo = await rollout(app, 'undo', 'reader', '--yes');
  assert.equal(undo.code, 5, undo.stdout);
  assert.equal(await imageOf(app, 'reader'), 'example.com/reader:1');
  assert.match(errorOf(undo), /reader is as it was asked for\. See the others: oms-deploy status/);
  assert.doesNotMatch(errorOf(undo), /undo deployment\/reader|run the same command again/);
});

test('undo brings the pod template back, not what it reads; undone again it is as before', async (t) => {
  const app = await makeApp(t);
  await deployed(app);
  const env = '{name: LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: level}}}';
  const two = manifests
    .replace('example.com/reader:1', 'example.com/reader:2')
    .replace(env, `${env}\n            - {name: MORE, value: "yes"}`);
  await writeFile(join(app.folder, 'k8s/app.yaml'), two);
  assert.equal((await app.run('up', ['--yes', '--set', 'level=Debug'])).code, 0);
  const undo = await rollout(app, 'undo', 'deploy/reader', '--yes');
  assert.equal(undo.code, 0, undo.stdout + undo.stderr);
  assert.equal(await imageOf(app, 'reader'), 'example.com/reader:1');
  assert.deepEqual(Object.keys(plannedFields(undo, 'reader')).sort(), [
    'spec.template.spec.containers[reader].env[MORE]',
    readerImage,
  ]);
  assert.equal(at(await app.get('configmaps', 'settings'), 'data', 'level'), 'Debug');
  const plan = await app.run('plan', ['--set', 'level=Debug']);
  assert.ok(findingIds(plan).includes('release/image-override'), plan.stdout);
  // Without a number it would go forward again: that is said before the question, which nobody can answer here.
  const forward = await app.run('rollback', ['--output', 'human']);
  assert.equal(forward.code, 2, forward.stdout);
  assert.match(
    forward.stderr.replaceAll(/\s+/g, ' '),
    /Release 3 was itself a way back \(rollout undo deploy\/reader\)/,
  );
  const again = await rollout(app, 'undo', 'reader', '--yes');
  assert.equal(again.code, 0, again.stdout);
  assert.equal(await imageOf(app, 'reader'), 'example.com/reader:2');
  assert.equal((await app.run('plan', ['--set', 'level=Debug', '--detailed-exitcode'])).code, 0);
});

test('on top of a failed release set-image waits for everything: its record must not call well what is not', async (t) => {
  const app = await makeApp(
    t,
    filesOf(deploymentYaml('web', { tag: 'never-ready' }), deploymentYaml('other', { tag: 'never-ready' })),
  );
  assert.equal((await app.run('up', ['--yes', '--timeout', '1s'])).code, 6);
  const half = await rollout(app, 'set-image', 'web', 'example.com/web:2', '--yes', '--timeout', '3s');
  assert.equal(half.code, 6, half.stdout);
  assert.match(errorOf(half), /Not ready after 3 s: Deployment \S+\/other\.[\s\S]*Ready: web/);
  assert.equal(await releaseStatus(app, 2), 'failed');
  const whole = await rollout(app, 'set-image', 'other', 'example.com/other:2', '--yes');
  assert.equal(whole.code, 0, whole.stdout);
  assert.equal(await releaseStatus(app, 3), 'deployed');
});

test('restart that is interrupted says that it goes on, and gives the lock back', async (t) => {
  const app = await makeApp(t, filesOf(deploymentYaml('web', { tag: 'never-ready' })));
  assert.equal((await app.run('up', ['--yes', '--timeout', '1s'])).code, 6);
  let sent = false;
  const run = await app.run('rollout', ['restart', 'web', '--yes'], {
    onOutput: (printed, kill) => {
      if (sent || !printed.includes('"applied"')) return;
      sent = true;
      kill('SIGINT');
    },
  });
  assert.equal(run.code, 130, run.stdout);
  assert.match(errorOf(run), /goes on restarting its pods[\s\S]*oms-deploy rollout .*status deployment\/web/);
  const path = `/apis/coordination.k8s.io/v1/namespaces/${app.namespace}/leases/oms-deploy.web`;
  assert.equal(at((await app.sandbox.request('GET', path)).body, 'spec', 'holderIdentity'), '');
});

test('undo without an earlier version says so', async (t) => {
  const app = await makeApp(t, filesOf(deploymentYaml('web', { tag: '1' })));
  await deployed(app);
  const run = await rollout(app, 'undo', 'web', '--yes');
  assert.equal(run.code, 2, run.stdout);
  assert.match(errorOf(run), /no earlier version of Deployment/);
});

test('pause keeps changes from starting pods, up says how to let them go, resume does and waits', async (t) => {
  const app = await makeApp(t, filesOf(deploymentYaml('web', { tag: '1' })));
  await deployed(app);
  const pause = await rollout(app, 'pause', 'web', '--yes');
  assert.deepEqual([pause.code, resultOf(pause).changed], [0, true], pause.stdout);
  const writes = await app.writes();
  const again = await rollout(app, 'pause', 'web');
  assert.deepEqual([again.code, resultOf(again).changed], [0, false], again.stdout);
  assert.deepEqual(await app.writes(), writes);

  const uids = await app.podsOf('web');
  await writeFile(join(app.folder, 'k8s/app.yaml'), deploymentYaml('web', { tag: '2' }));
  const up = await app.run('up', ['--yes']);
  assert.equal(up.code, 0, up.stdout);
  const paused = arrayOf(resultOf(up).findings).find((one) => at(one, 'id') === 'pods/paused');
  assert.match(String(at(paused, 'fix')), /oms-deploy rollout .*resume web/);
  assert.deepEqual(await app.podsOf('web'), uids);
  const restart = await rollout(app, 'restart', 'web', '--yes');
  assert.equal(restart.code, 2, restart.stdout);
  assert.match(errorOf(restart), /is paused[\s\S]*resume web/);

  const resume = await rollout(app, 'resume', 'web', '--yes');
  assert.deepEqual([resume.code, resultOf(resume).changed], [0, true], resume.stdout);
  const now = await app.podsOf('web');
  assert.ok(now.length === 1 && !uids.includes(now[0] ?? ''), 'resume has waited for the new pod');
  assert.deepEqual(resultOf(await rollout(app, 'resume', 'web')).changed, false);
  assert.deepEqual(resultOf(await app.run('up', ['--yes'])).release, null);
});

test('names that can not be meant are refused before anything: workload, container, kind, image, action', async (t) => {
  const two = deploymentYaml('web', { tag: '1' }).replace(
    'containers:',
    'containers:\n        - {name: proxy, image: "example.com/proxy:1"}',
  );
  const stateful = `---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: web}
spec:
  replicas: 0
  serviceName: web
  selector: {matchLabels: {set: web}}
  template:
    metadata: {labels: {set: web}}
    spec: {containers: [{name: db, image: "example.com/db:1"}]}
`;
  const app = await makeApp(t, filesOf(two, stateful));
  await deployed(app, '--soak', '0s');
  const writes = await app.writes();
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['restart', 'web'], /Deployment \S+\/web and StatefulSet \S+\/web[\s\S]*deployment\/web or statefulset\/web/],
    [['restart', 'deploy/wbe'], /no workload deploy\/wbe in release 1 of web[\s\S]*Did you mean web\?/],
    [['pause', 'sts/web'], /StatefulSet \S+\/web can't be paused: only a Deployment can/],
    [['set-image', 'deploy/web', 'example.com/web:2'], /several containers[\s\S]*proxy .*web .*--container/],
    [
      ['set-image', 'deploy/web', 'example.com/web:2', '--container', 'wbe'],
      /no container wbe[\s\S]*Did you mean web\?/,
    ],
    [['set-image', 'deploy/web', 'web=example.com/Web:2'], /is no image: a repository is written in lower case/],
    [['set-image', 'deploy/web'], /Which image\?/],
    [['restart', 'deploy/web', 'example.com/web:2'], /restart takes no/],
    [['restart'], /Which workload\?/],
    [['unod', 'deploy/web'], /unod/],
  ];
  for (const [args, message] of wrong) {
    const run = await rollout(app, ...args, '--yes');
    assert.equal(run.code, 2, run.stdout);
    assert.match(errorOf(run).replaceAll('\n', ' '), new RegExp(message.source.replaceAll('[\\s\\S]', '.')));
  }
  assert.deepEqual(await app.writes(), writes);
  const named = await rollout(app, 'set-image', 'deploy/web', 'proxy=example.com/proxy:2', '--yes', '--soak', '0s');
  assert.equal(named.code, 0, named.stdout);
  assert.equal(await imageOf(app, 'web'), 'example.com/proxy:2');
});

test('restart of what was deleted by hand says that it is gone', async (t) => {
  const app = await makeApp(t, filesOf(deploymentYaml('web', { tag: '1' })));
  await deployed(app);
  await app.sandbox.request('DELETE', `/apis/apps/v1/namespaces/${app.namespace}/deployments/web`);
  const gone = () =>
    app.get('deployments', 'web').then(
      () => undefined,
      () => true,
    );
  await eventually(gone, () => 'the Deployment stays');
  const run = await rollout(app, 'restart', 'web', '--yes');
  assert.equal(run.code, 4, run.stdout);
  assert.match(errorOf(run), /is not in the cluster[\s\S]*oms-deploy up/);
});
