import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingIds, makeFolder, runCli } from '../../support/cli.ts';

const config = 'application: shop\nnamespace: shop\nmanifests: [k8s]\ninputs: {host: {default: x}}\n';
const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {port: "${port}"}\n';

test('whether an input is unknown is not said where manifests could not be read', async (t) => {
  const env = { OMS_INPUT_PORT: '1', OMS_INPUT_HOTS: 'x' };
  const secrets = { 'secrets.env': 'PORTS=1\n' };
  const args = ['render', '--output', 'json', '--set', 'other=1', '--secrets-file', 'secrets.env'];
  const cwd = await makeFolder(t, { 'oms-deploy.yaml': config, 'k8s/app.yaml': manifest, ...secrets });
  const read = await runCli(args, { cwd, env });
  assert.deepEqual(findingIds(read), ['inputs/unknown', 'inputs/unknown', 'inputs/unknown']);
  const wrong = await makeFolder(t, { 'oms-deploy.yaml': config.replace('k8s', 'k9s'), ...secrets });
  const unread = await runCli(args, { cwd: wrong, env });
  assert.deepEqual([unread.code, findingIds(unread)], [3, ['manifests/missing']]);
});
