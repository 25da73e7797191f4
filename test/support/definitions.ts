import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { arrayOf, at, type JsonObject, objectOf, stringOf } from '../../src/model/json.ts';
import { eventually, type TestSandbox } from './sandbox.ts';

const run = promisify(execFile);

/** A Go module that carries the definitions of its kinds, with its hash as go.sum has it. */
interface Module {
  readonly path: string;
  readonly sum: string;
  readonly files: readonly string[];
}

const operator = ['externalsecrets', 'secretstores'].map(
  (name) => `config/crds/bases/external-secrets.io_${name}.yaml`,
);
const generator = 'config/crds/bases/generators.external-secrets.io_ecrauthorizationtokens.yaml';

const modules = {
  'argo-cd': {
    path: 'github.com/argoproj/argo-cd/v3@v3.5.7',
    sum: 'h1:Xm1BF+I5OgDKUG3SDK49vn2/Y5AMyaNVko+/JT08gj0=',
    files: ['manifests/crds/application-crd.yaml'],
  },
  'flux-kustomize': {
    path: 'github.com/fluxcd/kustomize-controller@v1.9.6',
    sum: 'h1:XB+G3A0mky0j5uVHZWv4oSlS2RvZBoNIUhstIvY0JKE=',
    files: ['config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml'],
  },
  'flux-source': {
    path: 'github.com/fluxcd/source-controller@v1.9.6',
    sum: 'h1:nG534/bI6nVpyHra7ONAk6xDB3xPsVT+EOLHZHXPrrc=',
    files: ['gitrepositories', 'ocirepositories'].map(
      (name) => `config/crd/bases/source.toolkit.fluxcd.io_${name}.yaml`,
    ),
  },
  'external-secrets': {
    path: 'github.com/external-secrets/external-secrets@v1.3.2',
    sum: 'h1:u2J8RjlHIeF0oZCqtl92adI/uZWUwOesJIDkfql6LqQ=',
    files: [...operator, generator],
  },
  /** The first one with v1, which still serves v1beta1. */
  'external-secrets-0.16': {
    path: 'github.com/external-secrets/external-secrets@v0.16.2',
    sum: 'h1:iNY+gIgSyL5higXTfnz+hdPCaiB/43UiHLqE7HBpj68=',
    files: [...operator, generator],
  },
  'prometheus-operator': {
    path: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    sum: 'h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=',
    files: ['servicemonitors', 'podmonitors', 'prometheusrules'].map(
      (name) => `example/prometheus-operator-crd/monitoring.coreos.com_${name}.yaml`,
    ),
  },
  velero: {
    path: 'github.com/vmware-tanzu/velero@v1.18.3',
    sum: 'h1:9uwN5yxTWQl9PsF5ljX4xiG+7VIq3I9mxOQ0DyyZ31A=',
    files: ['config/crd/v1/bases/velero.io_schedules.yaml'],
  },
} as const satisfies Readonly<Record<string, Module>>;

export type ModuleName = keyof typeof modules;

/** A workspace or flags of the developer would change what is loaded. */
const options = { cwd: tmpdir(), env: { ...process.env, GOFLAGS: '', GOWORK: 'off' }, timeout: 300_000 };

/** Why the definitions can't be had here, for `skip`; false where they can. */
export async function whyNoGo(): Promise<string | false> {
  return run('go', ['version'], options).then(
    () => false,
    () => 'no go on PATH, which loads the definitions of the kinds of operators',
  );
}

/** The CustomResourceDefinitions of these projects, from Go's module cache; loaded at the first call. */
async function definitionsOf(names: readonly ModuleName[]): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = [];
  for (const name of names) {
    const { path, sum, files } = modules[name];
    const { stdout } = await run('go', ['mod', 'download', '-json', path], options);
    const module = objectOf(JSON.parse(stdout));
    if (module['Sum'] !== sum) throw new Error(`${path} is ${String(module['Sum'])}, not ${sum}`);
    for (const file of files) {
      found.push(objectOf(parse(await readFile(join(stringOf(module['Dir']) ?? '', file), 'utf8'))));
    }
  }
  return found;
}

/** Installs them and waits until the kinds are served. */
export async function installDefinitions(sandbox: TestSandbox, names: readonly ModuleName[]): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  for (const definition of await definitionsOf(names)) {
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
