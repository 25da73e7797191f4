import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { arrayOf, at } from '../../src/model/json.ts';
import { makeApp, manifests, type TestApp } from '../support/app.ts';
import { type CliResult, findingIds, resultOf } from '../support/cli.ts';

async function planned(t: Parameters<typeof makeApp>[0]): Promise<TestApp> {
  const app = await makeApp(t);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  await writeFile(join(app.folder, 'k8s/app.yaml'), manifests.replace('example.com/reader:1', 'example.com/reader:2'));
  const plan = await app.run('plan', ['--out', 'plan.json']);
  assert.equal(plan.code, 0, plan.stdout);
  assert.equal(resultOf(plan).out, 'plan.json');
  return app;
}

function evidence(run: CliResult): readonly unknown[] {
  return arrayOf(resultOf(run).findings).flatMap((finding) => arrayOf(at(finding, 'evidence')));
}

const withPlan = ['--yes', '--plan', 'plan.json'];

test('a saved plan is carried out while nothing moves; its file has no secret and is for its owner alone', async (t) => {
  const app = await planned(t);
  const file = join(app.folder, 'plan.json');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const text = await readFile(file, 'utf8');
  assert.doesNotMatch(text, /correct-horse|Y29ycmVjdC1ob3JzZQ/);
  const up = await app.run('up', withPlan);
  assert.equal(up.code, 0, up.stdout);
  assert.equal(resultOf(up).release, 2);
  const late = await app.run('up', withPlan);
  assert.equal(late.code, 3);
  assert.ok(findingIds(late).includes('plan/released'));
});

test('an input, a secret or a manifest that moved since is named, and nothing is written', async (t) => {
  const app = await planned(t);
  const writes = (await app.writes()).length;
  const input = await app.run('up', [...withPlan, '--set', 'level=Debug']);
  assert.equal(input.code, 3);
  assert.deepEqual(findingIds(input), ['plan/input-moved']);
  assert.deepEqual(evidence(input), ['data.level: Information -> Debug']);
  const secret = await app.run('up', withPlan, { env: { OMS_INPUT_PASSWORD: 'battery-staple' } });
  assert.deepEqual(evidence(secret), ['secret values: (changed)']);
  assert.doesNotMatch(secret.stdout + secret.stderr, /battery-staple/);
  await writeFile(
    join(app.folder, 'k8s/app.yaml'),
    manifests.replace(/---\napiVersion: v1\nkind: Service\n[\s\S]*?(?=---\n)/, ''),
  );
  const gone = await app.run('up', withPlan);
  assert.equal(gone.code, 3);
  assert.ok(findingIds(gone).includes('plan/input-moved'));
  assert.equal((await app.writes()).length, writes);
});

test('a live object that moved since is shown with its fields; what controllers write is no move', async (t) => {
  const app = await planned(t);
  const path = `/apis/apps/v1/namespaces/${app.namespace}/deployments/other`;
  const status = { status: { conditions: [{ type: 'Hello', status: 'True' }] } };
  await app.sandbox.request('PATCH', `${path}/status`, status, 'application/merge-patch+json');
  const scale = (replicas: number) =>
    app.sandbox.request(
      'PATCH',
      `${path}?fieldManager=kubectl-scale`,
      { spec: { replicas } },
      'application/merge-patch+json',
    );
  assert.equal((await scale(2)).status, 200);
  const moved = await app.run('up', withPlan);
  assert.equal(moved.code, 3);
  assert.deepEqual(findingIds(moved), ['plan/live-moved']);
  assert.deepEqual(evidence(moved), ['spec.replicas: 1 -> 2']);
  assert.equal((await scale(1)).status, 200);
  assert.equal((await app.run('up', withPlan)).code, 0);
});

test('another namespace is another target', async (t) => {
  const app = await planned(t);
  const other = await app.sandbox.createNamespace('other', t);
  const run = await app.run('up', [...withPlan, '--namespace', other]);
  assert.equal(run.code, 3);
  assert.ok(findingIds(run).includes('plan/target-moved'));
});

test('what is no plan: exit 3 with the reason', async (t) => {
  const app = await makeApp(t, { files: { 'plan.json': '{"schema": "something else"}', 'bad.json': '{' } });
  for (const file of ['plan.json', 'bad.json', 'none.json']) {
    const run = await app.run('up', ['--yes', '--plan', file]);
    assert.equal(run.code, 3, file);
    // With the flags of this run: it can be pasted.
    assert.match(String(at(resultOf(run), 'error', 'fix')), /oms-deploy plan (?:.* )?-n \S+ (?:.* )?--out/);
  }
  assert.equal((await app.run('plan', ['--out', 'no/such/folder/plan.json'])).code, 2);
});
