import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { arrayOf, at, type Json } from '../../src/model/json.ts';
import { type CliResult, findingIds, makeFolder, resultOf, runCli } from '../support/cli.ts';
import { makeEksApp, makeKubeconfig } from '../support/eks/app.ts';
import { type EksStand, motoArn, startEks } from '../support/eks/eks.ts';
import { whyNoMoto } from '../support/moto/moto.ts';

/** Kubeconfigs that we write, and those that others have written: with programs that give the credentials. */
const whyNot = await whyNoMoto();
const needsMoto = { skip: whyNot ?? false };
const name = 'crypto-oms-dev';
let stand: EksStand;

before(async () => {
  if (whyNot === undefined) stand = await startEks(name, { vpcId: 'vpc-0a1b2c3d4e5f60718' });
});
after(() => stand?.stop());

test('token: what a credential plugin prints, and the cluster accepts it', needsMoto, async (t) => {
  const app = await makeEksApp(t, stand);
  const key = stand.createKey();
  const env = { ...stand.env, AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey };
  const run = await runCli(['token', '--cluster', name], { env });
  assert.equal(run.code, 0, run.stderr);
  const credential: Json = JSON.parse(run.stdout);
  assert.equal(at(credential, 'kind'), 'ExecCredential');
  const endsInMs = Date.parse(String(at(credential, 'status', 'expirationTimestamp'))) - Date.now();
  assert.ok(endsInMs > 13 * 60_000 && endsInMs <= 14 * 60_000, `${endsInMs}`);
  const token = String(at(credential, 'status', 'token'));
  const kubeconfig = await makeKubeconfig(t, stand, { context: 'by-token', user: { token } });
  const plan = await app.run('plan', ['--kubeconfig', kubeconfig]);
  assert.equal(plan.code, 0, plan.stdout);
  const users = await stand.sandbox.auditEvents(({ requestURI }) => requestURI.includes(app.namespace));
  assert.deepEqual([...new Set(users.map(({ user }) => user))], [motoArn]);
});

for (const exec of ['aws', 'oms-deploy'] as const) {
  test(`kubeconfig --exec ${exec}: a file of its own with no token in it`, needsMoto, async (t) => {
    const app = await makeEksApp(t, stand);
    const home = await makeFolder(t, { '.kube/config': 'mine', kubeconfig: 'mine, too' });
    const env = { HOME: home, KUBECONFIG: join(home, 'kubeconfig'), AWS_PROFILE: '' };
    const out = join(home, 'eks');
    const args = ['--cluster', name, '--exec', exec, '--out'];
    const written = await app.run('kubeconfig', [...args, out], { env });
    assert.equal(written.code, 0, written.stdout);
    assert.equal((await stat(out)).mode & 0o777, 0o600);
    const text = await readFile(out, 'utf8');
    assert.doesNotMatch(text, /k8s-aws-v1/);
    const config: Json = parse(text);
    assert.equal(at(arrayOf(at(config, 'clusters'))[0], 'cluster', 'server'), stand.sandbox.server);
    assert.equal(at(arrayOf(at(config, 'contexts'))[0], 'context', 'namespace'), app.namespace);
    // Ours may be written again; those of the user are left alone.
    assert.equal((await app.run('kubeconfig', [...args, out], { env })).code, 0);
    for (const other of ['.kube/config', 'kubeconfig']) {
      const refused = await app.run('kubeconfig', [...args, join(home, other)], { env });
      assert.equal(refused.code, 2, refused.stdout);
      assert.match(await readFile(join(home, other), 'utf8'), /^mine/);
    }
  });
}

test(
  'kubeconfig --exec oms-deploy: its program is started by kubectl, and by us, one process at a time',
  needsMoto,
  async (t) => {
    const app = await makeEksApp(t, stand);
    const out = join(app.folder, 'eks');
    assert.equal((await app.run('kubeconfig', ['--cluster', name, '--exec', 'oms-deploy', '--out', out])).code, 0);
    const run = await app.run('up', ['--yes', '--kubeconfig', out]);
    assert.equal(run.code, 0, run.stdout);
  },
);

/** A kubeconfig whose program writes down that it was called, and prints what it is told. */
async function withPlugin(
  t: Parameters<typeof makeKubeconfig>[0],
  script: string,
): Promise<{ kubeconfig: string; calls: () => Promise<number> }> {
  const folder = await makeFolder(t, { log: '' });
  const program = join(folder, 'plugin');
  await writeFile(program, `#!/bin/sh\necho call >> ${folder}/log\n${script}\n`);
  await chmod(program, 0o755);
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: program,
    args: ['--cluster-name', name],
    interactiveMode: 'Never',
  };
  const kubeconfig = await makeKubeconfig(t, stand, { context: 'by-plugin', user: { exec } });
  const calls = async (): Promise<number> => (await readFile(join(folder, 'log'), 'utf8')).split('\n').length - 1;
  return { kubeconfig, calls };
}

