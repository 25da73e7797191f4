import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CreateRepositoryCommand, ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { arrayOf, at, type Json, objectOf, stringOf } from '../../src/model/json.ts';
import { findProgram } from '../../src/program.ts';
import { findingIds, resultOf, runCli } from '../support/cli.ts';
import { type EksStand, region, startEks } from '../support/eks/eks.ts';
import { whyNoMoto } from '../support/moto/moto.ts';

/** The whole way of a first deploy: Terraform's outputs and a login to AWS, and nothing else. */
const run = promisify(execFile);
const fixture = fileURLToPath(new URL('../fixtures/terraform/oms', import.meta.url));
const find = (name: string): Promise<string | undefined> => findProgram(name, process.env, tmpdir());
const program = (await find('terraform')) ?? (await find('tofu'));
const whyNot = (await whyNoMoto()) ?? (program === undefined ? 'neither terraform nor tofu is on PATH' : undefined);
const needsAll = { skip: whyNot ?? false };
const services = ['market-data', 'order-ingestion', 'order-processor', 'risk-engine'];
const tag = '1.4.2';
const password = "cAnAry:/@%1 '#&{x}";

let stand: EksStand;
let folder = '';
let secretArn = '';

before(async () => {
  if (whyNot !== undefined) return;
  folder = await mkdtemp(join(tmpdir(), 'oms-eks-'));
  stand = await startEks('crypto-oms-dev', { vpcId: 'vpc-0a1b2c3d4e5f60718' });
  secretArn = await makeAws();
  await cp(fixture, folder, { recursive: true });
  const env = {
    ...process.env,
    TF_VAR_eks_cluster_endpoint: stand.sandbox.server,
    TF_VAR_documentdb_secret_arn: secretArn,
  };
  for (const args of [['init'], ['apply', '-auto-approve']])
    await run(program ?? '', [`-chdir=${folder}`, ...args, '-input=false', '-no-color'], { env });
});
after(async () => {
  await stand?.stop();
  if (folder !== '') await rm(folder, { recursive: true, force: true });
});

/** The secret of DocumentDB and an image for each service, as the original's Terraform and pipeline make them. */
async function makeAws(): Promise<string> {
  const options = {
    region,
    endpoint: stand.moto.url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const ecr = new ECRClient(options);
  for (const service of services) {
    const repositoryName = `crypto-oms/${service}`;
    await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    await ecr.send(new PutImageCommand({ repositoryName, imageTag: tag, imageManifest: imageIndex(service) }));
  }
  const secrets = new SecretsManagerClient(options);
  const SecretString = JSON.stringify({ username: 'oms@app', password, engine: 'mongo', port: 27017 });
  const { ARN = '' } = await secrets.send(new CreateSecretCommand({ Name: 'crypto-oms-dev/documentdb', SecretString }));
  ecr.destroy();
  secrets.destroy();
  return ARN;
}

/** An OCI image index for both architectures; its layers don't matter. */
function imageIndex(service: string): string {
  const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
  const manifests = ['amd64', 'arm64'].map((architecture) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: digestOf(`${service}/${architecture}`),
    size: 1,
    platform: { os: 'linux', architecture },
  }));
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests,
    annotations: { service },
  });
}

test('the OMS from the Terraform fixture alone, with --yes and no kubeconfig', needsAll, async () => {
  const { accessKeyId, secretAccessKey } = stand.createKey();
  const env = { ...stand.env, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const terraform = ['--terraform-dir', folder, '--terraform-bin', program ?? ''];
  const up = ['up', ...terraform, '--tag', tag, '--yes', '--output', 'json'];
  const first = await runCli(up, { env, cwd: folder });
  assert.equal(first.code, 0, first.stdout + first.stderr);
  assert.deepEqual(resultOf(first).changes, { created: 18, updated: 0, unchanged: 0, deleted: 0 });
  assert.deepEqual(findingIds(first), []);
  const get = async (path: string): Promise<Json> => (await stand.sandbox.request('GET', path)).body;
  const pods = arrayOf(objectOf(await get('/api/v1/namespaces/crypto-oms/pods')).items);
  assert.equal(pods.length, 9);
  for (const deployment of arrayOf(objectOf(await get('/apis/apps/v1/namespaces/crypto-oms/deployments')).items)) {
    const [container] = arrayOf(at(deployment, 'spec', 'template', 'spec', 'containers'));
    const name = stringOf(at(deployment, 'metadata', 'name')) ?? '';
    const host = `123456789012.dkr.ecr.${region}.amazonaws.com/crypto-oms/${name}`;
    assert.match(stringOf(at(container, 'image')) ?? '', new RegExp(`^${host}@sha256:[0-9a-f]{64}$`));
    assert.equal(at(deployment, 'metadata', 'annotations', 'oms-deploy.io/image-tags'), `${name}=${tag}`);
  }
  const secret = objectOf(objectOf(await get('/api/v1/namespaces/crypto-oms/secrets/app-secrets')).data);
  const values = Object.values(secret).map((value) => Buffer.from(stringOf(value) ?? '', 'base64').toString('utf8'));
  const uri = values.find((value) => value.startsWith('mongodb://')) ?? '';
  const [, user = '', typed = ''] = /^mongodb:\/\/([^:]+):([^@]+)@/.exec(uri) ?? [];
  assert.deepEqual([decodeURIComponent(user), decodeURIComponent(typed)], ['oms@app', password]);
  assert.doesNotMatch(first.stdout + first.stderr, /cAnAry/);
  const asked = new Set(stand.front.asked.map((one) => one.split(' ')[0]));
  for (const service of ['sts', 'eks', 'ecr', 'secretsmanager']) assert.ok(asked.has(service), service);
  const again = await runCli(up, { env, cwd: folder });
  assert.equal(again.code, 0, again.stdout);
  assert.deepEqual(resultOf(again).changes, { created: 0, updated: 0, unchanged: 18, deleted: 0 });
  const verify = await runCli(['verify', ...terraform, '--output', 'json'], { env, cwd: folder });
  assert.equal(verify.code, 0, verify.stdout);
});
