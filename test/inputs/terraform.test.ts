import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DeployError } from '../../src/errors.ts';
import { type OutputsReading, type OutputsRequest, readOutputs } from '../../src/inputs/terraform.ts';
import { stringOf } from '../../src/model/json.ts';
import { findProgram } from '../../src/program.ts';
import { recordingHost, requestWith, resolveRequest } from '../unit/inputs/helpers.ts';

const run = promisify(execFile);
const fixture = fileURLToPath(new URL('../fixtures/terraform/oms/', import.meta.url));
const never = new AbortController().signal;
const home = await mkdtemp(join(tmpdir(), 'oms-terraform-'));
// No TF_* of this machine, no plugin cache, no update check.
const env = { PATH: process.env['PATH'], HOME: home, CHECKPOINT_DISABLE: '1' };
const real = (await findProgram('terraform', env, home)) ?? (await findProgram('tofu', env, home));
const needsTerraform = { skip: real === undefined && 'there is neither terraform nor tofu on PATH' };
const applied = join(home, 'applied');

async function terraform(dir: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(real ?? '', [`-chdir=${dir}`, ...args], { env: { ...env, TF_IN_AUTOMATION: '1' } });
  return stdout;
}

async function folder(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const dir = join(home, name);
  await mkdir(dir, { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(dir, file), text);
  return dir;
}

/** A program that stands in for Terraform: a shell script, in a folder of its own. */
async function script(name: string, body: string): Promise<string> {
  const path = join(await mkdtemp(join(home, 'bin-')), name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

async function read(request: Partial<OutputsRequest>, signal = never): Promise<OutputsReading> {
  return await readOutputs({ env, cwd: home, readStdin: () => Promise.resolve(''), ...request }, signal);
}

/** `id: cause` of the one finding, its fix, its evidence. */
async function failure(
  request: Partial<OutputsRequest>,
): Promise<{ id: string; cause: string; fix: string; evidence: string }> {
  const { findings, outputs, asked } = await read(request);
  assert.deepEqual([outputs.size, asked, findings.length], [0, true, 1]);
  const { id = '', cause = '', fix = '', evidence = [] } = findings[0] ?? {};
  return { id, cause, fix, evidence: evidence.join('\n') };
}

before(async () => {
  if (real === undefined) return;
  await cp(fixture, applied, { recursive: true });
  await terraform(applied, 'init', '-input=false');
  await terraform(applied, 'apply', '-auto-approve', '-input=false');
});
after(() => rm(home, { recursive: true, force: true }));

test('the outputs of an applied directory, sensitive ones in clear', needsTerraform, async () => {
  const { outputs, findings, describe } = await read({ terraformDir: 'applied' });
  assert.deepEqual(findings, []);
  assert.deepEqual(outputs.get('redis_port'), { value: 6379, sensitive: false, type: 'number' });
  assert.equal(outputs.get('kafka_bootstrap_brokers')?.sensitive, true);
  assert.match(stringOf(outputs.get('kafka_bootstrap_brokers')?.value) ?? '', /:9098,.*:9098$/);
  assert.match(describe('redis_port'), /^(terraform|tofu) output redis_port$/);
});

test('outputs.json of the fixture is what Terraform prints today', needsTerraform, async () => {
  const recorded: unknown = JSON.parse(await readFile(join(fixture, 'outputs.json'), 'utf8'));
  assert.deepEqual(JSON.parse(await terraform(applied, 'output', '-json')), recorded);
});

test('`output -json`, `show -json` and the state file hold the same outputs', needsTerraform, async () => {
  await writeFile(join(home, 'output.json'), await terraform(applied, 'output', '-json'));
  await writeFile(join(home, 'show.json'), await terraform(applied, 'show', '-json'));
  const valuesOf = ({ outputs }: OutputsReading): unknown =>
    Object.fromEntries([...outputs].map(([name, { value }]) => [name, value]));
  const direct = valuesOf(await read({ terraformDir: applied }));
  for (const outputsFile of ['output.json', 'show.json', 'applied/terraform.tfstate']) {
    assert.deepEqual(valuesOf(await read({ outputsFile })), direct, outputsFile);
  }
});

test(
  "a configuration's inputs from a real directory: the original's names and the README's, composed",
  needsTerraform,
  async () => {
    const specs = {
      kafka: { sources: [{ terraform: ['kafka_bootstrap_servers', 'kafka_bootstrap_brokers'] }] },
      host: { sources: [{ terraform: 'redis_endpoint' }] },
      port: { sources: [{ terraform: 'redis_port' }], default: 6379 },
      redis: { compose: ['${host}:${port},ssl=True,abortConnect=False'] },
    };
    const { inputs, findings } = await resolveRequest(
      requestWith(specs, { env, terraformDir: applied }),
      recordingHost(),
      never,
    );
    assert.deepEqual(findings, []);
    assert.deepEqual(
      [...inputs.values()].map(({ secret, source }) => [secret, source.kind]),
      [
        [false, 'terraform'],
        [false, 'terraform'],
        [false, 'terraform'],
        [false, 'composed'],
      ],
    );
    assert.equal(
      inputs.get('redis')?.value,
      'master.crypto-oms-dev.a1b2c3.use1.cache.amazonaws.com:6379,ssl=True,abortConnect=False',
    );
    assert.match(inputs.get('kafka')?.source.detail ?? '', /output kafka_bootstrap_brokers$/);
  },
);

test('null is dropped, "" is there', needsTerraform, async () => {
  const dir = await folder('null', { 'main.tf': 'output "n" { value = null }\noutput "e" { value = "" }\n' });
  await terraform(dir, 'apply', '-auto-approve', '-input=false');
  const { outputs } = await read({ terraformDir: dir });
  assert.deepEqual(
    [...outputs].map(([name, { value }]) => [name, value]),
    [['e', '']],
  );
});

test('never applied, destroyed, an empty folder', needsTerraform, async () => {
  const dir = await folder('fresh', { 'main.tf': 'output "x" { value = 1 }\n' });
  const fresh = await failure({ terraformDir: dir });
  assert.equal(fresh.id, 'terraform/no-outputs');
  assert.match(fresh.fix, /-chdir=\S+fresh apply/);
  await terraform(dir, 'apply', '-auto-approve', '-input=false');
  await terraform(dir, 'destroy', '-auto-approve', '-input=false');
  assert.equal((await failure({ terraformDir: dir })).id, 'terraform/no-outputs');
  assert.equal((await failure({ terraformDir: await folder('empty', {}) })).id, 'terraform/no-outputs');
});

test('a workspace that does not exist', needsTerraform, async () => {
  const { id, cause, fix } = await failure({ terraformDir: applied, env: { ...env, TF_WORKSPACE: 'prdo' } });
  assert.equal(id, 'terraform/no-outputs');
  assert.match(cause, /workspace prdo of TF_WORKSPACE/);
  assert.match(fix, /workspace list/);
});

test('a backend that is not initialised', needsTerraform, async () => {
  const main = 'terraform {\n  backend "s3" {\n    bucket = "b"\n    key    = "k"\n    region = "us-east-1"\n  }\n}\n';
  const { id, fix } = await failure({ terraformDir: await folder('s3 back end', { 'main.tf': main }) });
  assert.equal(id, 'terraform/not-initialised');
  assert.match(fix, /^Run: (terraform|tofu) -chdir='.*s3 back end' init$/);
});

test('bad HCL', needsTerraform, async () => {
  const { id, evidence } = await failure({
    terraformDir: await folder('bad', { 'main.tf': 'output "x" { value = \n' }),
  });
  assert.equal(id, 'terraform/bad-configuration');
  assert.match(evidence, /main\.tf line 1/);
});

test('a corrupt state, and one of a newer format', needsTerraform, async () => {
  const main = 'output "x" { value = 1 }\n';
  const corrupt = await folder('corrupt', { 'main.tf': main, 'terraform.tfstate': 'garbage' });
  const newer = await folder('newer', {
    'main.tf': main,
    'terraform.tfstate': '{"version":9,"terraform_version":"9.9.9"}',
  });
  for (const terraformDir of [corrupt, newer])
    assert.equal((await failure({ terraformDir })).id, 'terraform/state-unreadable');
});

test('a directory that is missing, or a file', async () => {
  assert.match((await failure({ terraformDir: 'nowhere' })).cause, /^The folder nowhere does not exist/);
  const file = join(await folder('file', { x: '' }), 'x');
  assert.match((await failure({ terraformDir: file })).cause, /is not a directory/);
});

test('the S3 backend refuses the credentials: both identities are named', async () => {
  const errors = {
    none: 'Error: No valid credential sources found',
    expired: '│ Error: error loading state: ExpiredToken: The provided token has expired.\n│ \tstatus code: 400',
    denied:
      'Error: Unable to access object "k" in S3 bucket "b": operation error S3: HeadObject, StatusCode: 403, api error Forbidden',
  };
  const terraformDir = await folder('backend', {});
  for (const text of Object.values(errors)) {
    const terraformBin = await script('terraform', `printf '%s\\n' '${text}' >&2; exit 1`);
    const { id, fix } = await failure({
      terraformDir,
      terraformBin,
      profile: 'cluster',
      env: { ...env, AWS_PROFILE: 'state' },
    });
    assert.equal(id, 'terraform/backend-refused');
    assert.match(fix, /AWS_PROFILE=state .*--profile cluster/);
  }
});

test('it is called once, with its variables, without our secrets', async () => {
  const log = join(home, 'calls');
  const json = '{"x":{"value":"y","sensitive":false}}';
  const terraformBin = await script(
    'terraform',
    `echo "$@ $TF_IN_AUTOMATION $TF_INPUT $MINE [$OMS_INPUT_PW]" >> '${log}'; echo '[command]x {'; echo '${json}'; echo 'Warning: {'`,
  );
  const terraformDir = await folder('once', {});
  const { outputs } = await read({
    terraformDir,
    terraformBin,
    env: { ...env, MINE: 'kept', OMS_INPUT_PW: 'hunter22' },
  });
  assert.equal(outputs.get('x')?.value, 'y');
  assert.equal(await readFile(log, 'utf8'), `-chdir=${terraformDir} output -json -no-color 1 0 kept []\n`);
});

test('an answer that is no JSON is not quoted', async () => {
  const terraformBin = await script('terraform', 'echo "x = hunter22"');
  const { id, cause, fix, evidence } = await failure({ terraformDir: await folder('plain', {}), terraformBin });
  assert.equal(id, 'terraform/unreadable-answer');
  assert.doesNotMatch(cause + fix + evidence, /hunter22/);
});

test('terraform comes before tofu, tofu is taken where there is no terraform', async () => {
  const terraformDir = await folder('which', {});
  const print = (who: string): string => `echo '{"who":{"value":"${who}"}}'`;
  const [one, two] = [
    join(await script('terraform', print('terraform')), '..'),
    join(await script('tofu', print('tofu')), '..'),
  ];
  // The scripts need a shell's PATH for nothing: echo is built in.
  const both = await read({ terraformDir, env: { PATH: [two, one].join(delimiter) } });
  assert.equal(both.outputs.get('who')?.value, 'terraform');
  const alone = await read({ terraformDir, env: { PATH: two } });
  assert.equal(alone.outputs.get('who')?.value, 'tofu');
  assert.equal(alone.describe('who'), 'tofu output who');
});

test('neither of them, a wrong --terraform-bin, a relative one', async () => {
  const terraformDir = await folder('none', {});
  const none = await failure({ terraformDir, env: { PATH: home } });
  assert.equal(none.id, 'terraform/no-program');
  assert.match(none.fix, /--outputs-file/);
  assert.match((await failure({ terraformDir, terraformBin: './nope' })).cause, /nope is not a program/);
  await symlink(await script('terraform', `echo '{"x":{"value":1}}'`), join(home, 'mytf'));
  assert.equal((await read({ terraformDir, terraformBin: './mytf' })).outputs.size, 1);
});

test('one that hangs, with a child that holds its pipes, is stopped by the time limit and by an abort', async () => {
  const terraformBin = await script('terraform', 'sleep 5 & sleep 5');
  const terraformDir = await folder('hang', {});
  const start = performance.now();
  assert.equal((await failure({ terraformDir, terraformBin, timeoutMs: 200 })).id, 'terraform/timeout');
  const abort = AbortSignal.timeout(200);
  await assert.rejects(
    read({ terraformDir, terraformBin }, abort),
    (error) => error instanceof DeployError && error.code === 'interrupted',
  );
  assert.ok(performance.now() - start < 4_000);
});

test('--outputs-file: missing, without outputs, UTF-16 of PowerShell, stdin', async () => {
  await folder('.', { 'empty.json': '{}', 'text.json': 'x = hunter22' });
  await writeFile(join(home, 'utf16.json'), Buffer.from('\uFEFF{"a":{"value":"é"}}', 'utf16le'));
  assert.match((await failure({ outputsFile: 'nope.json' })).cause, /does not exist/);
  assert.equal((await failure({ outputsFile: 'empty.json' })).id, 'terraform/no-outputs');
  assert.doesNotMatch(JSON.stringify(await failure({ outputsFile: 'text.json' })), /hunter22/);
  assert.equal((await read({ outputsFile: 'utf16.json' })).outputs.get('a')?.value, 'é');
  const stdin = await read({ outputsFile: '-', readStdin: () => Promise.resolve('{"a":1}') });
  assert.deepEqual([stdin.outputs.get('a')?.value, stdin.describe('a')], [1, 'stdin: a']);
});
