import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { arrayOf, at } from '../../../src/model/json.ts';
import { makeFolder, resultOf, runCli } from '../../support/cli.ts';

const config = `application: shop
namespace: shop
manifests: [k8s]
inputs:
  host: {default: db.example}
  url: {compose: ["x://\${host}:\${license}"]}
  key: {sources: [{ssm: /key}]}
  password: {secret: true}
  user: {}
  open: {secret: false}
  idle: {}
  license: {}
`;
const manifests = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {host: "\${host}", port: "\${port}", url: "\${url}", key: "\${key}", token: "\${api_token}"}
---
apiVersion: v1
kind: Secret
metadata: {name: credentials}
stringData: {user: "\${user}", license: "\${license}", password: "\${password}", open: "\${open}"}
`;
const names = ['host', 'port', 'url', 'key', 'api_token', 'user', 'license', 'password', 'open', 'idle', 'strange'];
const env = Object.fromEntries(names.map((name) => [`OMS_INPUT_${name.toUpperCase()}`, `value of ${name}`]));

/** The inputs whose values are shown. */
async function shown(t: TestContext, args: readonly string[] = [], text = manifests): Promise<readonly string[]> {
  const cwd = await makeFolder(t, { 'oms-deploy.yaml': config, 'k8s/app.yaml': text });
  const run = await runCli(['config', 'show', '--output', 'json', ...args], { cwd, env });
  assert.equal(run.code, 0, run.stdout + run.stderr);
  const given = arrayOf(resultOf(run).sources).filter((one) => at(one, 'source') === 'env');
  assert.equal(given.length, names.length);
  return names.filter((name) => {
    const said = given.find((one) => at(one, 'field') === `inputs.${name}.value`);
    assert.equal(at(said, 'detail'), `OMS_INPUT_${name.toUpperCase()}`);
    assert.ok(['****', `value of ${name}`].includes(String(at(said, 'value'))));
    return at(said, 'value') !== '****';
  });
}

test('values of inputs that the manifests use outside of Secrets are shown; what may be secret is not', async (t) => {
  assert.deepEqual(await shown(t), ['host', 'port', 'open']);
});

test('where the manifests cannot be read, only what the configuration calls no secret is shown', async (t) => {
  assert.deepEqual(await shown(t, ['-f', 'gone']), ['open']);
  assert.deepEqual(await shown(t, [], `${manifests}---\na: [\n`), ['open']);
  assert.deepEqual(await shown(t, ['--tag', '1']), ['open']);
});
