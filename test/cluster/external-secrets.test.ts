import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { arrayOf, at, type JsonObject, objectOf, stringOf } from '../../src/model/json.ts';
import { manifests } from '../support/app.ts';
import { type CliResult, findingIds, makeFolder, resultOf, runCli } from '../support/cli.ts';
import { installDefinitions, whyNoGo } from '../support/definitions.ts';
import { readable, recordsOf } from '../support/releases.ts';
import { eventually, startOwnSandbox, type TestSandbox } from '../support/sandbox.ts';
import { type Kept, startSecretsOperator } from '../support/secrets-operator.ts';
import { connectTo } from '../support/target.ts';

const config = `application: web
namespace: web
manifests: [k8s]
inputs:
  endpoint: {default: cache.example}
  level: {default: Information}
  password: {secret: true, sources: [{secretsManager: {id: prod/web, key: password}}]}
`;

const password = 'correct-horse';
const withAddon = ['--with', 'external-secrets'];

interface Shop {
  readonly namespace: string;
  readonly folder: string;
  readonly kept: Kept;
  /** Runs a command with `--output json`; the password is given by hand, as AWS has it, unless told otherwise. */
  run(command: string, args?: readonly string[], given?: string): Promise<CliResult>;
  get(path: string): Promise<JsonObject>;
  /** The uids of the pods of one `app` label. */
  podsOf(app: string): Promise<readonly string[]>;
}

async function shopIn(t: TestContext, sandbox: TestSandbox, settings = config): Promise<Shop> {
  const folder = await makeFolder(t, { 'oms-deploy.yaml': settings, 'k8s/app.yaml': manifests });
  const namespace = await sandbox.createNamespace('eso', t);
  const kept: Kept = new Map([['prod/web', JSON.stringify({ password })]]);
  const get: Shop['get'] = async (path) => {
    const { status, body } = await sandbox.request('GET', path.replace('NAMESPACE', namespace));
    return status === 200 ? objectOf(body) : {};
  };
  return {
    ...{ namespace, folder, kept, get },
    run: (command, args = [], given = password) => {
      const place = ['--kubeconfig', sandbox.kubeconfig, '--namespace', namespace, '--output', 'json'];
      const env = { AWS_REGION: 'eu-west-1', OMS_INPUT_PASSWORD: given };
      return runCli([command, ...place, ...args], { cwd: folder, env });
    },
    async podsOf(app) {
      const { items } = await get(`/api/v1/namespaces/NAMESPACE/pods?labelSelector=app%3D${app}`);
      const alive = arrayOf(items).filter((pod) => at(pod, 'metadata', 'deletionTimestamp') === undefined);
      return alive.map((pod) => String(at(pod, 'metadata', 'uid'))).sort();
    },
  };
}

const up = ['--yes', '--soak', '0s'];
const secretPath = '/api/v1/namespaces/NAMESPACE/secrets/credentials';
const externalPath = '/apis/external-secrets.io/v1/namespaces/NAMESPACE/externalsecrets/credentials';

/** Every change of the Secret from now on; ends with the test. */
async function watchSecret(
  t: TestContext,
  sandbox: TestSandbox,
  namespace: string,
): Promise<{ readonly types: string[]; readonly passwords: Set<string> }> {
  const cluster = connectTo(sandbox.kubeconfig);
  const ending = new AbortController();
  const scope = { apiVersion: 'v1', kind: 'Secret', namespace };
  const { resourceVersion } = await cluster.list(scope, ending.signal);
  const seen = { types: [] as string[], passwords: new Set<string>() };
  const watching = (async () => {
    for await (const event of cluster.watch(scope, resourceVersion, ending.signal)) {
      if (event.type === 'gone' || event.object.metadata.name !== 'credentials') continue;
      seen.types.push(event.type);
      seen.passwords.add(textIn(event.object));
    }
  })();
  t.after(async () => {
    ending.abort();
    await watching;
    cluster.close();
  });
  return seen;
}

function textIn(secret: JsonObject): string {
  return Buffer.from(stringOf(at(secret, 'data', 'password')) ?? '', 'base64').toString('utf8');
}

function causeOf(result: CliResult, id: string): string {
  const finding = arrayOf(resultOf(result)['findings']).find((one) => at(one, 'id') === id);
  return stringOf(at(finding, 'cause')) ?? '';
}

const skip = await whyNoGo();

