import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factsOf, newestMinor } from '../../../src/lint/facts.ts';
import { lint, runRule } from '../../../src/lint/lint.ts';
import type { Rule } from '../../../src/lint/rule.ts';
import { configMissing } from '../../../src/lint/rules/config-missing.ts';
import { imagesLatest } from '../../../src/lint/rules/images-latest.ts';
import { manifestsDuplicate } from '../../../src/lint/rules/manifests-duplicate.ts';
import { manifestsWave } from '../../../src/lint/rules/manifests-wave.ts';
import { syntaxLabel } from '../../../src/lint/rules/syntax-label.ts';
import type { Finding } from '../../../src/model/finding.ts';
import type { Manifest } from '../../../src/model/manifest.ts';
import { manifest, manifestsIn } from '../manifests/helpers.ts';

function found(rule: Rule, manifests: readonly Manifest[], allowLatest = false): readonly Finding[] {
  return runRule(rule, factsOf(manifests, manifests, { isWhole: true, minor: newestMinor, allowLatest }));
}

const object = (apiVersion: string, kind: string, name = 'a', namespace = 'n') => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
});

test('duplicates: across files and versions of one group; the finding is at the later one', () => {
  const findings = found(manifestsDuplicate, [
    manifest(object('autoscaling/v1', 'HorizontalPodAutoscaler'), 3, 'a.yaml'),
    manifest(object('autoscaling/v2', 'HorizontalPodAutoscaler'), 7, 'b.yaml'),
    manifest(object('autoscaling/v2', 'HorizontalPodAutoscaler'), 9, 'b.yaml'),
  ]);
  assert.deepEqual(
    findings.map(({ id, severity, origin, cause }) => [id, severity, origin, cause]),
    [7, 9].map((line) => [
      'manifests/duplicate',
      'error',
      { file: 'b.yaml', line },
      'HorizontalPodAutoscaler n/a is defined twice; the first one is at a.yaml:3.',
    ]),
  );
});

test('no duplicates: another name, namespace, kind or group', () => {
  const findings = found(
    manifestsDuplicate,
    [
      object('v1', 'Service'),
      object('v1', 'Service', 'b'),
      object('v1', 'Service', 'a', 'm'),
      object('v1', 'ConfigMap'),
      object('serving.knative.dev/v1', 'Service'),
    ].map((body) => manifest(body)),
  );
  assert.deepEqual(findings, []);
});

for (const [wave, fine] of [
  ['0', true],
  ['3', true],
  ['99', true],
  ['100', false],
  ['-1', false],
  ['1.5', false],
  ['first', false],
  ['', false],
  [' 3', false],
] as const) {
  test(`the wave annotation ${JSON.stringify(wave)}`, () => {
    const findings = found(
      manifestsWave,
      manifestsIn(
        `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:\n    x: y\n    oms-deploy.io/wave: ${JSON.stringify(wave)}\n`,
      ),
    );
    assert.deepEqual(
      findings.map(({ id, origin }) => [id, origin?.line]),
      fine ? [] : [['manifests/wave', 7]],
    );
  });
}

function lintImage(image: unknown, kind = 'Deployment'): readonly Finding[] {
  const template = { spec: { initContainers: [{ name: 'i', image: 'i:1' }], containers: [{ name: 'c', image }] } };
  const spec = kind === 'CronJob' ? { jobTemplate: { spec: { template } } } : { template };
  return found(imagesLatest, [
    manifest({ apiVersion: kind === 'Deployment' ? 'apps/v1' : 'batch/v1', kind, metadata: { name: 'a' }, spec }),
  ]);
}

const digest = `sha256:${'0'.repeat(64)}`;
const images: readonly (readonly [string, boolean])[] = [
  ['web', true],
  ['web:latest', true],
  ['example.com/team/web', true],
  ['example.com/team/web:latest', true],
  ['localhost:5000/web', true],
  ['localhost:5000/team/web', true],
  ['localhost:5000/web:latest', true],
  ['web:1', false],
  ['web:latest-1', false],
  ['web:not-latest', false],
  ['latest:1', false],
  ['latest/web:1', false],
  ['localhost:5000/web:1', false],
  [`web@${digest}`, false],
  [`web:latest@${digest}`, false],
  [`localhost:5000/web@${digest}`, false],
  ['', false],
];

