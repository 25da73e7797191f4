import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { arrayOf, at, type Json, type JsonObject, objectOf } from '../../src/model/json.ts';
import { everyKind, rightsUsed, textOf } from '../support/access.ts';
import { makeApp, type TestApp } from '../support/app.ts';
import { type CliResult, findingIds, resultOf } from '../support/cli.ts';
import { accessTemplate, accountKubeconfig, grant, type Rule, rulesOf, singleRights } from '../support/rbac.ts';
import { eventually } from '../support/sandbox.ts';

const account = 'deployer';

/** An application, and a token with just the rights of the templates. */
async function withTemplates(t: TestContext): Promise<{ app: TestApp; as: readonly string[] }> {
  const app = await makeApp(t, { files: everyKind });
  const { sandbox, namespace } = app;
  const group = `system:serviceaccounts:${namespace}`;
  await grant(t, sandbox, await accessTemplate('role.yaml', namespace, group));
  await grant(t, sandbox, await accessTemplate('cluster-role.yaml', namespace, group));
  return { app, as: ['--kubeconfig', await accountKubeconfig(t, sandbox, namespace, account)] };
}

/** No controller gives Ingresses an address here. */
async function giveAddress({ sandbox, namespace }: TestApp): Promise<void> {
  const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/web`;
  const status = { loadBalancer: { ingress: [{ hostname: 'lb.example' }] } };
  await eventually(
    async () => {
      const patched = await sandbox.request('PATCH', `${path}/status`, { status }, 'application/merge-patch+json');
      return patched.status === 200 ? true : undefined;
    },
    () => 'there is no Ingress',
  );
}

test('a token with the rights of the templates does everything, and uses each of them', async (t) => {
  const { app, as } = await withTemplates(t);
  const { sandbox, namespace, folder } = app;
  const run = async (command: string, ...args: readonly string[]): Promise<CliResult> => {
    const done = await app.run(command, [...args, ...as]);
    assert.equal(done.code, 0, `${command} ${args.join(' ')}: ${done.stdout}`);
    return done;
  };
  const [first] = await Promise.all([run('up', '--yes'), giveAddress(app)]);
  assert.deepEqual(findingIds(first), []);
  await run('up', '--yes');
  const second = await run('up', '--yes', '--set', 'level=Debug');
  assert.deepEqual(findingIds(second), []);
  await run('rollback', '--yes');
  await run('rollout', 'restart', 'reader', '--yes');
  await run('status');
  await run('logs', 'reader');
  for (const command of ['verify', 'doctor']) {
    const looked = await run(command);
    const blind = arrayOf(resultOf(looked).checks).filter((check) => /forbidden/.test(String(at(check, 'detail'))));
    assert.deepEqual(blind, [], command);
  }
  await run('history');
  await rm(`${folder}/k8s/more.yaml`);
  await run('up', '--yes');
  const mistyped = await app.run('status', ['--namespace', `${namespace}x`, ...as]);
  assert.match(mistyped.stdout, new RegExp(`Did you mean ${namespace}`));
  await run('cleanup', '--yes', '--confirm', namespace, '--keep-namespace');

  const used = await rightsUsed(sandbox, namespace, account);
  const files = [
    ...(await accessTemplate('role.yaml', namespace, 'g')),
    ...(await accessTemplate('cluster-role.yaml', namespace, 'g')),
  ];
  const given = singleRights(files.flatMap(rulesOf)).map((rule) => textOf(rule, namespace).replace(/ in .*/, ''));
  assert.deepEqual(
    given.filter((right) => !used.has(right)),
    ['create namespaces'],
  );
});