/** A control plane of these tests' own: kinds are of the whole cluster. */
test('the add-on external-secrets', { skip }, async (t) => {
  const sandbox = await startOwnSandbox(t);

  await t.test('without the operator: told what to install, and nothing is changed', async (t) => {
    const shop = await shopIn(t, sandbox);
    const refused = await shop.run('up', [...up, ...withAddon]);
    assert.equal(refused.code, 4, refused.stdout);
    assert.ok(findingIds(refused).includes('cluster/addon'));
    assert.match(refused.stdout, /Install the External Secrets Operator/);
    const { items } = await shop.get('/api/v1/namespaces/NAMESPACE/secrets');
    assert.deepEqual(items, []);
    const listed = await shop.run('addons');
    assert.equal(listed.code, 0);
    const own = arrayOf(resultOf(listed)['addons']).find((one) => at(one, 'name') === 'external-secrets');
    assert.deepEqual(
      arrayOf(at(own, 'missing')).map((one) => at(one, 'kind')),
      ['external-secrets.io/SecretStore', 'external-secrets.io/ExternalSecret'],
    );
  });

  await t.test('where it is optional, the Secret stays one', async (t) => {
    const shop = await shopIn(t, sandbox, `${config}addons: {external-secrets: optional}\n`);
    const done = await shop.run('up', up);
    assert.equal(done.code, 0, done.stdout);
    assert.ok(findingIds(done).includes('addons/left-out'));
    assert.equal(textIn(await shop.get(secretPath)), password);
  });

  await installDefinitions(sandbox, ['external-secrets']);

  await t.test('there and back under running pods: the Secret is never absent', async (t) => {
    const shop = await shopIn(t, sandbox);
    const { namespace, kept } = shop;
    const operator = startSecretsOperator(t, { sandbox, namespace, kept });
    assert.equal((await shop.run('up', up)).code, 0);
    const before = await shop.podsOf('other');
    const uid = at(await shop.get(secretPath), 'metadata', 'uid');
    const seen = await watchSecret(t, sandbox, namespace);

    const there = await shop.run('up', [...up, ...withAddon]);
    assert.equal(there.code, 0, there.stdout);
    assert.match(
      causeOf(there, 'addons/secret-by-hand'),
      /1 value of ExternalSecret \S+\/credentials was given by hand/,
    );
    const owned = await shop.get(secretPath);
    assert.equal(at(arrayOf(at(owned, 'metadata', 'ownerReferences'))[0], 'kind'), 'ExternalSecret');
    assert.ok(!JSON.stringify(await shop.get(externalPath)).includes(password));
    assert.deepEqual(await shop.podsOf('other'), before, 'no pod restarts: the data is the same');
    const verify = await shop.run('verify', withAddon);
    assert.equal(verify.code, 0, verify.stdout);
    const again = await shop.run('up', [...up, ...withAddon]);
    assert.equal(at(resultOf(again), 'release'), null, again.stdout);

    // A value that was rotated in the store restarts who reads it, at the next deploy.
    await operator.rotate('prod/web', JSON.stringify({ password: 'battery-staple' }));
    const readers = await shop.podsOf('reader');
    assert.equal((await shop.run('up', [...up, ...withAddon], 'battery-staple')).code, 0);
    const rotated = await shop.podsOf('other');
    assert.notDeepEqual(rotated, before);
    assert.deepEqual(await shop.podsOf('reader'), readers);

    const back = await shop.run('up', up, 'battery-staple');
    assert.equal(back.code, 0, back.stdout);
    assert.deepEqual(await shop.podsOf('other'), rotated);
    assert.deepEqual(await shop.get(externalPath), {});
    const own = await shop.get(secretPath);
    assert.deepEqual(at(own, 'metadata', 'ownerReferences'), undefined);
    assert.deepEqual([at(own, 'metadata', 'uid'), textIn(own)], [uid, 'battery-staple']);
    assert.ok(!seen.types.includes('DELETED'), seen.types.join(' '));
    assert.deepEqual([...seen.passwords].sort(), ['battery-staple', password].sort());

    // From then on it is as any other: another value is applied, and nobody sets it back.
    assert.equal((await shop.run('up', up, 'third')).code, 0);
    assert.equal(textIn(await shop.get(secretPath)), 'third');
  });

  await t.test('back with another value than the store has: ours is what stays', async (t) => {
    const shop = await shopIn(t, sandbox);
    const { namespace, kept } = shop;
    startSecretsOperator(t, { sandbox, namespace, kept });
    assert.equal((await shop.run('up', [...up, ...withAddon])).code, 0);
    const seen = await watchSecret(t, sandbox, namespace);
    const back = await shop.run('up', up, 'by-hand');
    assert.equal(back.code, 0, back.stdout);
    assert.equal(textIn(await shop.get(secretPath)), 'by-hand');
    assert.ok(!seen.types.includes('DELETED'), seen.types.join(' '));
  });

  await t.test('back where no operator runs any more: the Secret is let go of all the same', async (t) => {
    const shop = await shopIn(t, sandbox);
    const { namespace, kept } = shop;
    const operator = startSecretsOperator(t, { sandbox, namespace, kept });
    assert.equal((await shop.run('up', [...up, ...withAddon])).code, 0);
    await operator.stop();
    const uid = at(await shop.get(secretPath), 'metadata', 'uid');
    const seen = await watchSecret(t, sandbox, namespace);
    const back = await shop.run('up', up);
    assert.equal(back.code, 0, back.stdout);
    const own = await shop.get(secretPath);
    assert.deepEqual([at(own, 'metadata', 'uid'), at(own, 'metadata', 'ownerReferences')], [uid, undefined]);
    // It ends what it had begun.
    startSecretsOperator(t, { sandbox, namespace, kept });
    await eventually(
      async () => ('metadata' in (await shop.get(externalPath)) ? undefined : true),
      () => 'the ExternalSecret is still there',
    );
    assert.equal(textIn(await shop.get(secretPath)), password);
    assert.ok(!seen.types.includes('DELETED'), seen.types.join(' '));
  });

  await t.test('a rollback keeps the Secret, and goes from one form to the other', async (t) => {
    const shop = await shopIn(t, sandbox);
    const { namespace, kept } = shop;
    startSecretsOperator(t, { sandbox, namespace, kept });
    assert.equal((await shop.run('up', up)).code, 0);
    assert.equal((await shop.run('up', [...up, ...withAddon])).code, 0);
    const pods = await shop.podsOf('other');
    const seen = await watchSecret(t, sandbox, namespace);
    for (const hasExternal of [false, true]) {
      const rolled = await shop.run('rollback', up);
      assert.equal(rolled.code, 0, rolled.stdout);
      assert.equal('spec' in (await shop.get(externalPath)), hasExternal);
      assert.equal(textIn(await shop.get(secretPath)), password);
      assert.deepEqual(await shop.podsOf('other'), pods);
    }
    assert.ok(!seen.types.includes('DELETED'), seen.types.join(' '));
  });

  await t.test('no value gets into output, plan file, records, or the ExternalSecret', async (t) => {
    const shop = await shopIn(t, sandbox);
    const { namespace, kept } = shop;
    const canary = 'cAnAry7Qz-p@ss/word';
    kept.set('prod/web', JSON.stringify({ password: canary }));
    startSecretsOperator(t, { sandbox, namespace, kept });
    const results = [
      await shop.run('plan', [...withAddon, '--out', 'plan.json', '--verbose'], canary),
      await shop.run('up', ['--plan', 'plan.json', ...up, ...withAddon, '--verbose', '--report', 'up.html'], canary),
      await shop.run('explain', ['secret/credentials', ...withAddon], canary),
      await shop.run('verify', withAddon, canary),
      await shop.run('up', [...up, '--verbose'], canary),
    ];
    assert.deepEqual(
      results.map(({ code }) => code),
      results.map(() => 0),
      results.map(({ stdout }) => stdout).join(''),
    );
    const files = await Promise.all(['plan.json', 'up.html'].map((name) => readFile(join(shop.folder, name), 'utf8')));
    const records = (await recordsOf(sandbox, namespace)).map(readable);
    const given = { AWS_REGION: 'eu-west-1', OMS_INPUT_PASSWORD: canary };
    const rendered = await runCli(['render', ...withAddon], { cwd: shop.folder, env: given });
    assert.match(rendered.stdout, /kind: ExternalSecret/);
    const texts = [
      rendered.stdout,
      rendered.stderr,
      ...results.flatMap(({ stdout, stderr }) => [stdout, stderr]),
      ...files,
      ...records,
    ];
    for (const text of texts)
      for (const form of ['cAnAry7Qz', Buffer.from(canary).toString('base64').slice(0, 12)])
        assert.ok(!text.includes(form), text.slice(Math.max(0, text.indexOf(form) - 200), text.indexOf(form) + 20));
  });

  await t.test('a secret that the store lacks is explained, and the pods keep what they have', async (t) => {
    const shop = await shopIn(t, sandbox);
    const { namespace, kept } = shop;
    startSecretsOperator(t, { sandbox, namespace, kept });
    assert.equal((await shop.run('up', up)).code, 0);
    kept.clear();
    const failed = await shop.run('up', [...up, ...withAddon, '--timeout', '60s']);
    assert.equal(failed.code, 5, failed.stdout);
    assert.match(causeOf(failed, 'external-secret/sync'), /could not get secret data from provider/);
    assert.equal(textIn(await shop.get(secretPath)), password);
  });

  await t.test('cleanup leaves nothing', async (t) => {
    const shop = await shopIn(t, sandbox);
    const { namespace, kept } = shop;
    startSecretsOperator(t, { sandbox, namespace, kept });
    assert.equal((await shop.run('up', [...up, ...withAddon])).code, 0);
    const cleaned = await shop.run('cleanup', ['--yes', '--confirm', namespace, '--keep-namespace']);
    assert.equal(cleaned.code, 0, cleaned.stdout);
    assert.deepEqual([await shop.get(externalPath), await shop.get(secretPath)], [{}, {}]);
  });

  await t.test(
    'image-pull-secrets: a token of ECR in the ServiceAccounts, and in the pods that have none of ours',
    async (t) => {
      const shop = await shopIn(t, sandbox);
      const { namespace, kept } = shop;
      startSecretsOperator(t, { sandbox, namespace, kept });
      const pulling = ['--with', 'image-pull-secrets'];
      const done = await shop.run('up', [...up, ...pulling]);
      assert.equal(done.code, 0, done.stdout);
      const other = await shop.get('/apis/apps/v1/namespaces/NAMESPACE/deployments/other');
      assert.deepEqual(at(other, 'spec', 'template', 'spec', 'imagePullSecrets'), [{ name: 'web-image-pull' }]);
      const secret = await shop.get('/api/v1/namespaces/NAMESPACE/secrets/web-image-pull');
      assert.equal(at(secret, 'type'), 'kubernetes.io/dockerconfigjson');
      const docker = Buffer.from(stringOf(at(secret, 'data', '.dockerconfigjson')) ?? '', 'base64').toString('utf8');
      assert.deepEqual(Object.keys(objectOf(at(JSON.parse(docker), 'auths'))), [
        '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
      ]);
      const verify = await shop.run('verify', pulling);
      assert.equal(verify.code, 0, verify.stdout);
      assert.equal(at(resultOf(await shop.run('up', [...up, ...pulling])), 'release'), null);
    },
  );

  await t.test('a secret that nothing in AWS keeps stays as it is, and so it is said', async (t) => {
    const settings = config.replace(/sources: .*\]/, 'prompt: Password');
    const shop = await shopIn(t, sandbox, settings);
    const done = await shop.run('up', [...up, ...withAddon]);
    assert.equal(done.code, 0, done.stdout);
    assert.match(causeOf(done, 'addons/secret-stays'), /Secret \S+\/credentials is deployed as it is/);
    assert.equal(textIn(await shop.get(secretPath)), password);
    assert.deepEqual(
      await shop.get('/apis/external-secrets.io/v1/namespaces/NAMESPACE/secretstores/web-secrets-manager'),
      {},
    );
  });
});

