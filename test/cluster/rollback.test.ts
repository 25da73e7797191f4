import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { at } from '../../src/model/json.ts';
import { autoscaler, makeApp, manifests } from '../support/app.ts';
import { eventsOf, findingIds, resultOf } from '../support/cli.ts';
import { dumpOf, listed, recordsOf } from '../support/releases.ts';
import { bareConfig, deploymentYaml } from '../support/workloads.ts';

/** The second version: another image, another value, other bounds, and no Service. */
const second = `${manifests}---\n${autoscaler}`
  .replace('example.com/reader:1', 'example.com/reader:2')
  .replace('minReplicas: 3', 'minReplicas: 4')
  .replace('maxReplicas: 9', 'maxReplicas: 12')
  .replace(/---\napiVersion: v1\nkind: Service\n[\s\S]*?(?=---\n)/, '');

test('a rollback brings back image, ConfigMap, HPA bounds and a removed Service: the namespace is as it was', async (t) => {
  const app = await makeApp(t, { files: { 'k8s/app.yaml': `${manifests}---\n${autoscaler}` } });
  const first = await app.run('up', ['--yes']);
  assert.equal(first.code, 0, first.stdout);
  const before = await dumpOf(app.sandbox, app.namespace);

  await writeFile(join(app.folder, 'k8s/app.yaml'), second);
  const up = await app.run('up', ['--yes', '--set', 'level=Debug']);
  assert.equal(up.code, 0, up.stdout);
  assert.equal(at(resultOf(up), 'changes', 'deleted'), 1);
  assert.notDeepEqual(await dumpOf(app.sandbox, app.namespace), before);

  // Nobody can be asked here: but where it goes is said, and is in the question.
  const asked = await app.run('rollback');
  assert.equal(asked.code, 2, asked.stdout);
  assert.match(asked.stdout, /"message":"Going back to release 1: up by \S+ \d+ s ago, .*with reader:1/);
  assert.match(asked.stdout, /Go back to release 1: apply these \d+ changes to /);

  const back = await app.run('rollback', ['--yes']);
  assert.equal(back.code, 0, back.stdout);
  assert.deepEqual(await dumpOf(app.sandbox, app.namespace), before);
  assert.equal(resultOf(back).release, 3);
  const history = await app.run('history');
  assert.deepEqual(listed(history), ['3 deployed', '2 deployed', '1 deployed']);
  assert.equal(actionOf(history), 'rollback to 1');

  // What the rollback left is what its record says: the manifests of the first version have nothing to do.
  await writeFile(join(app.folder, 'k8s/app.yaml'), `${manifests}---\n${autoscaler}`);
  const again = await app.run('up', ['--yes']);
  assert.deepEqual(at(resultOf(again), 'changes'), { created: 0, updated: 0, unchanged: 6, deleted: 0 });
  assert.equal(resultOf(again).release, null);
});

function actionOf(history: Parameters<typeof resultOf>[0]): unknown {
  const [newest] = resultOf(history)['releases'] as readonly unknown[];
  return at(newest, 'action');
}

test('a password that was rotated stays through a rollback, unless it is asked back', async (t) => {
  const app = await makeApp(t);
  const up = (password: string) => app.run('up', ['--yes'], { env: { OMS_INPUT_PASSWORD: password } });
  const live = async (): Promise<string> => {
    const { data } = await app.get('secrets', 'credentials');
    return Buffer.from(String(at(data, 'password')), 'base64').toString();
  };
  assert.equal((await up('first-password')).code, 0);
  assert.equal((await up('second-password')).code, 0);
  const kept = await app.run('rollback', ['1', '--yes']);
  assert.equal(kept.code, 0, kept.stdout);
  assert.equal(await live(), 'second-password');
  const restored = await app.run('rollback', ['1', '--yes', '--restore-secrets']);
  assert.equal(restored.code, 0, restored.stdout);
  assert.equal(await live(), 'first-password');
  for (const { stdout, stderr } of [kept, restored, await app.run('history', ['diff', '1', '2'])]) {
    assert.doesNotMatch(stdout + stderr, /first-password|second-password/);
  }
});

test('there is nothing to roll back to, or no release of that number: exit 2, and nothing changes', async (t) => {
  const app = await makeApp(t);
  assert.equal((await app.run('rollback', ['--yes'])).code, 2);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const writes = (await app.writes()).length;
  const only = await app.run('rollback', ['--yes']);
  assert.equal(only.code, 2);
  assert.match(only.stdout, /no release to roll back to/);
  const none = await app.run('rollback', ['7', '--yes']);
  assert.equal(none.code, 2);
  assert.match(none.stdout, /There is no release 7/);
  assert.equal((await app.run('rollback', ['seven', '--yes'])).code, 2);
  assert.equal((await app.writes()).length, writes);
});

const configYaml = (name: string): string =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {by: us}\n`;

const web = (tag: string, more = ''): string => `${deploymentYaml('web', { tag })}${more}`;

test('a rollback to an image that cannot be pulled tells the first failure and its own', async (t) => {
  const app = await makeApp(t, { files: { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': web('1') } });
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  await writeFile(join(app.folder, 'k8s/app.yaml'), web('crash'));
  const failed = await app.run('up', ['--yes']);
  assert.equal(failed.code, 5, failed.stdout);

  await loseImages(app);
  const back = await app.run('rollback', ['--yes']);
  assert.equal(back.code, 5, back.stdout);
  const { error } = resultOf(back);
  assert.match(String(at(error, 'message')), /^The rollback failed, too/);
  assert.match(String(at(error, 'why')), /Release 2 had failed before: The rollout failed/);
  const ids = findingIds(back);
  assert.ok(ids.includes('container/crash'), ids.join());
  assert.ok(ids.includes('image/not-found'), ids.join());
  assert.deepEqual(listed(await app.run('history')), ['3 failed', '2 failed', '1 deployed']);
});

/** The registry doesn't have the images any more: an annotation that isn't ours makes the sandbox say so of new pods. */
async function loseImages({ sandbox, namespace }: Awaited<ReturnType<typeof makeApp>>): Promise<void> {
  const annotations = { 'sandbox.oms-deploy.io/behavior': 'image-not-found' };
  const { status } = await sandbox.request(
    'PATCH',
    `/apis/apps/v1/namespaces/${namespace}/deployments/web`,
    { spec: { template: { metadata: { annotations } } } },
    'application/merge-patch+json',
  );
  assert.equal(status, 200);
}

test('the same in one command: up --rollback-on-failure, and the way back is barred', async (t) => {
  const app = await makeApp(t, { files: { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': web('1') } });
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  await writeFile(join(app.folder, 'k8s/app.yaml'), web('crash'));
  let lost: Promise<void> | undefined;
  const onOutput = (printed: string): void => {
    if (printed.includes('"name":"rollback"')) lost ??= loseImages(app);
  };
  const run = await app.run('up', ['--yes', '--rollback-on-failure'], { onOutput });
  await lost;
  assert.equal(run.code, 5, run.stdout);
  assert.match(String(at(resultOf(run), 'error', 'message')), /^The rollback failed, too/);
  assert.match(String(at(resultOf(run), 'error', 'why')), /Release 2 had failed before/);
  assert.deepEqual(listed(await app.run('history')), ['3 failed', '2 failed', '1 deployed']);
});

test('a failed up with --rollback-on-failure goes back, and deletes what it had created alone', async (t) => {
  const app = await makeApp(t, {
    files: { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': web('1', configYaml('old')) },
  });
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const before = await dumpOf(app.sandbox, app.namespace);
  await app.kubectlApply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'there' }, data: { by: 'hand' } });
  await writeFile(join(app.folder, 'k8s/app.yaml'), web('crash', `${configYaml('new')}${configYaml('there')}`));
  const run = await app.run('up', ['--yes', '--rollback-on-failure']);
  assert.equal(run.code, 5, run.stdout);
  const { error } = resultOf(run);
  assert.match(String(at(error, 'why')), /Rolled back to release 1 \(as release 3\)/);
  assert.match(String(at(error, 'why')), /ConfigMap [^ ]*\/new\./);
  const step = eventsOf(run).find(({ type, name }) => type === 'step' && name === 'rollback');
  assert.match(
    String(step?.message),
    /: Deployment [^ ]+\. Deployment [^:]+: .*exit code 1.*\. Going back to release 1\.$/,
  );
  assert.ok(
    findingIds(run).some((id) => id.startsWith('container/') || id.startsWith('pod/')),
    run.stdout,
  );
  const after = await dumpOf(app.sandbox, app.namespace);
  const names = (dump: typeof after): readonly string[] =>
    dump.map((one) => `${String(one.kind)}/${String(at(one, 'metadata', 'name'))}`);
  assert.deepEqual(
    names(after).filter((name) => !names(before).includes(name)),
    ['ConfigMap/there'],
  );
  assert.deepEqual(
    after.filter((one) => at(one, 'metadata', 'name') !== 'there'),
    before,
  );
  assert.deepEqual(listed(await app.run('history')), ['3 deployed', '2 failed', '1 deployed']);
});

test('without an earlier good release --rollback-on-failure says that it rolls back nothing', async (t) => {
  const app = await makeApp(t, { files: { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': web('crash') } });
  const run = await app.run('up', ['--yes', '--rollback-on-failure']);
  assert.equal(run.code, 5);
  assert.match(String(at(resultOf(run), 'error', 'why')), /Nothing was rolled back/);
  assert.deepEqual(listed(await app.run('history')), ['1 failed']);
});

test('the history keeps as many releases as it is told, and the last good one', async (t) => {
  const app = await makeApp(t);
  for (const level of ['a', 'b', 'c', 'd']) {
    const run = await app.run('up', ['--yes', '--history-limit', '2', '--set', `level=${level}`]);
    assert.equal(run.code, 0, run.stdout);
  }
  assert.deepEqual(listed(await app.run('history')), ['4 deployed', '3 deployed']);
  assert.equal((await recordsOf(app.sandbox, app.namespace)).length, 3);
});
