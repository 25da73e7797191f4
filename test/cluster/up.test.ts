import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { arrayOf, at } from '../../src/model/json.ts';
import { makeApp, manifests } from '../support/app.ts';
import { eventsOf, findingIds, makeFolder, resultOf, runCli } from '../support/cli.ts';

test('up creates the namespace and everything in it, in the order of the waves, and waits until it is ready', async (t) => {
  const app = await makeApp(t, { createNamespace: false });
  const run = await app.run('up', ['--yes']);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.deepEqual(resultOf(run).changes, { created: 6, updated: 0, unchanged: 0, deleted: 0 });
  const waves = eventsOf(run).filter(({ type }) => type === 'wave');
  assert.deepEqual(
    waves.map(({ name }) => name),
    ['namespace', 'config', 'services', 'workloads'],
  );
  const reader = await app.get('deployments', 'reader');
  assert.equal(at(reader, 'status', 'readyReplicas'), 2);
  assert.equal(at(reader, 'metadata', 'labels', 'app.kubernetes.io/managed-by'), 'oms-deploy');
  assert.equal(at(reader, 'metadata', 'labels', 'app.kubernetes.io/part-of'), 'web');
});

test('plan changes nothing, with and without the namespace', async (t) => {
  const app = await makeApp(t, { createNamespace: false });
  const plan = await app.run('plan', ['--detailed-exitcode']);
  assert.equal(plan.code, 9, plan.stdout);
  assert.deepEqual(resultOf(plan).changes, { created: 6, updated: 0, unchanged: 0, deleted: 0 });
  assert.deepEqual(await app.writes(), []);
  const { status } = await app.sandbox.request('GET', `/api/v1/namespaces/${app.namespace}`);
  assert.equal(status, 404);
});

test('a second up changes no resourceVersion, restarts no pod and sends no write', async (t) => {
  const app = await makeApp(t);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const state = async () => ({
    config: at(await app.get('configmaps', 'settings'), 'metadata', 'resourceVersion'),
    secret: at(await app.get('secrets', 'credentials'), 'metadata', 'resourceVersion'),
    service: at(await app.get('services', 'reader'), 'metadata', 'resourceVersion'),
    generation: at(await app.get('deployments', 'reader'), 'metadata', 'generation'),
    pods: [...(await app.podsOf('reader')), ...(await app.podsOf('other'))],
  });
  const before = await state();
  const writesBefore = (await app.writes()).length;
  const again = await app.run('up', ['--yes']);
  assert.equal(again.code, 0, again.stdout);
  assert.deepEqual(resultOf(again).changes, { created: 0, updated: 0, unchanged: 5, deleted: 0 });
  assert.deepEqual(await state(), before);
  assert.equal((await app.writes()).length, writesBefore);
  assert.equal((await app.run('plan', ['--detailed-exitcode'])).code, 0);
});

test('a changed ConfigMap value restarts just the pods that read it', async (t) => {
  const app = await makeApp(t);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const [readers, others] = [await app.podsOf('reader'), await app.podsOf('other')];
  const run = await app.run('up', ['--yes', '--set', 'level=Debug']);
  assert.equal(run.code, 0, run.stdout);
  assert.deepEqual(resultOf(run).changes, { created: 0, updated: 2, unchanged: 3, deleted: 0 });
  const now = await app.podsOf('reader');
  assert.equal(now.length, 2);
  assert.ok(
    now.every((uid) => !readers.includes(uid)),
    'every reader is a new pod',
  );
  assert.deepEqual(await app.podsOf('other'), others);
});

test('a changed value that no pod reads restarts none', async (t) => {
  const app = await makeApp(t);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const readers = await app.podsOf('reader');
  const run = await app.run('up', ['--yes', '--set', 'endpoint=elsewhere.example']);
  assert.deepEqual(resultOf(run).changes, { created: 0, updated: 1, unchanged: 4, deleted: 0 });
  assert.deepEqual(await app.podsOf('reader'), readers);
});

