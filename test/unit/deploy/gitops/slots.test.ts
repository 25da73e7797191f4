import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forArgoCd } from '../../../../src/deploy/gitops/argocd.ts';
import type { Handed } from '../../../../src/deploy/gitops/engine.ts';
import { forFlux } from '../../../../src/deploy/gitops/flux.ts';
import { slotsOf } from '../../../../src/deploy/gitops/slots.ts';
import { at } from '../../../../src/model/json.ts';
import { manifest, manifestsIn } from '../../manifests/helpers.ts';

const job = (name: string, annotations: Readonly<Record<string, string>>) =>
  manifest({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'shop', annotations },
    spec: { template: { spec: { containers: [{ name, image: 'x:1' }] } } },
  });
const object = (kind: string, name: string, annotations: Readonly<Record<string, string>> = {}, apiVersion = 'v1') =>
  manifest({
    apiVersion,
    kind,
    metadata: { name, ...(kind === 'Namespace' ? {} : { namespace: 'shop' }), annotations },
  });

const handover = (manifests: Parameters<typeof slotsOf>[0]) => ({
  application: 'shop',
  namespace: 'shop',
  slots: slotsOf(manifests),
  source: { repo: 'https://git.example.com/shop.git', path: '.' },
});

/** `name wave` of each object of Argo CD, by an annotation of it. */
function annotationsOf({ files }: Handed, key: string): Readonly<Record<string, unknown>> {
  const bodies = files.flatMap(({ objects }) => objects).filter(({ kind }) => kind !== 'Application');
  return Object.fromEntries(
    bodies.map((body) => [`${body.kind}/${body.metadata.name ?? ''}`, body.metadata.annotations?.[key]]),
  );
}

const wave = 'argocd.argoproj.io/sync-wave';

test('hooks come one by one, by weight, and an object after those of its wave that it needs', () => {
  const [definition, thing] = manifestsIn(`apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec: {group: example.com, scope: Namespaced, names: {kind: Thing, plural: things}, versions: [{name: v1, served: true}]}
---
apiVersion: example.com/v1
kind: Thing
metadata: {name: one, annotations: {oms-deploy.io/wave: "0"}}
`);
  assert.ok(definition && thing);
  const hooks = [
    job('second', { 'oms-deploy.io/hook': 'before', 'helm.sh/hook-weight': '5' }),
    job('first', { 'oms-deploy.io/hook': 'before' }),
    job('smoke', { 'oms-deploy.io/hook': 'after' }),
  ];
  const slots = slotsOf([thing, ...hooks, definition, object('Deployment', 'web', {}, 'apps/v1')]);
  assert.deepEqual(
    slots.map(({ name, wave: number }) => `${number} ${name}`),
    ['0 namespace', '0 namespace-2', '4 before-first', '4 before-second', '4 workloads', '100 after-smoke'],
  );
});

test('a sync wave is the number of the plan, moved up only where something comes between', () => {
  const plain = [object('ConfigMap', 'a'), object('Service', 'b'), object('Ingress', 'c', {}, 'networking.k8s.io/v1')];
  assert.deepEqual(annotationsOf(forArgoCd(handover(plain)), wave), {
    'ConfigMap/a': '2',
    'Service/b': '3',
    'Ingress/c': '6',
  });
  const hooked = [...plain, job('migrate', { 'oms-deploy.io/hook': 'before' }), object('Pod', 'd')];
  assert.deepEqual(annotationsOf(forArgoCd(handover(hooked)), wave), {
    'ConfigMap/a': '2',
    'Service/b': '3',
    'Job/migrate': '4',
    'Pod/d': '5',
    'Ingress/c': '6',
  });
});

test('what is a hook for Argo CD or Helm and none in the plan is none for Argo CD either', () => {
  const foreign = { 'helm.sh/hook': 'pre-install', 'helm.sh/hook-weight': '-5', 'argocd.argoproj.io/hook': 'PreSync' };
  const handed = forArgoCd(handover([object('ConfigMap', 'settings', { ...foreign, kept: 'yes' })]));
  assert.deepEqual(handed.files.at(-1)?.objects[0]?.metadata.annotations, { kept: 'yes', [wave]: '2' });
});

