import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeFolder, runCli } from '../../support/cli.ts';

const outputs = JSON.stringify({ eks_cluster_name: { value: 'shop-dev' }, region: { value: 'eu-west-1' } });
const config = `application: shop
namespace: shop
manifests: [a.yaml]
inputs: { account: { sources: [{ aws: account }] } }
`;
// biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder
const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {account: "${account}"}\n';

test('where nobody is logged in, it is said what that is needed for: the cluster, the inputs, or both', async (t) => {
  const cwd = await makeFolder(t, { 'outputs.json': outputs, 'oms-deploy.yaml': config, 'a.yaml': manifest });
  const said = async (...args: readonly string[]): Promise<readonly string[]> => {
    const { stderr } = await runCli([...args], { cwd });
    assert.match(stderr, /There are no AWS credentials\./, args.join(' '));
    return [...stderr.matchAll(/Needed for: (.*)$/gm)].map(([, need = '']) => need);
  };
  const fromOutputs = ['--outputs-file', 'outputs.json'];
  const cluster = 'cluster shop-dev (outputs.json: eks_cluster_name)';
  assert.deepEqual(await said('status', ...fromOutputs), [cluster]);
  assert.deepEqual(await said('status', '--cluster', 'x', '--region', 'eu-west-1'), ['cluster x (--cluster)']);
  assert.deepEqual(await said('render', ...fromOutputs), ['account']);
  assert.deepEqual(await said('plan', ...fromOutputs), [cluster, 'account']);
});
