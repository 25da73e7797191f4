import assert from 'node:assert/strict';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../../support/cli.ts';
import { load, loadIn, namesOf, object, said } from './helpers.ts';

/** A program that prints what it was called with, as YAML. */
const kustomize = '#!/bin/sh\nprintf "called: %s\\n" "$*"\n';
const kubectl = '#!/bin/sh\nprintf "kubectl: %s\\n" "$*"\n';
const failing = '#!/bin/sh\necho "Error: accumulating resources: web.yaml" >&2\nexit 1\n';

const files = {
  'k8s/base/kustomization.yaml': 'resources: [web.yaml]\n',
  'k8s/base/web.yaml': object('web'),
  'k8s/overlays/dev/kustomization.yml': 'resources: [../../base]\n',
  'k8s/overlays/prod/Kustomization': 'resources: [../../base]\ncomponents: [../../parts]\n',
  'k8s/overlays/prod/patch.yaml': object('web'),
  'k8s/parts/kustomization.yaml': 'kind: Component\n',
  'k8s/unused/kustomization.yaml': 'kind: Component\n',
};

async function rendered(t: Parameters<typeof makeFolder>[0], programs: Readonly<Record<string, string>>, path: string) {
  const bin = Object.fromEntries(Object.entries(programs).map(([name, text]) => [`bin/${name}`, text]));
  const folder = await makeFolder(t, { ...files, ...bin });
  for (const name of Object.keys(bin)) await chmod(join(folder, name), 0o755);
  const loaded = await load(folder, [path], { env: { PATH: join(folder, 'bin') } });
  return { folder, ...loaded };
}

for (const path of ['k8s/overlays/prod', 'k8s/overlays/prod/Kustomization', 'k8s/overlays/p*']) {
  test(`rendered by kustomize: ${path}`, async (t) => {
    const { folder, files: read, findings } = await rendered(t, { kustomize, kubectl }, path);
    assert.deepEqual(findings, []);
    assert.deepEqual(read, [
      { name: 'k8s/overlays/prod (kustomize)', text: `called: build ${join(folder, 'k8s/overlays/prod')}\n` },
    ]);
  });
}

test('rendered by kubectl, where there is no kustomize', async (t) => {
  const { folder, files: read } = await rendered(t, { kubectl }, 'k8s/overlays/dev');
  assert.deepEqual(
    read.map(({ text }) => text),
    [`kubectl: kustomize ${join(folder, 'k8s/overlays/dev')}\n`],
  );
});

const failures: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
  [
    'neither program is here',
    {},
    /neither kustomize nor kubectl is here.*kubectl kustomize k8s\/overlays\/dev \| oms-deploy/,
  ],
  ['it fails', { kustomize: failing }, /kustomize build ended with 1\. \| Error: accumulating resources: web.yaml \|/],
];

for (const [name, programs, expected] of failures) {
  test(`one finding where ${name}`, async (t) => {
    const { files: read, findings } = await rendered(t, programs, 'k8s/overlays/dev');
    assert.deepEqual(read, []);
    assert.equal(findings.length, 1);
    assert.match(findings.map(said).join(), expected);
  });
}

for (const [path, owned] of [
  ['k8s', ['k8s/overlays/dev', 'k8s/overlays/prod']],
  ['k8s/**/*.yaml', ['k8s/overlays/prod']],
  ['k8s/base/*.yaml', ['k8s/base']],
] as const) {
  test(`files of kustomizations are not applied raw by accident: ${path}`, async (t) => {
    const { files: read, findings } = await loadIn(t, files, [path]);
    assert.deepEqual(read, []);
    assert.deepEqual(
      findings.map(({ id }) => id),
      ['manifests/ambiguous'],
    );
    const expected = owned.map((folder) => `there is ${folder}`);
    assert.deepEqual(findings[0]?.evidence, expected);
    assert.match(findings[0]?.fix ?? '', new RegExp(`-f ${owned[0]} `));
  });
}

test('a file that is named is applied as it is, and so is a folder whose kustomization is left out', async (t) => {
  assert.deepEqual(namesOf(await loadIn(t, files, ['k8s/base/web.yaml'])), ['k8s/base/web.yaml']);
  const raw = await loadIn(t, files, ['k8s/base', '!k8s/base/kustomization.yaml']);
  assert.deepEqual(raw.findings, []);
  assert.deepEqual(namesOf(raw), ['k8s/base/web.yaml']);
});