test('a Job that runs once is no hook, which would run again', () => {
  const once = job('seed', { 'oms-deploy.io/hook': 'before', 'oms-deploy.io/hook-delete': 'never' });
  const argo = forArgoCd(handover([once]));
  assert.deepEqual(annotationsOf(argo, 'argocd.argoproj.io/hook'), { 'Job/seed': undefined });
  const flux = forFlux(handover([once])).files.at(-1)?.objects[0];
  assert.equal(flux?.metadata.annotations?.['kustomize.toolkit.fluxcd.io/force'], undefined);
});

test('with Flux a hook is another Job where a workload is another one, and else the same', () => {
  const runsFor = (image: string, port: number): unknown => {
    const web = manifest({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { template: { spec: { containers: [{ name: 'web', image }] } } },
    });
    const service = manifest({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { port } });
    const { files } = forFlux(handover([web, service, job('migrate', { 'oms-deploy.io/hook': 'before' })]));
    const found = files.flatMap(({ objects }) => objects).find(({ kind }) => kind === 'Job');
    return at(found, 'spec', 'template', 'metadata', 'annotations', 'oms-deploy.io/runs-for');
  };
  assert.match(String(runsFor('web:1', 80)), /^[0-9a-f]{16}$/);
  assert.equal(runsFor('web:1', 80), runsFor('web:1', 81));
  assert.notEqual(runsFor('web:1', 80), runsFor('web:2', 80));
});

test('data, and what is never pruned, stays for both when it leaves the manifests', () => {
  const objects = [
    object('Namespace', 'shop'),
    object('ConfigMap', 'a', { 'oms-deploy.io/prune': 'never' }),
    object('ConfigMap', 'b'),
  ];
  assert.deepEqual(annotationsOf(forArgoCd(handover(objects)), 'argocd.argoproj.io/sync-options'), {
    'Namespace/shop': 'Prune=false,Delete=false',
    'ConfigMap/a': 'Prune=false,Delete=false',
    'ConfigMap/b': undefined,
  });
  const flux = annotationsOf(forFlux(handover(objects)), 'kustomize.toolkit.fluxcd.io/prune');
  assert.deepEqual(
    [flux['Namespace/shop'], flux['ConfigMap/a'], flux['ConfigMap/b']],
    ['disabled', 'disabled', undefined],
  );
});

test('the namespace of the application is made by Argo CD where no manifest makes it', () => {
  const optionsOf = (handed: Handed): unknown => at(handed.files[0]?.objects[0], 'spec', 'syncPolicy', 'syncOptions');
  assert.deepEqual(optionsOf(forArgoCd(handover([object('ConfigMap', 'a')]))), [
    'ServerSideApply=true',
    'CreateNamespace=true',
    'PruneLast=true',
  ]);
  assert.deepEqual(optionsOf(forArgoCd(handover([object('Namespace', 'shop')]))), [
    'ServerSideApply=true',
    'PruneLast=true',
  ]);
});

test('names of Kustomizations fit into a label, and stay apart', () => {
  const application = 'a'.repeat(60);
  const { files } = forFlux({ ...handover([object('ConfigMap', 'a'), object('Service', 'b')]), application });
  const names = (files[0]?.objects ?? [])
    .filter(({ kind }) => kind === 'Kustomization')
    .map(({ metadata }) => metadata.name ?? '');
  assert.equal(new Set(names).size, 2);
  assert.ok(
    names.every((name) => name.length <= 63),
    names.join(),
  );
});

test('objects of one name in a wave get files of their own', () => {
  const other = manifest({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'other' } });
  const { files } = forArgoCd(handover([object('ConfigMap', 'a'), other]));
  assert.deepEqual(
    files.map(({ path }) => path),
    ['application.yaml', 'waves/02-config/configmap-a.yaml', 'waves/02-config/configmap-a.2.yaml'],
  );
});
