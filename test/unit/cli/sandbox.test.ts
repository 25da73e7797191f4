import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { at } from '../../../src/model/json.ts';
import { refOfProcess } from '../../../src/sandbox/processes.ts';
import { writeState } from '../../../src/sandbox/state.ts';
import { makeFolder, resultOf, runCli } from '../../support/cli.ts';

/** A folder with what a sandbox records that is ready; a process of ours stands for its supervisor. */
async function readySandbox(t: TestContext, dir: string, ports: Readonly<Record<string, number>> = {}): Promise<void> {
  const supervisor = spawn('sleep', ['60']);
  t.after(() => supervisor.kill('SIGKILL'));
  const ref = await refOfProcess(supervisor.pid ?? 0);
  assert.ok(ref !== undefined);
  const words = { startedAt: '2026-01-01T00:00:00Z', version: 'v1.36.3', server: 'https://127.0.0.1:1', control: '' };
  writeState(dir, { ...words, status: 'ready', supervisor: ref, components: [], node: 'kwok', ports });
}

test('status of no sandbox: exit 0, and the command that starts it', async (t) => {
  const cwd = await makeFolder(t, {});
  const status = (...args: readonly string[]) => runCli(['sandbox', 'status', '--output', 'human', ...args], { cwd });
  const usual = await status();
  assert.deepEqual([usual.code, usual.stdout], [0, 'No sandbox is running.\n  next   oms-deploy sandbox start\n']);
  const { stdout } = await status('--state', 'my own');
  assert.equal(stdout, `No sandbox is running.\n  next   oms-deploy sandbox start --state '${join(cwd, 'my own')}'\n`);
  const json = await runCli(['sandbox', 'status', '--output', 'json'], { cwd });
  assert.deepEqual([json.code, resultOf(json).running], [0, false]);
});

test('what to do with a sandbox: --sandbox where that finds it, else its kubeconfig', async (t) => {
  const dir = await makeFolder(t, {});
  await readySandbox(t, dir);
  const next = async (args: readonly string[], env = {}) => {
    const run = await runCli(['sandbox', 'start', '--output', 'human', ...args], { env });
    assert.equal(run.code, 0, run.stderr);
    return run.stdout.split('\n').filter((line) => /^ {2}oms-deploy (up .*-f|sandbox)/.test(line));
  };
  const found = ['  oms-deploy up --sandbox -f k8s -n demo', '  oms-deploy sandbox stop'];
  assert.deepEqual(await next([], { OMS_DEPLOY_STATE: dir }), found);
  assert.deepEqual(await next(['--state', dir], { OMS_DEPLOY_STATE: dir }), found);
  assert.deepEqual(await next(['--state', dir]), [
    `  oms-deploy up --kubeconfig ${join(dir, 'kubeconfig')} -f k8s -n demo`,
    `  oms-deploy sandbox stop --state ${dir}`,
  ]);
  const home = await makeFolder(t, { '.cache/oms-deploy/sandbox/default/x': '' });
  const usual = join(home, '.cache/oms-deploy/sandbox/default');
  await readySandbox(t, usual);
  assert.deepEqual(await next(['--state', usual], { HOME: home }), found);
});

test('an empty OMS_DEPLOY_STATE is none: never the working directory', async (t) => {
  const cwd = await makeFolder(t, {});
  await readySandbox(t, cwd);
  const env = { OMS_DEPLOY_STATE: '', HOME: await makeFolder(t, {}) };
  const status = await runCli(['sandbox', 'status', '--output', 'json'], { cwd, env });
  assert.deepEqual([status.code, resultOf(status).running], [0, false]);
  const { code, stderr } = await runCli(['status', '-n', 'shop', '--sandbox'], { cwd, env });
  assert.equal(code, 4);
  assert.match(stderr, /Looked in .*\/\.cache\/oms-deploy\/sandbox\/default\./);
});

test('who forgets --sandbox is told of the one that runs, where no cluster is named', async (t) => {
  const dir = await makeFolder(t, {});
  const env = { OMS_DEPLOY_STATE: dir, HOME: await makeFolder(t, {}) };
  const refusal = async (): Promise<string> => {
    const run = await runCli(['status', '-n', 'shop', '--output', 'json'], { cwd: dir, env });
    assert.equal(run.code, 4);
    return String(at(resultOf(run), 'error', 'fix'));
  };
  assert.match(await refusal(), /^Name it: --cluster <name>.* Or try `oms-deploy sandbox start`/);
  await readySandbox(t, dir);
  assert.match(await refusal(), /^A sandbox runs on this machine: add --sandbox\. Or name another cluster: /);
});

test('what is said of the built-in application has all that it wants', async (t) => {
  const dir = await makeFolder(t, {});
  await readySandbox(t, dir);
  const { stdout } = await runCli(['sandbox', 'start', '--output', 'human'], { env: { OMS_DEPLOY_STATE: dir } });
  const [, variables = ''] = /^ {2}export (OMS_INPUT.*)$/m.exec(stdout) ?? [];
  const env = Object.fromEntries(variables.split(' ').map((one) => one.split('=')));
  const [, flags = ''] = /^ {2}oms-deploy up --sandbox (--config[^]*?[^\\])\n\S/m.exec(stdout) ?? [];
  const { code, stderr } = await runCli(['render', ...flags.replaceAll('\\\n', ' ').trim().split(/\s+/)], {
    cwd: dir,
    env,
  });
  assert.equal(code, 0, `${flags}\n${stderr}`);
});

test('an action that is misspelt is guessed', async () => {
  assert.match((await runCli(['sandbox', 'strat'])).stderr, /There is no `sandbox strat`\.\n.*Did you mean start/);
});

test('a running sandbox keeps its nodes: another kind of them is refused', async (t) => {
  const dir = await makeFolder(t, {});
  await readySandbox(t, dir);
  const run = await runCli(['sandbox', 'start', '--node', 'real', '--state', dir, '--output', 'human']);
  assert.equal(run.code, 2);
  assert.match(
    run.stderr,
    /is already running, with simulated nodes\.\n +do +Stop it first with `oms-deploy sandbox stop`/,
  );
});

test('images are published where a real node runs, under whole names', async (t) => {
  const dir = await makeFolder(t, {});
  const image = (...names: readonly string[]) =>
    runCli(['sandbox', 'image', ...names, '--state', dir, '--output', 'human']);
  const none = await image('team/app:1.0');
  assert.equal(none.code, 2);
  assert.match(
    none.stderr,
    /^. No sandbox with a real node is running\.\n +do +Start one with `oms-deploy sandbox start --node real`/,
  );
  await readySandbox(t, dir);
  assert.match((await image('team/app:1.0')).stderr, /has simulated nodes, which pull no images/);
  await readySandbox(t, dir, { registry: 1 });
  for (const wrong of [[], ['team/app'], ['Team/app:1.0'], ['team/app:1.0', 'app:']]) {
    const { code, stderr } = await image(...wrong);
    assert.equal(code, 2);
    assert.match(stderr, /Name the images, each with its repository and tag\./);
  }
});
