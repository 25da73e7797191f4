import assert from 'node:assert/strict';
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { at } from '../../src/model/json.ts';
import { makeFolder, resultOf, runCli } from '../support/cli.ts';
import { getSandbox, type TestSandbox } from '../support/sandbox.ts';

const shapes = join(import.meta.dirname, '..', 'fixtures', 'shapes');

/** A folder of somebody else's, and what `init` can't know of it. */
interface Shape {
  /** The inputs that stay open. */
  readonly unresolved?: readonly string[];
  /** What whoever deploys gives: passwords, a tag, what stayed open. */
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Namespaces that the manifests make themselves: then it isn't moved to another. */
  readonly namespaces?: readonly string[];
  readonly objects: number;
  /** What is no part of the namespace, and is deleted in the end. */
  readonly leftovers?: readonly string[];
  /** A volume of this class, as a provisioner would make it. */
  readonly volume?: string;
}

const all: Readonly<Record<string, Shape>> = {
  'one-file': { env: { IMAGE_TAG: '1' }, objects: 3 },
  'per-service': { env: { OMS_INPUT_DB_PASSWORD: 'correct-horse' }, objects: 4 },
  kustomize: { objects: 2 },
  'helm-output': { objects: 2 },
  jobs: { env: { OMS_INPUT_DATABASE_PASSWORD: 'correct-horse' }, objects: 3 },
  stateful: {
    unresolved: ['storage_class'],
    env: { OMS_INPUT_ADMIN_PASSWORD: 'correct-horse', OMS_INPUT_STORAGE_CLASS: 'shape-volumes' },
    volume: 'shape-volumes',
    objects: 3,
  },
  daemon: { objects: 3 },
  'two-namespaces': {
    namespaces: ['shape-front', 'shape-back'],
    objects: 6,
    leftovers: ['/api/v1/namespaces/shape-front', '/api/v1/namespaces/shape-back'],
  },
  'custom-kind': {
    objects: 2,
    leftovers: ['/apis/apiextensions.k8s.io/v1/customresourcedefinitions/reports.shapes.example.com'],
  },
  styles: { env: { OMS_INPUT_API_TOKEN: 'correct-horse' }, objects: 2 },
};

test('every shape has its folder, and every folder its shape', () => {
  const folders = readdirSync(shapes, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  assert.deepEqual(folders.map(({ name }) => name).sort(), Object.keys(all).sort());
});

for (const [name, shape] of Object.entries(all)) {
  test(`${name}: init, up, and nothing is left to do`, async (t) => {
    const { unresolved = [], env = {}, args = [], namespaces, objects } = shape;
    const sandbox = await getSandbox();
    const cwd = await makeFolder(t, {});
    cpSync(join(shapes, name), cwd, { recursive: true });
    cpSync(join(shapes, 'outputs.tf'), join(cwd, 'terraform', 'outputs.tf'));
    cpSync(join(shapes, 'outputs.json'), join(cwd, 'saved', 'outputs.json'));

    const init = await runCli(['init', '--yes', '--output', 'json'], { cwd });
    assert.equal(init.code, 0, init.stdout);
    assert.deepEqual(resultOf(init).unresolved, unresolved);
    assert.equal(resultOf(init).objects, objects);

    t.after(() => Promise.all((shape.leftovers ?? []).map((path) => sandbox.request('DELETE', path))));
    const namespace = namespaces?.[0] ?? (await sandbox.createNamespace('shape', t));
    if (shape.volume !== undefined) await makeVolume(sandbox, namespace, shape.volume, t);
    const target = ['--kubeconfig', sandbox.kubeconfig, '--outputs-file', 'saved/outputs.json', '--output', 'json'];
    const where = namespaces === undefined ? ['--namespace', namespace] : [];
    const up = () => runCli(['up', '--yes', '--timeout', '2m', ...target, ...where, ...args], { cwd, env });
    const first = await up();
    assert.equal(first.code, 0, first.stdout);
    assert.equal(at(resultOf(first), 'changes', 'created'), objects, first.stdout);
    const second = await up();
    assert.equal(second.code, 0, second.stdout);
    assert.deepEqual(resultOf(second).changes, { created: 0, updated: 0, unchanged: objects, deleted: 0 });
  });
}

/** The sandbox has no provisioner: the volume for the claim is there before. */
async function makeVolume(
  sandbox: TestSandbox,
  namespace: string,
  storageClassName: string,
  t: Parameters<TestSandbox['createNamespace']>[1],
) {
  const path = '/api/v1/persistentvolumes';
  const { status } = await sandbox.request('POST', path, {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: namespace },
    spec: {
      storageClassName,
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: `/${namespace}` },
      claimRef: { namespace, name: 'data-store-0' },
    },
  });
  assert.equal(status, 201);
  t.after(() => sandbox.request('DELETE', `${path}/${namespace}`));
}