function credential(token: string, seconds: number): string {
  const expirationTimestamp = new Date(Date.now() + seconds * 1_000).toISOString();
  const body = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token, expirationTimestamp },
  };
  return `echo '${JSON.stringify(body)}'`;
}

test('a program in a kubeconfig is started once for a whole deploy', needsMoto, async (t) => {
  const app = await makeEksApp(t, stand);
  const { kubeconfig, calls } = await withPlugin(t, credential(stand.sandbox.token, 3_600));
  const run = await app.run('up', ['--yes', '--kubeconfig', kubeconfig]);
  assert.equal(run.code, 0, run.stdout);
  assert.equal(await calls(), 1);
});

test('a program whose credentials are refused is asked once more, and no oftener', needsMoto, async (t) => {
  const app = await makeEksApp(t, stand);
  const { kubeconfig, calls } = await withPlugin(t, credential('wrong', 3_600));
  const run = await app.run('up', ['--yes', '--kubeconfig', kubeconfig]);
  assert.equal(run.code, 4, run.stdout);
  assert.match(causeOf(run), /does not accept these credentials/);
  assert.equal(await calls(), 2);
});

test('a program that fails, or is not there: its own words, and what to do', needsMoto, async (t) => {
  const app = await makeEksApp(t, stand);
  const failing = await withPlugin(t, "echo 'The SSO session associated with this profile has expired.' >&2; exit 255");
  const run = await app.run('up', ['--yes', '--kubeconfig', failing.kubeconfig]);
  assert.equal(run.code, 4, run.stdout);
  assert.match(
    causeOf(run),
    /The program of the kubeconfig that gives the credentials failed: .*plugin --cluster-name/,
  );
  assert.match(run.stdout, /SSO session associated with this profile has expired/);
  assert.match(run.stdout, /Log in again: aws sso login/);
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: '/nonexistent/aws', interactiveMode: 'Never' };
  const kubeconfig = await makeKubeconfig(t, stand, { context: 'gone', user: { exec } });
  const gone = await app.run('up', ['--yes', '--kubeconfig', kubeconfig]);
  assert.equal(gone.code, 4, gone.stdout);
  assert.match(gone.stdout, /There is no such program\./);
  assert.match(gone.stdout, /Install \/nonexistent\/aws/);
});

test("a kubeconfig's program with another profile than the rest: a warning", needsMoto, async (t) => {
  const app = await makeEksApp(t, stand);
  const { kubeconfig } = await withPlugin(t, credential(stand.sandbox.token, 3_600));
  const config: Json = JSON.parse(await readFile(kubeconfig, 'utf8'));
  const exec = at(arrayOf(at(config, 'users'))[0], 'user', 'exec');
  Object.assign(exec as object, { env: [{ name: 'AWS_PROFILE', value: 'prod' }] });
  await writeFile(kubeconfig, JSON.stringify(config));
  const run = await app.run('plan', ['--kubeconfig', kubeconfig]);
  assert.equal(run.code, 0, run.stdout);
  assert.ok(findingIds(run).includes('target/other-profile'), run.stdout);
});

const run = promisify(execFile);
const canUnshare = await run('unshare', ['--mount', 'true']).then(
  () => true,
  () => false,
);
const needsNamespaces = { skip: needsMoto.skip || (canUnshare ? false : 'no mount namespaces (unshare --mount) here') };

test("in a pod: the service account's token and CA, no kubeconfig", needsNamespaces, async (t) => {
  const app = await makeEksApp(t, stand);
  const folder = await makeFolder(t, { token: stand.sandbox.token, 'ca.crt': stand.sandbox.ca, namespace: 'default' });
  const at = '/var/run/secrets/kubernetes.io/serviceaccount';
  const { hostname, port } = new URL(stand.sandbox.server);
  // A mount of this process alone: nothing of the machine changes.
  const mount = `mount -t tmpfs tmpfs /var/run && mkdir -p ${at} && cp ${folder}/* ${at}/ && exec "$@"`;
  const program = join(import.meta.dirname, '..', '..', 'bin', 'oms-deploy.js');
  const args = ['plan', '--namespace', app.namespace, '--output', 'json'];
  const { stdout } = await run('unshare', ['--mount', 'sh', '-c', mount, 'sh', process.execPath, program, ...args], {
    cwd: app.folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      OMS_INPUT_PASSWORD: 'correct-horse',
      KUBERNETES_SERVICE_HOST: hostname,
      KUBERNETES_SERVICE_PORT: port,
    },
  });
  assert.match(stdout, /"cluster":"inClusterContext"/);
  assert.match(stdout, /"exitCode":0/);
});

function causeOf(run: CliResult): string {
  const [finding] = resultOf(run).findings as readonly { cause: string }[];
  return finding?.cause ?? '';
}
