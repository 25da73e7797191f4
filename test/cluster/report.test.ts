import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { arrayOf, isObject, objectOf } from '../../src/model/json.ts';
import { makeApp, manifests } from '../support/app.ts';
import { eventsOf, resultOf } from '../support/cli.ts';

const secret = `hunter22 <&> "x"`;

test('a deploy leaves its report when it went well and when it failed, and its record makes one again', async (t) => {
  const note =
    '\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: note}\ndata: {uri: "redis://:${password}@db"}\n';
  const app = await makeApp(t, { files: { 'k8s/app.yaml': manifests + note } });
  const env = { OMS_INPUT_PASSWORD: secret };
  const read = async (name: string): Promise<string> => {
    const text = await readFile(join(app.folder, name), 'utf8');
    for (const form of ['hunter22', Buffer.from(secret).toString('base64'), encodeURIComponent(secret)]) {
      assert.ok(!text.includes(form), `${name} has the secret`);
    }
    return text;
  };

  const up = await app.run('up', ['--yes', '--report', 'up.html'], { env });
  assert.equal(up.code, 0, up.stdout);
  const pods = eventsOf(up).flatMap(({ type, pods: told }) => (type === 'pods' ? arrayOf(told).filter(isObject) : []));
  assert.deepEqual(pods.map(({ workload }) => String(objectOf(workload).name)).sort(), ['other', 'reader', 'reader']);
  for (const { created, scheduled, started, ready, node, restarts } of pods) {
    const times = [created, scheduled, started, ready].map((time) => Date.parse(String(time)));
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
    assert.ok(times.every((time) => time > 0) && typeof node === 'string' && restarts === 0);
  }
  const good = await read('up.html');
  for (const text of [
    '<strong>done</strong>',
    'Plan (release 1)',
    'Timeline (release 1)',
    'OMS_INPUT_PASSWORD',
    '****',
  ]) {
    assert.ok(good.includes(text), `${text} in ${good}`);
  }
  for (const { name } of pods) assert.ok(good.includes(`>${String(name)}</text>`), `a bar of ${String(name)}`);

  const crash = manifests.replace('example.com/other:1', 'example.com/other:crash');
  await writeFile(join(app.folder, 'k8s', 'app.yaml'), crash + note);
  const failed = await app.run('up', ['--yes', '--set', 'level=Debug', '--report', 'failed.html'], { env });
  assert.equal(failed.code, 5, failed.stdout);
  const bad = await read('failed.html');
  for (const text of [
    '<strong>failed</strong>',
    'container/crash',
    'data.level: Information -&gt; Debug',
    '<rect class="failed"',
    'authentication refused',
  ]) {
    assert.ok(bad.includes(text), `${text} in ${bad}`);
  }

  const shown = await app.run('history', ['show', '2', '--report', 'history.html']);
  assert.equal(shown.code, 0, shown.stdout);
  const timeline = objectOf(objectOf(resultOf(shown).release).timeline);
  const waves = arrayOf(timeline.waves).filter(isObject);
  assert.deepEqual(
    waves.map(({ name, objects }) => [name, objects]),
    [
      ['config', 1],
      ['workloads', 2],
    ],
  );
  assert.ok(arrayOf(timeline.pods).length >= 3);
  const past = await read('history.html');
  for (const text of ['container/crash', 'Objects (release 2)', '<rect class="failed"']) {
    assert.ok(past.includes(text), `${text} in ${past}`);
  }

  const verified = await app.run('verify', ['--report', 'verify.html']);
  assert.equal(verified.code, 10, verified.stdout);
  assert.match(await read('verify.html'), /<strong>problems found<\/strong>[\s\S]*What was checked/);
});
