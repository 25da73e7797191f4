import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { arrayOf, at, type JsonObject, objectOf, stringOf } from '../../../src/model/json.ts';
import { eventually, type TestSandbox } from '../sandbox.ts';

const run = promisify(execFile);

/** A Go module that carries the definitions of its kinds, with its hash as go.sum has it. */
interface DefiningModule {
  readonly path: string;
  readonly sum: string;
  readonly files: readonly string[];
}

/** Argo CD, Flux and External Secrets. */
export const gitopsModules: readonly DefiningModule[] = [
  {
    path: 'github.com/argoproj/argo-cd/v3@v3.5.7',
    sum: 'h1:Xm1BF+I5OgDKUG3SDK49vn2/Y5AMyaNVko+/JT08gj0=',
    files: ['manifests/crds/application-crd.yaml'],
  },
  {
    path: 'github.com/fluxcd/kustomize-controller@v1.9.6',
    sum: 'h1:XB+G3A0mky0j5uVHZWv4oSlS2RvZBoNIUhstIvY0JKE=',
    files: ['config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml'],
  },
  {
    path: 'github.com/fluxcd/source-controller@v1.9.6',
    sum: 'h1:nG534/bI6nVpyHra7ONAk6xDB3xPsVT+EOLHZHXPrrc=',
    files: ['gitrepositories', 'ocirepositories'].map(
      (name) => `config/crd/bases/source.toolkit.fluxcd.io_${name}.yaml`,
    ),
  },
  {
    path: 'github.com/external-secrets/external-secrets@v1.3.2',
    sum: 'h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ=',
    files: ['config/crds/bases/external-secrets.io_externalsecrets.yaml'],
  },
];

/** The Prometheus Operator. */
export const prometheusModules: readonly DefiningModule[] = [
  {
    path: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
    files: ['servicemonitors', 'podmonitors', 'prometheusrules'].map(
      (name) => `example/prometheus-operator-crd/monitoring.coreos.com_${name}.yaml`,
    ),
  },
];

/** A workspace or flags of the developer would change what is loaded. */
const options = { cwd: tmpdir(), env: { ...process.env, GOFLAGS: '', GOWORK: 'off' }, timeout: 300_000 };

/** Why the definitions can't be had here, for `skip`; undefined where they can. */
export async function whyNoGo(): Promise<string | false> {
  return run('go', ['version'], options).then(
    () => false,
    () => 'no go on PATH, which loads the definitions of custom kinds',
  );
}

/** Defines the kinds of modules in a cluster, from Go's module cache; they are loaded at the first call. */
export async function installDefinitions(sandbox: TestSandbox, modules: readonly DefiningModule[]): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  for (const definition of await definitionsOf(modules)) {
    const created = await sandbox.request('POST', path, definition);
    assert.equal(created.status, 201, JSON.stringify(created.body).slice(0, 500));
    const name = String(at(definition, 'metadata', 'name'));
    await eventually(
      async () => {
        const { body } = await sandbox.request('GET', `${path}/${name}`);
        const conditions = arrayOf(at(body, 'status', 'conditions'));
        return conditions.some((one) => at(one, 'type') === 'Established' && at(one, 'status') === 'True') || undefined;
      },
      () => `${name} is not established`,
    );
  }
}

async function definitionsOf(modules: readonly DefiningModule[]): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = [];
  for (const { path, sum, files } of modules) {
    const { stdout } = await run('go', ['mod', 'download', '-json', path], options);
    const module = objectOf(JSON.parse(stdout));
    if (module['Sum'] !== sum) throw new Error(`${path} is ${String(module['Sum'])}, not ${sum}`);
    for (const file of files) {
      found.push(objectOf(parse(await readFile(join(stringOf(module['Dir']) ?? '', file), 'utf8'))));
    }
  }
  return found;
}
