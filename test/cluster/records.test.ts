import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { arrayOf, at } from '../../src/model/json.ts';
import { makeApp, manifests } from '../support/app.ts';
import { findingIds, resultOf } from '../support/cli.ts';
import { dumpOf, listed, readable, recordsOf } from '../support/releases.ts';
import { schemaProblems } from '../support/schema.ts';
import { bareConfig } from '../support/workloads.ts';

test('a record says what was deployed, from what, by whom and how it ended', async (t) => {
  const app = await makeApp(t);
  const ci = {
    GITHUB_SERVER_URL: 'https://git.example',
    GITHUB_REPOSITORY: 'acme/web',
    GITHUB_RUN_ID: '42',
  };
  assert.equal((await app.run('up', ['--yes', '--set', 'level=Debug'], { env: ci })).code, 0);
  const release = resultOf(await app.run('history', ['show', '1'])).release;
  assert.equal(at(release, 'status'), 'deployed');
  assert.equal(at(release, 'action'), 'up');
  assert.equal(at(release, 'author', 'url'), 'https://git.example/acme/web/actions/runs/42');
  assert.ok(Date.parse(String(at(release, 'endedAt'))) >= Date.parse(String(at(release, 'startedAt'))));
  const inputs = arrayOf(at(release, 'inputs'));
  assert.deepEqual(
    inputs.map((input) => [at(input, 'name'), at(input, 'value') ?? null, at(input, 'source', 'kind')]),
    [
      ['endpoint', 'cache.example', 'default'],
      ['level', 'Debug', 'flag'],
      ['password', null, 'env'],
    ],
  );
  const images = arrayOf(at(release, 'images')).map((image) => [at(image, 'container'), at(image, 'image')]);
  assert.deepEqual(images, [
    ['reader', 'example.com/reader:1'],
    ['other', 'example.com/other:1'],
  ]);
  assert.ok(arrayOf(at(release, 'images')).every((image) => String(at(image, 'id')).includes('sha256:')));
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  for (const args of [[], ['show'], ['show', '1'], ['diff', '1'], ['diff', '1', '2']]) {
    assert.equal(schemaProblems(resultOf(await app.run('history', args))), '', args.join(' '));
  }
  const human = await app.run('history', ['show', '--output', 'human']);
  assert.match(human.stdout, /password +\*{4} +env OMS_INPUT_PASSWORD/);
});

test('no secret is in a record in clear, wherever it went, and a rollback has it all the same', async (t) => {
  const canary = 'Kanari-7/+@x y';
  const leaky = `${manifests}---
apiVersion: v1
kind: ConfigMap
metadata: {name: leaky}
data:
  url: "mongodb://user:\${password}@db"
  plain: "\${password}"
`;
  const app = await makeApp(t, { files: { 'k8s/app.yaml': leaky } });
  const env = { OMS_INPUT_PASSWORD: canary };
  const first = await app.run('up', ['--yes'], { env });
  assert.equal(first.code, 0, first.stdout);
  const before = await dumpOf(app.sandbox, app.namespace);
  await writeFile(join(app.folder, 'k8s/app.yaml'), manifests);
  assert.equal((await app.run('up', ['--yes'], { env })).code, 0);
  const runs = [
    first,
    await app.run('history', ['show', '1', '--verbose']),
    await app.run('history', ['diff', '1', '2']),
  ];
  const back = await app.run('rollback', ['--yes', '--verbose']);
  assert.equal(back.code, 0, back.stdout);
  assert.deepEqual(await dumpOf(app.sandbox, app.namespace), before);

  const forms = [canary, Buffer.from(canary).toString('base64'), encodeURIComponent(canary)];
  const records = await recordsOf(app.sandbox, app.namespace);
  assert.ok(records.length >= 4);
  for (const text of [...records.map(readable), ...[...runs, back].map(({ stdout, stderr }) => stdout + stderr)]) {
    for (const form of forms) assert.ok(!text.includes(form), `${form} in:\n${text.slice(0, 2000)}`);
  }
});

test('history of what is not there: a release, an application, a wrong word', async (t) => {
  const app = await makeApp(t);
  assert.match((await app.run('history', ['--output', 'human'])).stdout, /No release yet: oms-deploy up/);
  assert.equal((await app.run('history', ['show'])).code, 2);
  assert.equal((await app.run('history', ['show', '7'])).code, 2);
  const place = `-n ${app.namespace} --kubeconfig ${app.sandbox.kubeconfig}`;
  for (const [command, ...args] of [
    ['history', 'diff'],
    ['history', 'show', 'last'],
    ['rollback', 'v2'],
  ] as const) {
    const run = await app.run(command, args);
    assert.equal(run.code, 2);
    assert.ok(String(at(resultOf(run), 'error', 'fix')).includes(`oms-deploy history ${place}`), run.stdout);
  }
});

