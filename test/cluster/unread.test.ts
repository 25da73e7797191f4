import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { makeApp, type TestApp } from '../support/app.ts';
import { programPath, resultOf } from '../support/cli.ts';
import { keys, noTerminal, openSession } from '../support/pty.ts';

const run = promisify(execFile);

interface Unread {
  readonly code: string;
  /** What was read before the pipe was closed. */
  readonly read: string;
}

/** Runs a command in a shell that reads its output through a pipe, with `reader`, which goes away. */
async function unread(app: TestApp, reader: string, args: readonly string[]): Promise<Unread> {
  const place = ['--kubeconfig', app.sandbox.kubeconfig, '-n', app.namespace];
  const script = `{ "$@"; echo $? > code; } 2>&1 | ${reader}; while [ ! -s code ]; do sleep 0.1; done`;
  const command = [process.execPath, programPath, ...args, ...place];
  const { stdout } = await run('/bin/sh', ['-c', script, 'sh', ...command], {
    cwd: app.folder,
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', OMS_INPUT_PASSWORD: 'correct-horse' },
  });
  return { code: (await readFile(join(app.folder, 'code'), 'utf8')).trim(), read: stdout };
}

async function statuses(app: TestApp): Promise<unknown> {
  const { releases } = resultOf(await app.run('history'));
  return (releases as readonly { readonly status: string }[]).map(({ status }) => status);
}

async function lockOf(app: TestApp): Promise<unknown> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${app.namespace}/leases/oms-deploy.web`;
  const { body } = await app.sandbox.request('GET', path);
  return (body as { readonly spec?: { readonly holderIdentity?: unknown } }).spec?.holderIdentity;
}

test('up goes on to its end where nobody reads it any more', async (t: TestContext) => {
  const app = await makeApp(t, { createNamespace: false });
  for (const [output, reader] of [
    ['plain', 'head -3'],
    ['json', ':'],
  ] as const) {
    const tag = output === 'plain' ? '1' : '2';
    const { code, read } = await unread(app, reader, ['up', '--yes', '--output', output, '--image', `reader=:${tag}`]);
    assert.equal(code, '0');
    assert.ok(read.split('\n').length <= 4, read);
  }
  assert.deepEqual(await statuses(app), ['deployed', 'deployed']);
  assert.ok([undefined, '', null].includes((await lockOf(app)) as undefined), 'the lock was given back');

  const bad = await unread(app, ':', ['up', '--yes', '--image', 'reader=:3', '--set', 'nothing=1', '--timeout', '1']);
  assert.notEqual(bad.code, '0', 'the exit code is its own');
  const cleaned = await unread(app, 'head -1', ['cleanup', '--yes', '--confirm', app.namespace]);
  assert.equal(cleaned.code, '0');
  assert.equal((await app.sandbox.request('GET', `/api/v1/namespaces/${app.namespace}`)).status, 404);
});

test('logs end where nobody reads them any more', async (t: TestContext) => {
  const app = await makeApp(t);
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  const { code, read } = await unread(app, 'head -1', ['logs', 'reader', '--follow']);
  assert.equal(code, '0');
  assert.equal(read.split('\n').length, 2);
});

test('a terminal that goes away ends a deploy as Ctrl-C does: recorded, and the lock given back', {
  skip: noTerminal,
}, async (t) => {
  const app = await makeApp(t);
  const env = { KUBECONFIG: app.sandbox.kubeconfig, OMS_INPUT_PASSWORD: 'correct-horse' };
  const session = openSession(['up', '-n', app.namespace, '--image', 'reader=:never-ready'], app.folder, { env });
  await session.see('(y/N)');
  session.type(`y${keys.enter}`);
  await session.see('reader');
  await session.until(({ text }) => /reader .*0\/2/.test(text));
  session.hangUp();
  const { code } = await session.ended;
  // 128 and the number of SIGHUP.
  assert.equal(code, 129);
  assert.deepEqual(await statuses(app), ['interrupted']);
  assert.ok([undefined, '', null].includes((await lockOf(app)) as undefined), 'the lock was given back');
});

test('a terminal that goes away at the question: nothing is changed', { skip: noTerminal }, async (t) => {
  const app = await makeApp(t);
  const env = { KUBECONFIG: app.sandbox.kubeconfig, OMS_INPUT_PASSWORD: 'correct-horse' };
  const session = openSession(['up', '-n', app.namespace], app.folder, { env });
  await session.see('(y/N)');
  session.hangUp();
  const { code } = await session.ended;
  // 128 and the number of SIGHUP.
  assert.equal(code, 129);
  assert.deepEqual(await statuses(app), []);
});
