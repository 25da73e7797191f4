import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { arrayOf, at, objectOf, stringOf } from '../../src/model/json.ts';
import { makeApp, type TestApp } from '../support/app.ts';
import { type CliResult, eventsOf, findingIds, resultOf } from '../support/cli.ts';
import { bareConfig, deploymentYaml } from '../support/workloads.ts';

/** A definition in a group of the test's own, served in these versions; the first one is stored. */
function definition(group: string, versions: readonly string[] = ['v1'], field = 'size'): string {
  const schema = `{openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {${field}: {type: integer}}}}}}`;
  return `---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.${group}}
spec:
  group: ${group}
  scope: Namespaced
  names: {kind: Thing, plural: things}
  versions:
${versions.map((name, index) => `    - {name: ${name}, served: true, storage: ${index === 0}, schema: ${schema}}\n`).join('')}`;
}

function thing(group: string, name: string, { version = 'v1', spec = '{size: 1}', wave = '' } = {}): string {
  const annotations = wave === '' ? '' : `, annotations: {oms-deploy.io/wave: "${wave}"}`;
  return `---\napiVersion: ${group}/${version}\nkind: Thing\nmetadata: {name: ${name}${annotations}}\nspec: ${spec}\n`;
}

interface Crds {
  readonly app: TestApp;
  readonly group: string;
  /** Writes the manifests anew. */
  readonly write: (documents: string) => Promise<void>;
  /** The live object; its code where there is none. */
  readonly thing: (name: string, version?: string) => Promise<{ readonly status: number; readonly spec: unknown }>;
}