test('the newest release alone is compared with the one before it, any other with the newest', async (t) => {
  const app = await makeApp(t);
  const diff = (...args: readonly string[]) => app.run('history', ['diff', ...args]);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const only = await diff('1');
  assert.equal(only.code, 2, only.stdout);
  assert.match(String(at(resultOf(only), 'error', 'message')), /^Release 1 is the only one of web/);
  assert.equal((await app.run('up', ['--yes', '--set', 'level=Debug'])).code, 0);
  for (const args of [['1'], ['2'], ['1', '2']]) {
    const run = resultOf(await diff(...args));
    assert.deepEqual([run.from, run.to], [1, 2]);
  }
  assert.match((await diff('2', '--output', 'plain')).stdout, /^2 is the newest release: .*\nRelease 1 -> 2\n.*level/);
  assert.match((await diff('2', '2', '--output', 'plain')).stdout, /The same objects/);
});

test('a record that somebody has damaged keeps nobody from deploying: it is said, and nothing is pruned', async (t) => {
  const app = await makeApp(t);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const path = `/api/v1/namespaces/${app.namespace}/secrets/oms-deploy.web.v1`;
  const patch = (data: Readonly<Record<string, string>>) =>
    app.sandbox.request('PATCH', path, { data }, 'application/merge-patch+json');
  await patch({ release: Buffer.from('nonsense').toString('base64') });
  await writeFile(
    join(app.folder, 'k8s/app.yaml'),
    manifests.replace(/---\napiVersion: v1\nkind: Service\n[\s\S]*?(?=---\n)/, ''),
  );
  assert.equal((await app.run('rollback', ['1', '--yes'])).code, 4);
  const up = await app.run('up', ['--yes']);
  assert.equal(up.code, 0, up.stdout);
  assert.ok(findingIds(up).includes('release/unreadable'));
  assert.equal(at(resultOf(up), 'changes', 'deleted'), 0);
  assert.deepEqual(listed(await app.run('history')), ['2 deployed', '1 deployed']);
});

test('a record of a newer version stops an older one, which would lose what it does not understand', async (t) => {
  const app = await makeApp(t);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const writes = (await app.writes()).length;
  const newer = gzipSync(JSON.stringify({ schema: 'oms-deploy.io/release/v9', release: {} })).toString('base64');
  const path = `/api/v1/namespaces/${app.namespace}/secrets/oms-deploy.web.v1`;
  await app.sandbox.request('PATCH', path, { data: { release: newer } }, 'application/merge-patch+json');
  const up = await app.run('up', ['--yes', '--set', 'level=Debug']);
  assert.equal(up.code, 4, up.stdout);
  assert.match(up.stdout, /Update oms-deploy/);
  assert.equal((await app.writes()).length, writes);
});

test('a failed release is recorded with its findings, without secrets', async (t) => {
  const broken = manifests.replace('example.com/other:1', 'example.com/other:crash');
  const app = await makeApp(t, { files: { 'k8s/app.yaml': broken } });
  assert.equal((await app.run('up', ['--yes'])).code, 5);
  const release = resultOf(await app.run('history', ['show'])).release;
  assert.equal(at(release, 'status'), 'failed');
  assert.match(String(at(release, 'message')), /^The rollout failed/);
  assert.ok(arrayOf(at(release, 'findings')).length > 0);
  const status = await app.run('status', ['--output', 'plain']);
  assert.match(status.stdout, /\nnext: why it failed: oms-deploy doctor .*--kubeconfig /);
  const next = await app.run('history', ['--output', 'human']);
  assert.match(next.stdout, /1 +failed/);
});

test('a release of 1,000 objects is recorded in parts, and rolled back', async (t) => {
  // Text that gzip can't make small: the record must not fit into one Secret.
  const noise = (seed: number): string => {
    let state = seed;
    return Array.from({ length: 300 }, () => {
      state = (state * 48271) % 2147483647;
      return state.toString(36);
    }).join('');
  };
  const many = (value: string): string =>
    Array.from(
      { length: 1000 },
      (_, index) =>
        `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${index}}\ndata: {v: "${value}", n: ${noise(index + 1)}}\n`,
    ).join('');
  const app = await makeApp(t, { files: { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': many('one') } });
  const first = await app.run('up', ['--yes', '--lock-duration', '60s']);
  assert.equal(first.code, 0, first.stdout);
  const parts = (await recordsOf(app.sandbox, app.namespace)).filter(
    ({ metadata }) => metadata.labels?.['oms-deploy.io/record'] === 'part',
  );
  assert.ok(parts.length >= 1, 'it fits into one Secret');
  await writeFile(join(app.folder, 'k8s/app.yaml'), many('two').split('---\n').slice(0, 500).join('---\n'));
  const second = await app.run('up', ['--yes', '--lock-duration', '60s', '--history-limit', '5']);
  assert.equal(second.code, 0, second.stdout);
  const back = await app.run('rollback', ['--yes', '--lock-duration', '60s', '--history-limit', '1']);
  assert.equal(back.code, 0, back.stdout);
  const live = await dumpOf(app.sandbox, app.namespace);
  const ours = live.filter((object) => /^c\d+$/.test(String(at(object, 'metadata', 'name'))));
  assert.equal(ours.length, 1000);
  assert.ok(ours.every((object) => at(object, 'data', 'v') === 'one'));
  assert.deepEqual(listed(await app.run('history')), ['3 deployed']);
  const kept = await recordsOf(app.sandbox, app.namespace);
  assert.ok(
    kept.every(({ metadata }) => ['3', undefined].includes(metadata.labels?.['oms-deploy.io/release'])),
    'parts of old releases stay',
  );
});