test('a changed secret restarts the pods that read it, and its hash on the pods is salted', async (t) => {
  const app = await makeApp(t);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const others = await app.podsOf('other');
  const run = await app.run('up', ['--yes'], { env: { OMS_INPUT_PASSWORD: 'another-horse' } });
  assert.equal(run.code, 0, run.stdout);
  assert.notDeepEqual(await app.podsOf('other'), others);
  assert.doesNotMatch(run.stdout + run.stderr, /another-horse|correct-horse|YW5vdGhlci1ob3JzZQ|Y29ycmVjdC1ob3JzZQ/);
  // Fingerprints tell that it is another one.
  assert.match(run.stdout, /"before":"\*{4} \([0-9a-f]{8}\)","after":"\*{4} \([0-9a-f]{8}\)"/);
  const salt = at(await app.get('secrets', 'credentials'), 'metadata', 'annotations', 'oms-deploy.io/salt');
  assert.match(String(salt), /^[0-9a-f]{24}$/);
});

test('a key that the manifest drops is gone from the live object', async (t) => {
  const app = await makeApp(t);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  await writeFile(join(app.folder, 'k8s/app.yaml'), manifests.replace('  endpoint: ${endpoint}\n', ''));
  const run = await app.run('up', ['--yes']);
  assert.equal(run.code, 0, run.stdout);
  assert.deepEqual((await app.get('configmaps', 'settings')).data, { level: 'Information' });
});

test('a key of a Secret that the manifest drops is gone, too', async (t) => {
  const app = await makeApp(t);
  const two = manifests.replace('{password: "${password}"}', '{password: "${password}", old: value}');
  await writeFile(join(app.folder, 'k8s/app.yaml'), two);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  assert.deepEqual(Object.keys((await app.get('secrets', 'credentials')).data as object), ['old', 'password']);
  await writeFile(join(app.folder, 'k8s/app.yaml'), manifests);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  assert.deepEqual(Object.keys((await app.get('secrets', 'credentials')).data as object), ['password']);
});

test('what kubectl apply created is adopted: a dropped key goes, a changed value arrives, without force', async (t) => {
  const app = await makeApp(t);
  await app.kubectlApply({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings' },
    data: { level: 'Trace', endpoint: 'cache.example', legacy: 'yes' },
  });
  const plan = await app.run('plan');
  const objects = eventsOf(plan).find(({ type }) => type === 'plan')?.objects;
  const change = (objects as readonly { object: { name: string }; fields: unknown }[]).find(
    ({ object }) => object.name === 'settings',
  );
  const paths = ((change?.fields ?? []) as readonly { path: string }[]).map(({ path }) => path);
  assert.deepEqual(
    paths.filter((path) => path.startsWith('data')),
    ['data.legacy', 'data.level'],
  );
  const run = await app.run('up', ['--yes']);
  assert.equal(run.code, 0, run.stdout);
  const live = await app.get('configmaps', 'settings');
  assert.deepEqual(live.data, { endpoint: 'cache.example', level: 'Information' });
  assert.equal(at(live, 'metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration'), undefined);
  assert.deepEqual(resultOf(await app.run('up', ['--yes'])).changes, {
    created: 0,
    updated: 0,
    unchanged: 5,
    deleted: 0,
  });
});