for (const [image, moves] of images) {
  test(`the image ${image} ${moves ? 'moves' : 'is fixed, or not for us to judge'}`, () => {
    for (const kind of ['Deployment', 'Job', 'CronJob']) {
      assert.deepEqual(
        lintImage(image, kind).map(({ id, severity }) => [id, severity]),
        moves ? [['images/latest', 'error']] : [],
      );
    }
  });
}

test('init containers count, and what is no image is passed over', () => {
  const template = { spec: { initContainers: [{ image: 'a' }], containers: [{ image: 5 }, {}, 'text'] } };
  const findings = found(imagesLatest, [
    manifest({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'a' }, spec: { template } }),
  ]);
  assert.deepEqual(
    findings.map(({ cause }) => cause),
    ['DaemonSet a runs a, which has no fixed version: what runs can change without a deploy.'],
  );
});

test('the place of an image is its own line, and it says the ways out; where it is allowed, it is only a warning', () => {
  const text =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: c\n      image: host/team/web\n';
  const [finding] = found(imagesLatest, manifestsIn(text));
  assert.deepEqual([finding?.origin?.line, finding?.severity], [7, 'error']);
  assert.match(finding?.fix ?? '', /--tag <tag>.*--image web=:<tag>.*--allow-latest/);
  const [allowed] = found(imagesLatest, manifestsIn(text), true);
  assert.equal(allowed?.severity, 'warning');
});

test('a plan says by itself which names no URL leads to; of all others the server is asked', () => {
  const names = ['a/b', 'a%b', '.', '..', ' ', 'fine', 'No_Good', 'a..b'];
  const manifests = names.map((name, index) => manifest(object('v1', 'ConfigMap', name), index + 1));
  const elsewhere = manifest(object('v1', 'ConfigMap', 'a', 'n/m'), 20);
  const facts = factsOf([...manifests, elsewhere], [...manifests, elsewhere], {
    isWhole: false,
    minor: newestMinor,
    allowLatest: false,
  });
  const options = { wantsAdvice: false, silences: [], placeOf: () => undefined, isPart: true };
  const linesBy = (by: 'plan' | 'lint'): readonly (number | undefined)[] =>
    lint(facts, { ...options, by })
      .filter(({ id, severity }) => id === 'syntax/name' && severity === 'error')
      .map(({ origin }) => origin?.line);
  assert.deepEqual(linesBy('plan'), [1, 2, 3, 4, 5, 20]);
  assert.deepEqual(linesBy('lint'), [1, 2, 3, 4, 5, 7, 8, 20]);
});

test('keys of labels and of annotations: the sentence says which', () => {
  const body = object('v1', 'ConfigMap');
  const metadata = { ...body.metadata, labels: { 'a b': 'x' }, annotations: { 'c d': 'x' } };
  assert.deepEqual(
    found(syntaxLabel, [manifest({ ...body, metadata })]).map(({ cause }) => cause),
    [
      'ConfigMap n/a has a label with a key that can\'t be one: "a b".',
      'ConfigMap n/a has an annotation with a key that can\'t be one: "c d".',
    ],
  );
});

test('a ConfigMap that is missing: one of nearly that name, kind and namespace may be meant', () => {
  const envFrom = [{ configMapRef: { name: 'app-confg' } }];
  const pod = { ...object('v1', 'Pod'), spec: { containers: [{ name: 'web', image: 'web:1', envFrom }] } };
  const fixBeside = (kind: string, namespace: string): string | undefined =>
    found(
      configMissing,
      [pod, object('v1', kind, 'app-config', namespace)].map((body) => manifest(body)),
    )[0]?.fix;
  assert.match(fixBeside('ConfigMap', 'n') ?? '', /^Did you mean app-config\? Add its manifest/);
  assert.match(fixBeside('ConfigMap', 'other') ?? '', /^Add its manifest/);
  assert.match(fixBeside('Secret', 'n') ?? '', /^Add its manifest/);
});
