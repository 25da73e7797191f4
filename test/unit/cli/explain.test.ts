import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeFolder, resultOf, runCli } from '../../support/cli.ts';

const files = {
  'oms-deploy.yaml':
    'application: shop\nnamespace: shop\nmanifests: [k8s]\ninputs:\n  db_host: {default: db.example}\n',
  'k8s/app.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n  host: ${db_host}\n',
};

test('why the cluster was not asked: the problem itself, not that there is one', async (t) => {
  const cwd = await makeFolder(t, files);
  const args = ['explain', 'configmap/settings', '--cluster', 'shop', '--region', 'eu-west-1'];
  const run = await runCli([...args, '--output', 'json'], { cwd });
  assert.equal(run.code, 0, run.stderr);
  assert.equal(resultOf(run).unknown, 'There are no AWS credentials.');
  const human = await runCli([...args, '--output', 'human'], { cwd });
  assert.match(human.stdout, /^the cluster was not asked: There are no AWS credentials\.$/m);
});

test('where nothing says which cluster is meant, AWS is asked for nothing', async (t) => {
  const pinned = `${files['oms-deploy.yaml']}expect: {account: "123456789012", region: eu-west-1}\n`;
  const cwd = await makeFolder(t, { ...files, 'oms-deploy.yaml': pinned });
  const run = await runCli(['explain', 'configmap/settings', '--output', 'json'], { cwd });
  assert.equal(run.code, 0, run.stderr);
  assert.match(String(resultOf(run).unknown), /^There is no cluster to work on/);
  assert.doesNotMatch(run.stdout + run.stderr, /Asking AWS|aws\//);
});