test('the plan of an adoption shows what really changes: no defaults of the server as removed', async (t) => {
  const app = await makeApp(t);
  await app.kubectlApply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'other' },
    spec: {
      replicas: 1,
      revisionHistoryLimit: 3,
      selector: { matchLabels: { app: 'other' } },
      template: {
        metadata: { labels: { app: 'other' } },
        spec: { containers: [{ name: 'other', image: 'example.com/other:0', workingDir: '/srv' }] },
      },
    },
  });
  const pathsOf = async () => {
    const plan = eventsOf(await app.run('plan')).find(({ type }) => type === 'plan');
    const change = arrayOf(plan?.objects).find((object) => at(object, 'object', 'name') === 'other');
    return arrayOf(at(change, 'fields')).map((field) => String(at(field, 'path')));
  };
  assert.deepEqual(
    (await pathsOf()).filter((path) => path.startsWith('spec')),
    [
      'spec.revisionHistoryLimit',
      'spec.template.spec.containers[other].env',
      'spec.template.spec.containers[other].image',
      'spec.template.spec.containers[other].readinessProbe',
      'spec.template.spec.containers[other].workingDir',
    ],
  );
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const spec = at(await app.get('deployments', 'other'), 'spec');
  assert.equal(at(spec, 'revisionHistoryLimit'), 10);
  assert.deepEqual(await pathsOf(), []);
});

test('a new order of the environment is a change, and is applied', async (t) => {
  const app = await makeApp(t);
  const line = '            - {name: LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: level}}}\n';
  const extra = '            - {name: EXTRA, value: "1"}\n';
  await writeFile(join(app.folder, 'k8s/app.yaml'), manifests.replace(line, line + extra));
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  await writeFile(join(app.folder, 'k8s/app.yaml'), manifests.replace(line, extra + line));
  const run = await app.run('up', ['--yes']);
  assert.equal(run.code, 0, run.stdout);
  const [container] = arrayOf(at(await app.get('deployments', 'reader'), 'spec', 'template', 'spec', 'containers'));
  assert.deepEqual(
    arrayOf(at(container, 'env')).map((entry) => at(entry, 'name')),
    ['EXTRA', 'LEVEL'],
  );
});

test('without --yes where nobody can be asked: exit 2 names the flag, and nothing is written', async (t) => {
  const app = await makeApp(t);
  const run = await app.run('up');
  assert.equal(run.code, 2, run.stdout);
  assert.match(run.stdout, /--yes/);
  assert.deepEqual(await app.writes(), []);
});

test('what fills a Secret is secret, also where no configuration says so', async (t) => {
  const canary = 'canary-5e1f';
  const undeclared = {
    'oms-deploy.yaml': 'application: web\nnamespace: web\nmanifests: [k8s]\n',
    'k8s/app.yaml':
      'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {url: "redis://:${redis_auth}@host"}\n---\n' +
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {t: "${api_token}", plain: "${level}"}\n',
  };
  const app = await makeApp(t, { files: undeclared });
  const env = { OMS_INPUT_REDIS_AUTH: `${canary}1`, OMS_INPUT_API_TOKEN: `${canary}2`, OMS_INPUT_LEVEL: 'low' };
  for (const form of ['json', 'plain', 'human']) {
    const run = await app.run('plan', ['--output', form, '--verbose'], { env });
    assert.equal(run.code, 0, run.stderr);
    assert.doesNotMatch(run.stdout + run.stderr, new RegExp(canary));
    assert.match(run.stdout + run.stderr, /low/);
  }
  const typed = await app.run('up', [
    '--yes',
    '--set',
    `redis_auth=${canary}`,
    '--set',
    `api_token=${canary}`,
    '--set',
    'level=low',
  ]);
  assert.equal(typed.code, 3);
  assert.doesNotMatch(typed.stdout + typed.stderr, new RegExp(canary));
  assert.deepEqual(
    arrayOf(resultOf(typed).findings)
      .filter((finding) => at(finding, 'severity') === 'error')
      .map((finding) => [at(finding, 'id'), String(at(finding, 'cause')).split(',')[0]]),
    [
      ['inputs/secret-in-argv', 'redis_auth fills a Secret'],
      ['inputs/secret-in-argv', 'api_token has the name of a credential'],
    ],
  );
});

