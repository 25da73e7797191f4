import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { at } from '../../src/model/json.ts';
import { installed } from '../support/package.ts';
import { getSandbox } from '../support/sandbox.ts';

const machine = installed();
after(() => machine.remove());
const folder = join(machine.folder, 'k8s');
mkdirSync(folder);
writeFileSync(
  join(folder, 'settings.yaml'),
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {level: "${level}"}\n',
);

for (const [what, program] of [
  ['the installed package', 'node_modules/.bin/oms-deploy'],
  ['the single file', 'oms-deploy.mjs'],
] as const) {
  test(`${what} plans and deploys a folder with only Node on the PATH`, async (t) => {
    const sandbox = await getSandbox();
    const namespace = await sandbox.createNamespace('package', t);
    const flags = ['-f', 'k8s', '-n', namespace, '--set', 'level=Debug', '--kubeconfig', sandbox.kubeconfig];
    const planned = machine.run(program, ['plan', ...flags, '--detailed-exitcode']);
    assert.equal(planned.status, 9, planned.stderr);
    assert.match(planned.stdout, /\+ ConfigMap +settings\n +1 to create/);
    const up = machine.run(program, ['up', ...flags, '--yes']);
    assert.equal(up.status, 0, up.stderr);
    const { body } = await sandbox.request('GET', `/api/v1/namespaces/${namespace}/configmaps/settings`);
    assert.equal(at(body, 'data', 'level'), 'Debug');
    const again = machine.run(program, ['plan', ...flags, '--detailed-exitcode']);
    assert.equal(again.status, 0, again.stdout + again.stderr);
  });
}

test('the single file plans the built-in application, which is in it', async (t) => {
  const sandbox = await getSandbox();
  const namespace = await sandbox.createNamespace('package', t);
  const outputs = join(import.meta.dirname, '..', 'fixtures', 'terraform', 'oms', 'outputs.json');
  const facts = ['aws_account_id=123456789012', 'aws_region=us-east-1'].flatMap((fact) => ['--set', fact]);
  const where = ['-n', namespace, '--kubeconfig', sandbox.kubeconfig, '--outputs-file', outputs];
  const env = { OMS_INPUT_DOCUMENTDB_USERNAME: 'oms', OMS_INPUT_DOCUMENTDB_PASSWORD: 'any-will-do' };
  const planned = machine.run(
    'oms-deploy.mjs',
    ['plan', '--config', 'built-in', ...where, ...facts, '--tag', '1'],
    env,
  );
  assert.equal(planned.status, 0, planned.stderr);
  assert.match(planned.stdout, /\+ Deployment +risk-engine/);
});
