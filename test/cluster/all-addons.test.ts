import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { shippedAddons } from '../../src/config/addons/catalog.ts';
import { arrayOf, at, type Json, stringOf } from '../../src/model/json.ts';
import { giveAddress, startBalancer } from '../support/balancer.ts';
import { resultOf } from '../support/cli.ts';
import { installDefinitions, whyNoGo } from '../support/definitions.ts';
import { makeOms, omsEnv, omsOutputs, omsPassword } from '../support/oms.ts';
import { eventually, startOwnSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startSecretsOperator } from '../support/secrets-operator.ts';

/** What comes and goes by itself. */
const passing: ReadonlySet<string> = new Set(['events', 'leases', 'componentstatuses', 'nodes', 'bindings']);

/** Every object of the cluster, as `<resource>/<namespace>/<name>`. */
async function everything(sandbox: TestSandbox): Promise<readonly string[]> {
  const { body } = await sandbox.request('GET', '/apis');
  const versions = arrayOf(at(body, 'groups')).flatMap(
    (group) => stringOf(at(group, 'preferredVersion', 'groupVersion')) ?? [],
  );
  const roots = [
    '/api/v1',
    ...versions.filter((one) => !one.startsWith('metrics.k8s.io')).map((one) => `/apis/${one}`),
  ];
  const found: string[] = [];
  for (const root of roots) {
    const resources = arrayOf(at((await sandbox.request('GET', root)).body, 'resources'));
    for (const resource of resources) {
      const name = stringOf(at(resource, 'name')) ?? '';
      if (passing.has(name) || !arrayOf(at(resource, 'verbs')).includes('list')) continue;
      const { body: list } = await sandbox.request('GET', `${root}/${name}`);
      for (const item of arrayOf(at(list, 'items'))) {
        const namespace = stringOf(at(item, 'metadata', 'namespace')) ?? '';
        found.push(`${name}/${namespace}/${stringOf(at(item, 'metadata', 'name')) ?? ''}`);
      }
    }
  }
  return found.sort();
}

/** A control plane of this test's own: kinds, and what add-ons have in other namespaces, are of the whole cluster. */
test('all add-ons on the OMS: deployed, verified, nothing to change, and nothing left after a cleanup', {
  skip: await whyNoGo(),
}, async (t) => {
  const sandbox = await startOwnSandbox(t);
  await installDefinitions(sandbox, ['external-secrets', 'prometheus-operator', 'velero']);
  const velero = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'velero' } };
  assert.equal((await sandbox.request('POST', '/api/v1/namespaces', velero)).status, 201);
  // Kubernetes makes it a moment after its namespace.
  await eventually(
    async () => {
      const { status } = await sandbox.request('GET', '/api/v1/namespaces/velero/serviceaccounts/default');
      return status === 200 || undefined;
    },
    () => 'the namespace has no ServiceAccount',
  );
  const before = await everything(sandbox);

  const oms = await makeOms(t, sandbox);
  const { namespace } = oms;
  const outputs: Json = JSON.parse(await readFile(omsOutputs, 'utf8'));
  const secret = stringOf(at(outputs, 'documentdb_secret_arn', 'value')) ?? assert.fail('no secret');
  const kept = new Map([[secret, JSON.stringify({ username: 'oms@app', password: omsPassword })]]);
  startSecretsOperator(t, { sandbox, namespace, kept });
  const balancer = await startBalancer(t, () => ({ status: 200 }));
  const set = [
    ...['--set', 'alb_subnet_cidrs=10.0.101.0/24', '--set', 'data_subnet_cidrs=10.0.1.0/24'],
    ...['--set', `alb_listen_ports=[{"HTTP": ${balancer.port}}]`],
  ];
  const all = ['--with', 'all'];
  const deploy = ['--output', 'json', '--tag', '1.4.2', '--soak', '0s', ...all, ...set];
  const address = giveAddress(oms, 'crypto-oms-ingress', { ip: '127.0.0.1' });
  const [up] = await Promise.all([oms.up(...deploy), address]);
  assert.equal(up.code, 0, up.stdout);

  const listed = await oms.run('addons', all);
  const addons = arrayOf(resultOf(listed).addons);
  const known = [...(await shippedAddons()).keys(), 'ingress'];
  assert.deepEqual(new Set(addons.map((one) => at(one, 'name'))), new Set(known));
  assert.ok(
    addons.every((one) => at(one, 'state') === 'on' && arrayOf(at(one, 'missing')).length === 0),
    listed.stdout,
  );

  const verify = await oms.run('verify', [...all, '--outputs-file', omsOutputs], { env: omsEnv });
  assert.equal(verify.code, 0, verify.stdout);
  const again = await oms.up(...deploy);
  assert.equal(again.code, 0, again.stdout);
  assert.deepEqual(
    [at(resultOf(again), 'release'), at(resultOf(again), 'changes', 'updated')],
    [null, 0],
    again.stdout,
  );

  const cleaned = await oms.run('cleanup', ['--yes', '--confirm', namespace]);
  assert.equal(cleaned.code, 0, cleaned.stdout);
  const left = (await everything(sandbox)).filter((one) => !before.includes(one));
  assert.deepEqual(left, []);
});
