import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { commands } from '../../src/cli/commands/index.ts';
import { makeApp, type TestApp } from '../support/app.ts';
import { type CliResult, eventsOf, programPath } from '../support/cli.ts';

/** What a command is called with where nobody can be asked, and how it has to end. */
interface Row {
  readonly args: readonly string[];
  readonly code: number;
  /** Of a question that can't be asked: what answers it beforehand. */
  readonly flag?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** In the order in which they are run. A command without a row is a command of which nobody knows whether it ends. */
function rowsOf({ sandbox, namespace }: TestApp): readonly Row[] {
  const home = ['--namespace', namespace];
  const there = ['--kubeconfig', sandbox.kubeconfig, ...home];
  const debug = ['--set', 'level=Debug'];
  return [
    { args: ['init', '--out', 'other.yaml'], code: 2, flag: '--yes' },
    { args: ['up', ...there], code: 2, flag: '--yes' },
    { args: ['up', ...there], code: 3, flag: 'OMS_INPUT_PASSWORD', env: { OMS_INPUT_PASSWORD: '' } },
    { args: ['up', ...there, '--yes'], code: 0 },
    { args: ['up', ...there, '--yes', ...debug], code: 0 },
    { args: ['plan', ...there, ...debug], code: 0 },
    { args: ['plan', ...there, '--detailed-exitcode'], code: 9 },
    { args: ['render', ...home], code: 0 },
    { args: ['explain', ...there, 'configmap/settings', 'level'], code: 0 },
    { args: ['lint', ...home], code: 0 },
    { args: ['addons', ...there], code: 0 },
    { args: ['rollback', ...there], code: 2, flag: '--yes' },
    { args: ['history', ...there], code: 0 },
    { args: ['rollout', 'restart', 'reader', ...there], code: 2, flag: '--yes' },
    { args: ['rollout', 'set-image', 'reader', 'example.com/reader:2', ...there], code: 2, flag: '--yes' },
    { args: ['rollout', 'undo', 'other', ...there], code: 2 },
    { args: ['rollout', 'status', 'reader', ...there], code: 0 },
    { args: ['verify', ...there], code: 0 },
    { args: ['status', ...there], code: 0 },
    { args: ['logs', ...there], code: 0 },
    { args: ['doctor', ...there], code: 0 },
    { args: ['unlock', ...there], code: 2, flag: '--yes' },
    { args: ['unlock', ...there, '--yes'], code: 0 },
    { args: ['config', 'show'], code: 0 },
    { args: ['config', 'schema', '--events'], code: 0 },
    { args: ['completion', 'bash'], code: 0 },
    { args: ['kubeconfig', '--cluster', 'shop', '--region', 'eu-west-1'], code: 2, flag: '--out' },
    { args: ['token'], code: 2, flag: '--cluster' },
    { args: ['sandbox', 'status', '--state', sandbox.state], code: 0 },
    { args: ['cleanup', ...there], code: 2, flag: '--yes' },
    { args: ['cleanup', ...there, '--yes'], code: 2, flag: '--confirm' },
  ];
}

/** Runs the program as CI does, its standard input really closed, and waits a minute for it to end by itself. */
function runClosed(row: Row, output: 'plain' | 'json', app: TestApp): Promise<CliResult> {
  const env = {
    ...{ PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', CI: 'true' },
    ...{ OMS_INPUT_PASSWORD: 'correct-horse', OMS_DEPLOY_OUTPUT: output, ...row.env },
  };
  const command = ['-c', 'exec "$0" "$@" <&-', process.execPath, programPath, ...row.args];
  const child = spawn('sh', command, { cwd: app.folder, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** A lock that somebody holds for an hour. */
async function holdLock({ sandbox, namespace }: TestApp): Promise<void> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/oms-deploy.web`;
  const renewTime = new Date().toISOString().replace('Z', '000Z');
  const spec = { holderIdentity: 'kim', renewTime, leaseDurationSeconds: 3600 };
  const body = { metadata: { annotations: { 'oms-deploy.io/holder': null } }, spec };
  const { status } = await sandbox.request('PATCH', path, body, 'application/merge-patch+json');
  assert.equal(status, 200);
}

for (const output of ['plain', 'json'] as const) {
  test(`every command ends by itself with its exit code where nobody can be asked: ${output}`, async (t) => {
    const app = await makeApp(t);
    const rows = rowsOf(app);
    const tried = new Set(rows.map(({ args }) => args[0]));
    assert.deepEqual(
      commands.map(({ name }) => name).filter((name) => !tried.has(name)),
      [],
      'commands without a row',
    );
    for (const row of rows) {
      if (row.args[0] === 'unlock' && row.flag !== undefined) await holdLock(app);
      const run = await runClosed(row, output, app);
      const said = `${row.args.join(' ')}\n${run.stdout}${run.stderr}`;
      assert.deepEqual([run.signal, run.code], [null, row.code], said);
      if (row.flag !== undefined) assert.ok((run.stdout + run.stderr).includes(row.flag), said);
      if (output === 'json') assert.equal(eventsOf(run).at(-1)?.exitCode, row.code, said);
    }
  });
}
