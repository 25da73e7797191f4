import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { arrayOf, at, type Json, type JsonObject, objectOf, stringOf } from '../../src/model/json.ts';
import { type CliResult, eventsOf, findingIds, makeFolder, resultOf, runCli } from '../support/cli.ts';
import { gitopsModules, installDefinitions, whyNoGo } from '../support/gitops/crds.ts';
import { startOwnSandbox, type TestSandbox } from '../support/sandbox.ts';
import { deploymentYaml, serviceYaml } from '../support/workloads.ts';

const config = `application: shop
namespace: shop
manifests: [k8s]
checks: {ignore: [{id: config/unused, reason: nothing reads them here}]}
inputs:
  host: {default: db.example}
  password: {secret: true, sources: [{secretsManager: {id: prod/db, key: password}}]}
  api_key: {secret: true, sources: [{ssm: /prod/api-key}]}
  typed: {secret: true, prompt: Typed}
  url: {secret: true, compose: ["postgres://app:\${password|uri}@\${host}/shop"]}
`;

const job = (name: string, annotations: string): string => `---
apiVersion: batch/v1
kind: Job
metadata: {name: ${name}, annotations: {${annotations}}}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: ${name}, image: "example.com/${name}:1.0"}]
`;

const manifests = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {host: "\${host}"}
---
apiVersion: v1
kind: Secret
metadata: {name: db}
stringData: {password: "\${password}", url: "\${url}", key: "key=\${api_key} {{ x }}"}
---
apiVersion: v1
kind: Secret
metadata: {name: typed}
stringData: {typed: "\${typed}"}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: late, annotations: {oms-deploy.io/wave: "17"}}
data: {a: b}
${serviceYaml('web')}${deploymentYaml('web', { tag: '1.0', pod: ['volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]'] })}${job('migrate', 'helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-weight: "2", helm.sh/hook-delete-policy: hook-succeeded')}${job('check', 'argocd.argoproj.io/hook: PreSync, argocd.argoproj.io/sync-wave: "1"')}${job('smoke', 'oms-deploy.io/hook: after, oms-deploy.io/timeout: 20m')}`;

const secretValues = ['correct-horse!', 'battery-staple', 'typed-by-hand'];
const env = {
  OMS_INPUT_PASSWORD: 'correct-horse!',
  OMS_INPUT_API_KEY: 'battery-staple',
  OMS_INPUT_TYPED: 'typed-by-hand',
};
const stores = ['--secret-store', 'ClusterSecretStore/aws', '--parameter-store', 'parameters'];

const fileArgs = ['--output-dir', 'out', '--repo', 'https://git.example.com/shop.git'];

/** An application with all that has an order, in a folder. */
async function shop(t: TestContext): Promise<{
  readonly folder: string;
  readonly run: (args: readonly string[]) => Promise<CliResult>;
}> {
  const folder = await makeFolder(t, { 'oms-deploy.yaml': config, 'k8s/app.yaml': manifests });
  return { folder, run: (args) => runCli([...args, '--output', 'json'], { cwd: folder, env }) };
}

const nameOf = (body: Json | undefined): string =>
  `${stringOf(at(body, 'kind')) ?? ''}/${stringOf(at(body, 'metadata', 'name')) ?? ''}`;

/** Objects in an order, as the groups that may be applied at once. Claims aside: see the test of theirs. */
function groups(objects: readonly { readonly name: string; readonly place: string }[]): readonly (readonly string[])[] {
  const places = [...new Set(objects.map(({ place }) => place))];
  return places.map((one) =>
    objects
      .filter(({ place, name }) => place === one && !name.startsWith('PersistentVolumeClaim/'))
      .map(({ name }) => name)
      .sort(),
  );
}

/** The order of the plan, with what `render --for` makes of its Secrets. */
async function planned(sandbox: TestSandbox, run: (args: readonly string[]) => Promise<CliResult>) {
  const plan = await run(['plan', '--kubeconfig', sandbox.kubeconfig, '--skip-preflight']);
  assert.equal(plan.code, 0, plan.stdout);
  const objects = arrayOf(eventsOf(plan).find(({ type }) => type === 'plan')?.['objects']);
  const named = objects.flatMap((one) => {
    const name = `${stringOf(at(one, 'object', 'kind')) ?? ''}/${stringOf(at(one, 'object', 'name')) ?? ''}`;
    const hook = stringOf(at(one, 'hook'));
    if (name === 'Secret/typed') return [];
    const place = `${String(at(one, 'wave'))} ${hook === undefined ? '' : name}`;
    return [{ name: name.replace('Secret/db', 'ExternalSecret/db'), place }];
  });
  return groups(named);
}

/** All files of a rendering but the lists of kustomize, by path. */
async function objectsIn(folder: string): Promise<ReadonlyMap<string, JsonObject>> {
  const paths = (await readdir(folder, { recursive: true, encoding: 'utf8' })).filter((path) => path.endsWith('.yaml'));
  const found = new Map<string, JsonObject>();
  for (const path of paths.sort()) {
    const text = await readFile(join(folder, path), 'utf8');
    for (const secret of [...secretValues, 'blind']) assert.ok(!text.includes(secret), `${secret} is in ${path}`);
    if (path.endsWith('kustomization.yaml')) continue;
    parseAllDocuments(text).forEach((document, index) => found.set(`${path}#${index}`, objectOf(document.toJS())));
  }
  return found;
}