async function crdsOf(t: TestContext): Promise<Crds> {
  const group = `g${randomBytes(4).toString('hex')}.example.com`;
  const app = await makeApp(t, { files: { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': '' } });
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.${group}`;
  t.after(() => app.sandbox.request('DELETE', path));
  return {
    app,
    group,
    write: (documents) => writeFile(join(app.folder, 'k8s/app.yaml'), documents),
    async thing(name, version = 'v1') {
      const path = `/apis/${group}/${version}/namespaces/${app.namespace}/things/${name}`;
      const { status, body } = await app.sandbox.request('GET', path);
      return { status, spec: objectOf(body)['spec'] };
    },
  };
}

const up = (app: TestApp, args: readonly string[] = [], options = {}): Promise<CliResult> =>
  app.run('up', ['--yes', '--lock-duration', '1s', ...args], options);

function planOf(run: CliResult): readonly string[] {
  const plan = eventsOf(run).find(({ type }) => type === 'plan');
  return arrayOf(plan?.['objects']).map(
    (one) =>
      `${stringOf(at(one, 'op')) ?? ''} ${stringOf(at(one, 'object', 'kind')) ?? ''} ${arrayOf(at(one, 'notes')).join()}`,
  );
}

test('a definition and its object in one up: the plan says it, the second up writes nothing', async (t) => {
  const { app, group, write, thing: live } = await crdsOf(t);
  // Listed before its definition, and in the same wave.
  await write(thing(group, 'one', { wave: '0' }) + definition(group));
  const planned = await app.run('plan');
  assert.equal(planned.code, 0, planned.stdout + planned.stderr);
  assert.deepEqual(planOf(planned), [
    'create CustomResourceDefinition ',
    `create Thing not tried yet: its kind comes with CustomResourceDefinition things.${group}`,
  ]);
  const first = await up(app);
  assert.equal(first.code, 0, first.stdout);
  assert.deepEqual((await live('one')).spec, { size: 1 });

  const writes = await app.writes();
  const second = await up(app);
  assert.equal(second.code, 0, second.stdout);
  assert.deepEqual(await app.writes(), writes);
  assert.deepEqual(objectOf(resultOf(second)['changes'])['unchanged'], 2);
});

test('an object changes, rolls back, and is pruned; the definition stays', async (t) => {
  const { app, group, write, thing: live } = await crdsOf(t);
  await write(definition(group) + thing(group, 'one'));
  assert.equal((await up(app)).code, 0);
  await write(definition(group) + thing(group, 'one', { spec: '{size: 2}' }) + thing(group, 'two'));
  assert.equal((await up(app)).code, 0);
  assert.deepEqual((await live('one')).spec, { size: 2 });

  const back = await app.run('rollback', ['--yes']);
  assert.equal(back.code, 0, back.stdout);
  assert.deepEqual([(await live('one')).spec, (await live('two')).status], [{ size: 1 }, 404]);

  await write('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: alone}\n');
  const pruned = await up(app);
  assert.equal(pruned.code, 0, pruned.stdout);
  assert.ok(findingIds(pruned).includes('prune/data'), pruned.stdout);
  assert.equal((await live('one')).status, 404);
});

test('a cleanup deletes the objects, and the definition where data may go', async (t) => {
  const { app, group, write, thing: live } = await crdsOf(t);
  await write(definition(group) + thing(group, 'one'));
  assert.equal((await up(app)).code, 0);
  const kept = await app.run('cleanup', ['--yes', '--confirm', app.namespace, '--keep-namespace']);
  assert.equal(kept.code, 0, kept.stdout);
  assert.equal((await live('one')).status, 404);
  assert.equal((await up(app)).code, 0);
  const all = await app.run('cleanup', ['--yes', '--confirm', app.namespace, '--keep-namespace', '--prune-data']);
  assert.equal(all.code, 0, all.stdout);
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.${group}`;
  assert.equal((await app.sandbox.request('GET', path)).status, 404);
});

test('a definition that serves another version, and has another field: its objects follow in the same up', async (t) => {
  const { app, group, write, thing: live } = await crdsOf(t);
  await write(definition(group) + thing(group, 'one'));
  assert.equal((await up(app)).code, 0);
  await write(definition(group, ['v1', 'v2'], 'length') + thing(group, 'one', { version: 'v2', spec: '{length: 3}' }));
  const changed = await up(app);
  assert.equal(changed.code, 0, changed.stdout);
  assert.deepEqual((await live('one', 'v2')).spec, { length: 3 });
  assert.match(planOf(changed)[1] ?? '', /^update Thing not tried yet/);

  // The old definition calls the field a typo.
  await write(definition(group, ['v1', 'v2'], 'width') + thing(group, 'one', { version: 'v2', spec: '{width: 4}' }));
  const again = await up(app);
  assert.equal(again.code, 0, again.stdout);
  assert.deepEqual((await live('one', 'v2')).spec, { width: 4 });
});

test('a version that the definition does not serve is an error with those that it does, and nothing changes', async (t) => {
  const { app, group, write } = await crdsOf(t);
  await write(definition(group, ['v1', 'v2']) + thing(group, 'one', { version: 'v3' }));
  const run = await up(app);
  assert.equal(run.code, 3, run.stdout);
  const finding = arrayOf(resultOf(run)['findings'])
    .map(objectOf)
    .find(({ severity }) => severity === 'error');
  assert.deepEqual([finding?.['id'], finding?.['file']], ['cluster/unknown-kind', 'k8s/app.yaml']);
  assert.match(String(finding?.['fix']), new RegExp(`${group}/v1, or ${group}/v2, which the definition serves`));
  assert.deepEqual(await app.writes(), []);
});

test('what the new definition refuses fails its wave with the field; later waves are not begun', async (t) => {
  const { app, group, write } = await crdsOf(t);
  await write(
    definition(group) +
      thing(group, 'one', { spec: '{size: many}', wave: '1' }) +
      '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: later}\n',
  );
  const run = await up(app);
  assert.equal(run.code, 5, run.stdout);
  assert.deepEqual(findingIds(run), ['manifests/invalid-field']);
  assert.match(String(at(resultOf(run)['error'], 'why')), /Not begun: config/);
});

test('killed between the definition and its object, the same command goes on', async (t) => {
  const { app, group, write, thing: live } = await crdsOf(t);
  await write(definition(group) + thing(group, 'one'));
  const killed = await up(app, [], {
    onOutput: (printed: string, kill: (signal: NodeJS.Signals) => void) => {
      if (printed.includes('"type":"applied"')) kill('SIGKILL');
    },
  });
  assert.equal(killed.signal, 'SIGKILL');
  assert.equal((await live('one')).status, 404);
  const again = await up(app);
  assert.equal(again.code, 0, again.stdout);
  assert.deepEqual((await live('one')).spec, { size: 1 });
});

/** As the External Secrets Operator defines it, as far as it matters here. */
const externalSecrets = `---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: externalsecrets.external-secrets.io}
spec:
  group: external-secrets.io
  scope: Namespaced
  names: {kind: ExternalSecret, plural: externalsecrets}
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;

test('a workload waits for the ExternalSecret that writes what it reads', async (t) => {
  const { app, write } = await crdsOf(t);
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/externalsecrets.external-secrets.io';
  t.after(() => app.sandbox.request('DELETE', definitions));
  const secret = `---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: store}
spec: {target: {name: db}}
`;
  const web = deploymentYaml('web', { tag: '1.0' }).trimEnd();
  await write(`${externalSecrets}${secret}${web}\n          envFrom: [{secretRef: {name: db}}]\n`);
  const late = await up(app, ['--timeout', '2s', '--skip-preflight']);
  assert.equal(late.code, 6, late.stdout);
  assert.match(String(at(resultOf(late)['error'], 'message')), /ExternalSecret \S+\/store/);
  assert.match(String(at(resultOf(late)['error'], 'why')), /Not begun: workloads/);
  await assert.rejects(app.get('deployments', 'web'), /404/);

  // The ExternalSecret is as the manifests say, and the workload waits for it all the same.
  const ready = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
  const path = `/apis/external-secrets.io/v1/namespaces/${app.namespace}/externalsecrets/store/status`;
  let isSynced = false;
  const again = await up(app, ['--skip-preflight'], {
    onOutput: (printed: string) => {
      if (isSynced || !printed.includes('"name":"workloads"')) return;
      isSynced = true;
      const db = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, stringData: { password: 'x' } };
      void app.sandbox
        .request('POST', `/api/v1/namespaces/${app.namespace}/secrets`, db)
        .then(() => app.sandbox.request('PATCH', path, ready, 'application/merge-patch+json'));
    },
  });
  assert.equal(again.code, 0, again.stdout);
  const [synced, applied] = await Promise.all(
    [/externalsecrets\/store\/status/, /deployments\/web\?.*fieldManager=oms-deploy/].map((uri) =>
      app.sandbox.auditEvents(
        ({ verb, requestURI, namespace }) =>
          verb === 'patch' && namespace === app.namespace && uri.test(requestURI) && !requestURI.includes('dryRun'),
      ),
    ),
  );
  assert.ok((synced?.[0]?.answeredAt ?? '') < (applied?.[0]?.receivedAt ?? ''), JSON.stringify([synced, applied]));
});
