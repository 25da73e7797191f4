import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrayOf, objectOf } from '../../src/model/json.ts';
import { makeApp, manifests } from '../support/app.ts';
import { eventsOf, resultOf } from '../support/cli.ts';

test('a workload that is never ready ends in a timeout, exit 6, and says which pod waits for what', async (t) => {
  const app = await makeApp(t, {
    files: { 'k8s/app.yaml': manifests.replace('example.com/other:1', 'example.com/other:never-ready') },
  });
  const run = await app.run('up', ['--yes', '--timeout', '4s']);
  assert.equal(run.code, 6, run.stdout);
  const [finding] = arrayOf(resultOf(run).findings).map(objectOf);
  assert.match(String(finding?.cause), /Deployment .*\/other: its readiness probe|not ready/);
  assert.match(JSON.stringify(finding?.evidence), /container other: runs for|not ready/);
});

test('a missed progress deadline fails the deploy, exit 5, with what the pods say', async (t) => {
  const wrong = manifests
    .replace('example.com/other:1', 'example.com/other:image-not-found')
    .replace('  replicas: 1\n', '  replicas: 1\n  progressDeadlineSeconds: 3\n');
  const app = await makeApp(t, { files: { 'k8s/app.yaml': wrong } });
  const run = await app.run('up', ['--yes', '--timeout', '60s']);
  assert.equal(run.code, 5, run.stdout);
  const [finding] = arrayOf(resultOf(run).findings).map(objectOf);
  assert.match(JSON.stringify(finding?.evidence), /ErrImagePull|ImagePullBackOff/);
});

test('a slow start is reported as it goes on, and waited for', async (t) => {
  const app = await makeApp(t, {
    files: { 'k8s/app.yaml': manifests.replace('example.com/other:1', 'example.com/other:slow-ready') },
  });
  const run = await app.run('up', ['--yes']);
  assert.equal(run.code, 0, run.stdout);
  const waiting = eventsOf(run).filter((event) => event.type === 'progress' && objectOf(event.object).name === 'other');
  assert.ok(
    waiting.some(({ why }) => why === '0 of 1 pods ready'),
    JSON.stringify(waiting),
  );
});

test('SIGINT during the wait ends with 130, and the same command then converges', async (t) => {
  const app = await makeApp(t, {
    files: { 'k8s/app.yaml': manifests.replace('example.com/other:1', 'example.com/other:slow-ready') },
  });
  let sent = false;
  const run = await app.run('up', ['--yes'], {
    onOutput: (printed, kill) => {
      if (sent || !printed.includes('"type":"progress"')) return;
      sent = true;
      kill('SIGINT');
    },
  });
  assert.equal(run.code, 130, run.stdout);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
});

test('SIGKILL at any event: the same command converges', async (t) => {
  const app = await makeApp(t, { createNamespace: false });
  for (const moment of [
    '"type":"plan"',
    '"type":"wave"',
    '"name":"settings"},"op"',
    '"type":"applied"',
    '"type":"progress"',
  ]) {
    await app.run('up', ['--yes'], {
      onOutput: (printed, kill) => {
        if (printed.includes(moment)) kill('SIGKILL');
      },
    });
  }
  const run = await app.run('up', ['--yes']);
  assert.equal(run.code, 0, run.stdout);
  assert.equal((await app.run('plan', ['--detailed-exitcode'])).code, 0);
});