/** Has the API server judge an object as strictly as it can. */
async function validate(sandbox: TestSandbox, body: JsonObject): Promise<void> {
  const version = stringOf(body['apiVersion']) ?? '';
  const root = version === 'v1' ? '/api/v1' : `/apis/${version}`;
  const { body: list } = await sandbox.request('GET', root);
  const resource = arrayOf(at(list, 'resources')).find(
    (one) => at(one, 'kind') === body['kind'] && !String(at(one, 'name')).includes('/'),
  );
  assert.ok(resource, `${version} ${String(body['kind'])} is not served`);
  const namespace = stringOf(at(body, 'metadata', 'namespace'));
  const scope = at(resource, 'namespaced') === true ? `/namespaces/${namespace ?? ''}` : '';
  const query = 'dryRun=All&fieldValidation=Strict&fieldManager=test&force=true';
  const path = `${root}${scope}/${String(at(resource, 'name'))}/${String(at(body, 'metadata', 'name'))}?${query}`;
  const answer = await sandbox.request('PATCH', path, JSON.stringify(body), 'application/apply-patch+yaml');
  assert.ok([200, 201].includes(answer.status), `${nameOf(body)}: ${JSON.stringify(answer.body)}`);
}

async function install(sandbox: TestSandbox): Promise<void> {
  await installDefinitions(sandbox, gitopsModules);
  for (const name of ['shop', 'argocd', 'flux-system'])
    await sandbox.request('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

/** A control plane of this test's own: others define kinds of these groups in their own way. */
test('what Argo CD and Flux get', { skip: await whyNoGo() }, async (t) => {
  const sandbox = await startOwnSandbox(t);
  await install(sandbox);

  await t.test('Argo CD: every object is valid, and its sync wave is that of the plan', async (t) => {
    const { folder, run } = await shop(t);
    const result = await run(['render', '--for', 'argocd', ...stores, ...fileArgs]);
    assert.equal(result.code, 0, result.stdout);
    assert.deepEqual(findingIds(result), ['gitops/secret-left-out']);
    const objects = [...(await objectsIn(join(folder, 'out'))).values()];
    for (const body of objects) await validate(sandbox, body);

    const annotation = (body: JsonObject, name: string): string =>
      stringOf(objectOf(at(body, 'metadata', 'annotations'))[`argocd.argoproj.io/${name}`]) ?? '';
    const members = objects.filter((body) => body['kind'] !== 'Application');
    const phases = ['Sync', 'PostSync'];
    const placeOf = (body: JsonObject): number =>
      phases.indexOf(annotation(body, 'hook') || 'Sync') * 1000 + Number(annotation(body, 'sync-wave'));
    const ordered = members
      .map((body) => ({ name: nameOf(body), number: placeOf(body) }))
      .sort((a, b) => a.number - b.number)
      .map(({ name, number }) => ({ name, place: String(number) }));
    const order = groups(ordered);
    assert.deepEqual(order, await planned(sandbox, run));
    assert.deepEqual(order.slice(-6), [
      ['Job/check'],
      ['Job/migrate'],
      ['Deployment/web'],
      ['Ingress/web'],
      ['ConfigMap/late'],
      ['Job/smoke'],
    ]);
    const numberOf = (name: string): number => placeOf(members.find((body) => nameOf(body) === name) ?? {});
    // Argo CD waits for a wave: a claim that is bound for its first pod goes with the first that start some.
    assert.equal(numberOf('PersistentVolumeClaim/data'), numberOf('Job/check'));
    const [migrate, smoke] = ['Job/migrate', 'Job/smoke'].map(
      (name) => members.find((one) => nameOf(one) === name) ?? {},
    );
    assert.deepEqual(
      [migrate, smoke].map((one = {}) => [annotation(one, 'hook'), annotation(one, 'hook-delete-policy')]),
      [
        ['Sync', 'BeforeHookCreation,HookSucceeded'],
        ['PostSync', 'BeforeHookCreation'],
      ],
    );
    assert.ok(!JSON.stringify(migrate).includes('helm.sh/hook'), 'Argo CD would take it for a hook of Helm');
  });

  await t.test(
    'Flux: every object is valid, and the folders depend on each other in the order of the plan',
    async (t) => {
      const { folder, run } = await shop(t);
      const result = await run([
        'render',
        '--for',
        'flux',
        ...stores,
        ...fileArgs,
        '--path',
        'clusters/prod',
        '--revision',
        'v1.2',
      ]);
      assert.equal(result.code, 0, result.stdout);
      const files = await objectsIn(join(folder, 'out'));
      for (const body of files.values()) await validate(sandbox, body);

      const order: { name: string; place: string }[] = [];
      const waves = [...files.values()].filter((body) => body['kind'] === 'Kustomization');
      let before: Json | undefined;
      for (const _ of waves) {
        const next = waves.find((body) => at(arrayOf(at(body, 'spec', 'dependsOn'))[0], 'name') === before);
        assert.ok(next, `nothing depends on ${String(before)}`);
        before = at(next, 'metadata', 'name');
        const place = String(at(next, 'spec', 'path')).replace('./clusters/prod/', '');
        const list: Json = parse(await readFile(join(folder, 'out', place, 'kustomization.yaml'), 'utf8'));
        for (const file of arrayOf(at(list, 'resources')))
          order.push({ name: nameOf(files.get(`${place}/${String(file)}#0`)), place });
      }
      // Flux makes no namespace by itself.
      assert.deepEqual(order[0], { name: 'Namespace/shop', place: 'waves/00-namespace' });
      const [, ...rest] = groups(order);
      assert.deepEqual(
        rest,
        (await planned(sandbox, run)).filter((group) => group.join() !== 'Namespace/shop'),
      );
      assert.equal(order.length, [...files.keys()].filter((path) => path.startsWith('waves/')).length);

      const config = objectOf(waves.find((body) => at(body, 'metadata', 'name') === 'shop-config')?.['spec']);
      const checked = new Set(arrayOf(config['healthChecks']).map((one) => at(one, 'kind')));
      assert.deepEqual([config['wait'], checked.has('PersistentVolumeClaim')], [undefined, false]);
      assert.ok(checked.has('ExternalSecret'));
      const smoke = waves.find((body) => at(body, 'metadata', 'name') === 'shop-after-smoke');
      assert.equal(at(smoke, 'spec', 'timeout'), '1200s');
      assert.deepEqual(at(files.get('flux.yaml#0'), 'spec', 'ref'), { tag: 'v1.2' });
    },
  );

  await t.test('another application on stdout, with an OCI repository, and with a source that is there', async (t) => {
    const { folder, run } = await shop(t);
    const args = ['render', '-f', 'k8s', ...stores];
    const text = await runCli([...args, '--for', 'argocd'], { cwd: folder, env });
    assert.equal(text.code, 0, text.stderr);
    for (const document of parseAllDocuments(text.stdout)) await validate(sandbox, objectOf(document.toJS()));
    assert.match(text.stderr, /REPLACE_WITH_REPOSITORY/);
    for (const repo of ['oci://registry.example.com/shop', 'GitRepository/flux-system']) {
      const result = await run([...args, '--for', 'flux', '--output-dir', 'out', '--repo', repo]);
      assert.equal(result.code, 0, result.stdout);
      const files = await objectsIn(join(folder, 'out'));
      for (const [path, body] of files) if (path.startsWith('flux.yaml')) await validate(sandbox, body);
    }
  });
});

test('the ExternalSecret has no value, and a template for each key', async (t) => {
  const { folder, run } = await shop(t);
  const result = await run(['render', '--for', 'argocd', ...stores, ...fileArgs]);
  const objects = [...(await objectsIn(join(folder, 'out'))).values()];
  const external = objects.find((body) => body['kind'] === 'ExternalSecret');
  assert.deepEqual(at(external, 'spec', 'target', 'template', 'data'), {
    password: '{{ .password }}',
    url: 'postgres://app:{{ .password | urlquery | replace "+" "%20" }}@db.example/shop',
    key: 'key={{ .api_key }} {{ "{{" }} x }}',
  });
  assert.deepEqual(at(external, 'spec', 'data'), [
    {
      secretKey: 'password',
      remoteRef: { key: 'prod/db', property: 'password' },
      sourceRef: { storeRef: { kind: 'ClusterSecretStore', name: 'aws' } },
    },
    {
      secretKey: 'api_key',
      remoteRef: { key: '/prod/api-key' },
      sourceRef: { storeRef: { kind: 'SecretStore', name: 'parameters' } },
    },
  ]);
  const left = arrayOf(resultOf(result)['findings']).find((one) => at(one, 'id') === 'gitops/secret-left-out');
  assert.match(JSON.stringify(at(left, 'object')), /typed/);
  assert.deepEqual(at(left, 'evidence'), ['typed: comes from env OMS_INPUT_TYPED']);
  assert.ok(!objects.some((body) => body['kind'] === 'Secret'));
});
