import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { type JsonObject, objectOf, stringOf } from '../../../src/model/json.ts';

const run = promisify(execFile);

/** Go modules that carry the definitions of their kinds, each with its hash as go.sum has it. */
const modules = [
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
] as const;

/** A workspace or flags of the developer would change what is loaded. */
const options = { cwd: tmpdir(), env: { ...process.env, GOFLAGS: '', GOWORK: 'off' }, timeout: 300_000 };

/** Why the definitions can't be had here, for `skip`; undefined where they can. */
export async function whyNoGo(): Promise<string | false> {
  return run('go', ['version'], options).then(
    () => false,
    () => 'no go on PATH, which loads the definitions of Argo CD, Flux and External Secrets',
  );
}

/** The CustomResourceDefinitions of Argo CD, Flux and External Secrets, from Go's module cache; loaded at the first call. */
export async function gitopsDefinitions(): Promise<readonly JsonObject[]> {
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
