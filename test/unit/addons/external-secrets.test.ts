import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { arrayOf, at, type JsonObject, objectOf, stringOf } from '../../../src/model/json.ts';
import { makeFolder, runCli } from '../../support/cli.ts';

const config = `application: shop
namespace: shop
manifests: [k8s]
checks: {ignore: [{id: config/unused, reason: nothing reads them here}]}
inputs:
  password: {secret: true, sources: [{secretsManager: {id: prod/db, key: password}}]}
  api_key: {secret: true, sources: [{ssm: /prod/api-key}]}
  typed: {secret: true, prompt: Typed}
  url: {secret: true, compose: ["postgres://app:\${password|uri}@db/shop"]}
`;

const secret = (name: string, data: string): string => `---
apiVersion: v1
kind: Secret
metadata: { name: ${name}, labels: { tier: data } }
type: example.com/login
stringData: { ${data} }
`;
const database = secret('db', 'url: "${url}", user: app-${namespace}');

const env = {
  AWS_REGION: 'eu-west-1',
  OMS_INPUT_PASSWORD: 'correct-horse!',
  OMS_INPUT_API_KEY: 'battery-staple',
  OMS_INPUT_TYPED: 'typed-by-hand',
};

interface Rendered {
  readonly objects: readonly JsonObject[];
  readonly names: readonly string[];
  readonly stderr: string;
}

async function render(t: TestContext, manifests: string, args: readonly string[] = []): Promise<Rendered> {
  const cwd = await makeFolder(t, { 'oms-deploy.yaml': config, 'k8s/app.yaml': manifests });
  const result = await runCli(['render', '--with', 'external-secrets', ...args], { cwd, env });
  assert.equal(result.code, 0, result.stderr);
  for (const value of Object.values(env).slice(1)) {
    assert.ok(!result.stdout.includes(value) && !result.stderr.includes(value), value);
    assert.ok(!result.stdout.includes(Buffer.from(value).toString('base64').slice(0, 12)), `${value} as base64`);
  }
  const objects = parseAllDocuments(result.stdout).map((document) => objectOf(document.toJS()));
  const names = objects.map((one) => `${String(one.kind)}/${stringOf(at(one, 'metadata', 'name')) ?? ''}`);
  return { objects, names, stderr: result.stderr };
}

test('a Secret that AWS keeps becomes an ExternalSecret of the one store that it needs', async (t) => {
  const { objects, names } = await render(t, database);
  assert.deepEqual(names, ['SecretStore/shop-secrets-manager', 'ExternalSecret/db']);
  const [store, external] = objects;
  assert.deepEqual(at(store, 'spec', 'provider'), { aws: { service: 'SecretsManager', region: 'eu-west-1' } });
  assert.equal(at(external, 'spec', 'target', 'template', 'type'), 'example.com/login');
  assert.equal(at(external, 'spec', 'target', 'template', 'metadata', 'labels', 'tier'), 'data');
  assert.deepEqual(at(external, 'spec', 'target', 'template', 'data'), {
    url: 'postgres://app:{{ .password | urlquery | replace "+" "%20" }}@db/shop',
    user: 'app-shop',
  });
  assert.deepEqual(at(external, 'spec', 'data'), [
    {
      secretKey: 'password',
      remoteRef: { key: 'prod/db', property: 'password' },
      sourceRef: { storeRef: { kind: 'SecretStore', name: 'shop-secrets-manager' } },
    },
  ]);
});

test('with a role the operator reads through a ServiceAccount, from each store that is needed', async (t) => {
  const role = 'arn:aws:iam::123456789012:role/reader';
  const both = `${database}${secret('keys', 'key: "${api_key}"')}`;
  const { objects, names } = await render(t, both, ['--set', `external_secrets_role_arn=${role}`]);
  assert.deepEqual(names, [
    'ServiceAccount/shop-external-secrets',
    'SecretStore/shop-secrets-manager',
    'SecretStore/shop-parameter-store',
    'ExternalSecret/db',
    'ExternalSecret/keys',
  ]);
  const [account, ...others] = objects;
  assert.deepEqual(at(account, 'metadata', 'annotations'), { 'eks.amazonaws.com/role-arn': role });
  for (const store of others.slice(0, 2))
    assert.deepEqual(at(store, 'spec', 'provider', 'aws', 'auth'), {
      jwt: { serviceAccountRef: { name: 'shop-external-secrets' } },
    });
});

test('what AWS keeps only in part stays a Secret, and why is said; then nothing else is brought', async (t) => {
  const { names, stderr } = await render(t, secret('mixed', 'a: "${password}", b: "${typed}"'));
  assert.deepEqual(names, ['Secret/mixed']);
  assert.match(stderr, /Secret shop\/mixed is deployed as it is/);
  assert.match(stderr, /typed: comes from env OMS_INPUT_TYPED/);
});

test('a value that stands in the manifest is left there', async (t) => {
  const { names, stderr } = await render(t, secret('mixed', 'a: "${password}", b: written'));
  assert.deepEqual(names, ['Secret/mixed']);
  assert.match(stderr, /b: its value stands in the manifest/);
});

test('Secrets without a secret input are none of its business', async (t) => {
  const { names, stderr } = await render(t, secret('plain', 'user: app-${namespace}'));
  assert.deepEqual(names, ['Secret/plain']);
  assert.doesNotMatch(stderr, /is deployed as it is/);
});

test('a store of the application is taken instead', async (t) => {
  const own = `---
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: { name: aws, annotations: { oms-deploy.io/secrets: external } }
spec: { provider: { aws: { service: SecretsManager, region: eu-west-1 } } }
`;
  const { objects, names } = await render(t, `${database}${own}`);
  assert.deepEqual(names, ['ClusterSecretStore/aws', 'ExternalSecret/db']);
  const [data] = arrayOf(at(objects[1], 'spec', 'data'));
  assert.deepEqual(at(data, 'sourceRef', 'storeRef'), { kind: 'ClusterSecretStore', name: 'aws' });
});

test('the hash on pods tells nothing of a value where there is no salt', async (t) => {
  const pods = `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: 'example.com/web:1', envFrom: [{ secretRef: { name: db } }] }] }
`;
  const { objects } = await render(t, `${database}${pods}`);
  const web = objects.find(({ kind }) => kind === 'Deployment');
  assert.equal(at(web, 'spec', 'template', 'metadata', 'annotations'), undefined);
});
