import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { givenSettings } from '../../../src/cli/given-settings.ts';
import { imageOptions } from '../../../src/cli/image-flags.ts';
import { inputOptions } from '../../../src/cli/options.ts';
import { configJsonSchema } from '../../../src/config/json-schema.ts';
import { loadConfig } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/schema.ts';
import { settingsOf, settingsValue } from '../../../src/config/settings.ts';
import { at } from '../../../src/model/json.ts';

const text = `application: shop
namespace: shop
manifests: [k8s]
inputs:
  host: {default: dev, sources: [{env: HOST}, {env: x}]}
  password: {secret: true, default: geheim}
  token: {secret: true, sources: [{value: geheim2}]}
environments:
  prod: {namespace: shop-prod, images: {web: {tag: "2"}}}
`;

async function load(t: TestContext): Promise<Config> {
  const cwd = await mkdtemp(join(tmpdir(), 'oms-settings-'));
  t.after(() => rm(cwd, { recursive: true }));
  await writeFile(join(cwd, 'oms-deploy.yaml'), text);
  return loadConfig({ cwd, environment: 'prod' });
}

test('each setting, and who says it: flag, variable, environment, file, default', async (t) => {
  const config = await load(t);
  const env = { OMS_DEPLOY_TERRAFORM_DIR: '../tf', OMS_INPUT_HOST: 'h', OMS_INPUT_PASSWORD: 'geheim3' };
  // A variable is among the options, as the program puts it there.
  const options = { terraformDir: '../tf', manifests: ['other'], set: ['port=1'] };
  const shown = new Set(['port']);
  const settings = settingsOf(config, givenSettings(options, [...inputOptions, ...imageOptions], shown, env));
  assert.deepEqual(
    settings.map(({ path, value, source, detail }) => `${path.join('.')} ${JSON.stringify(value)} ${source} ${detail}`),
    [
      'application "shop" file oms-deploy.yaml:1:1',
      'namespace "shop-prod" environment prod, oms-deploy.yaml:9:10',
      'manifests ["other"] flag --manifests',
      'terraform.dir "../tf" env OMS_DEPLOY_TERRAFORM_DIR',
      'inputs.host.optional false default ',
      'inputs.host.default "dev" file oms-deploy.yaml:5:10',
      'inputs.host.sources.0.env "HOST" file oms-deploy.yaml:5:35',
      'inputs.host.sources.1.env "x" file oms-deploy.yaml:5:48',
      'inputs.password.secret true file oms-deploy.yaml:6:14',
      'inputs.password.optional false default ',
      'inputs.password.default "****" file oms-deploy.yaml:6:28',
      'inputs.token.secret true file oms-deploy.yaml:7:11',
      'inputs.token.optional false default ',
      'inputs.token.sources.0.value "****" file oms-deploy.yaml:7:36',
      'inputs.port.value "1" flag --set',
      'inputs.host.value "****" env OMS_INPUT_HOST',
      'inputs.password.value "****" env OMS_INPUT_PASSWORD',
      'placeholders.styles ["replace-with","angle","dollar-brace","your","change-me"] default ',
      'images.web.tag "2" environment prod, oms-deploy.yaml:9:47',
      'allowLatest false default ',
    ],
  );
  assert.doesNotMatch(JSON.stringify(settings), /geheim/);
  assert.deepEqual(at(settingsValue(settings), 'inputs', 'host', 'sources'), [{ env: 'HOST' }, { env: 'x' }]);
});

test('the JSON Schema knows every field, refuses others, and demands none', () => {
  const schema = configJsonSchema();
  const properties = Object.keys(at(schema, 'properties') ?? {});
  for (const field of ['application', 'manifests', 'placeholders', 'overrides', 'checks', 'hooks', 'environments'])
    assert.ok(properties.includes(field), field);
  assert.equal(schema.additionalProperties, false);
  assert.equal(schema.required, undefined);
  assert.equal(at(schema, 'properties', 'inputs', 'additionalProperties', 'additionalProperties'), false);
});