test('a secret that is rotated: neither its new value nor the one before is shown', async (t) => {
  const files = {
    'oms-deploy.yaml': 'application: web\nnamespace: web\nmanifests: [k8s]\ninputs:\n  pin: {secret: true}\n',
    'k8s/app.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {url: "redis://:${pin}@x", code: "${pin}"}\n',
  };
  const app = await makeApp(t, { files });
  const run = (command: string, pin: string, args: readonly string[] = []) =>
    app.run(command, args, { env: { OMS_INPUT_PIN: pin } });
  assert.equal((await run('up', 'canary-old-1', ['--yes'])).code, 0);
  for (const form of ['json', 'human']) {
    const { stdout, stderr } = await run('plan', 'canary-new-2', ['--verbose', '--output', form]);
    assert.match(stdout, /data\.code/);
    assert.doesNotMatch(stdout + stderr, /canary/);
  }
});

test('manifests alone are an application of their own: their namespace, no default of the built-in one', async (t) => {
  const home = `own-${randomBytes(4).toString('hex')}`;
  const text = manifests
    .replaceAll('${endpoint}', '${redis_endpoint}')
    .replaceAll('example.com/other:1', 'example.com/other:${image_tag}')
    .replaceAll('metadata: {name: ', `metadata: {namespace: ${home}, name: `);
  const app = await makeApp(t, { files: { 'app/all.yaml': text } });
  t.after(() => app.sandbox.request('DELETE', `/api/v1/namespaces/${home}`));
  const folder = join(app.folder, 'app');
  const env = { OMS_INPUT_PASSWORD: 'correct-horse', OMS_INPUT_LEVEL: 'low' };
  const run = (args: readonly string[]) =>
    runCli([...args, '--kubeconfig', app.sandbox.kubeconfig, '--output', 'json'], { cwd: folder, env });

  const missing = await run(['plan', '-f', '.']);
  assert.equal(missing.code, 3);
  assert.deepEqual(findingIds(missing).toSorted(), ['inputs/missing', 'placeholders/unresolved']);

  const values = ['--set', 'redis_endpoint=r', '--set', 'image_tag=2'];
  const up = await run(['up', '-f', '.', ...values, '--yes']);
  assert.equal(up.code, 0, up.stdout);
  const target = eventsOf(up).find(({ type }) => type === 'target');
  assert.deepEqual([target?.application, target?.namespace], [home, home]);

  assert.equal((await run(['verify', '-f', '.'])).code, 0);
  const status = resultOf(await run(['status', '-n', home]));
  assert.equal(status.application, home);
  assert.equal(arrayOf(status.workloads).length, 2);
  // Who has no manifests at hand compares with what its newest release has of it.
  const service = `/api/v1/namespaces/${home}/services/reader`;
  await app.sandbox.request('DELETE', service);
  const away = await run(['doctor', '-n', home]);
  assert.equal(resultOf(away).application, home);
  const gone = arrayOf(resultOf(away).findings).find((one) => at(one, 'id') === 'objects/missing');
  assert.deepEqual([at(gone, 'object'), at(gone, 'file')], [`Service ${home}/reader`, 'release 1: all.yaml']);
  const records = `/api/v1/namespaces/${home}/secrets?labelSelector=${encodeURIComponent('oms-deploy.io/record')}`;
  assert.equal((await app.sandbox.request('DELETE', records)).status, 200);
  const stranger = await run(['verify', '-n', home]);
  assert.equal(stranger.code, 2);
  assert.match(String(at(resultOf(stranger).error, 'message')), new RegExp(`holds ${home}, not crypto-oms`));
});

test('manifests alone that name no namespace, or two: exit 2 asks for it', async (t) => {
  const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: x}\n';
  const folder = await makeFolder(t, {
    'one.yaml': text.replace(', namespace: x', ''),
    'two.yaml': text + '---\n' + text.replace('x}', 'z}'),
  });
  for (const [file, why] of [
    ['one.yaml', /name none/],
    ['two.yaml', /name x, z/],
  ] as const) {
    const run = await runCli(['render', '-f', file, '--output', 'json'], { cwd: folder });
    assert.equal(run.code, 2);
    assert.match(String(at(resultOf(run).error, 'why')), why);
  }
});