/** Of the version 0.16 both are served; before it there was v1beta1 alone. */
test('the add-ons with the kinds of External Secrets 0.16, in v1 and in v1beta1', { skip }, async (t) => {
  const sandbox = await startOwnSandbox(t);
  await installDefinitions(sandbox, ['external-secrets-0.16']);
  const inVersion = async (t: TestContext, version: 'v1' | 'v1beta1'): Promise<void> => {
    const shop = await shopIn(t, sandbox);
    const { namespace, kept } = shop;
    startSecretsOperator(t, { sandbox, namespace, kept, version });
    const both = [...withAddon, '--with', 'image-pull-secrets'];
    const done = await shop.run('up', [...up, ...both]);
    assert.equal(done.code, 0, done.stdout);
    const path = externalPath.replace('/v1/', `/${version}/`);
    assert.equal(at(await shop.get(path), 'spec', 'target', 'name'), 'credentials');
    assert.equal(textIn(await shop.get(secretPath)), password);
    const verify = await shop.run('verify', both);
    assert.equal(verify.code, 0, verify.stdout);
  };
  await t.test('v1', (t) => inVersion(t, 'v1'));
  await stopServing(sandbox, 'v1');
  await t.test('v1beta1', (t) => inVersion(t, 'v1beta1'));
});

/** Takes a version of the operator's kinds out of service, and waits until discovery says so. */
async function stopServing(sandbox: TestSandbox, version: string): Promise<void> {
  for (const name of ['externalsecrets', 'secretstores']) {
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}.external-secrets.io`;
    const { body } = await sandbox.request('GET', path);
    const index = arrayOf(at(body, 'spec', 'versions')).findIndex((one) => at(one, 'name') === version);
    const patch = [{ op: 'replace', path: `/spec/versions/${index}/served`, value: false }];
    const patched = await sandbox.request('PATCH', path, JSON.stringify(patch), 'application/json-patch+json');
    assert.equal(patched.status, 200, JSON.stringify(patched.body));
  }
  await eventually(
    async () => {
      const { status, body } = await sandbox.request('GET', `/apis/external-secrets.io/${version}`);
      return status === 404 || arrayOf(at(body, 'resources')).length === 0 || undefined;
    },
    () => `${version} is still served`,
  );
}
