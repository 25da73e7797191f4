import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { classify } from '../../../../src/manifests/sources/classify.ts';
import { decodeManifest } from '../../../../src/manifests/sources/decode.ts';
import { templateSyntax } from '../../../../src/manifests/sources/templates.ts';
import { loadIn, namesOf, object, said } from './helpers.ts';

const foreign = (apiVersion: string, kind = 'Cluster'): string => `apiVersion: ${apiVersion}\nkind: ${kind}\n`;

const others: readonly (readonly [string, string, string])[] = [
  ['values.yaml', 'image: {tag: 1}\n', 'values for Helm'],
  ['values-prod.yaml', 'kind: Deployment\n', 'values for Helm'],
  ['prod-values.yml', 'image: [\n', 'values for Helm'],
  ['Chart.yaml', 'apiVersion: v2\nname: web\n', 'the head of a Helm chart'],
  ['docker-compose.prod.yml', 'services: {}\n', 'for Docker Compose'],
  ['compose.yaml', 'services: {}\n', 'for Docker Compose'],
  ['stack.yaml', 'services: {}\n', 'for Docker Compose'],
  ['skaffold.yaml', foreign('skaffold/v4beta6', 'Config'), 'a configuration of Skaffold'],
  ['helmfile.yaml', 'releases: []\n', 'a Helmfile'],
  ['package.json', '{"name": "x"}', 'of Node.js'],
  ['tsconfig.json', '{"compilerOptions": {}}', 'of Node.js'],
  ['web.schema.json', '{"$schema": "x", "type": "object"}', 'a JSON document with its schema'],
  ['openapi.yaml', 'openapi: 3.1.0\npaths: {}\n', 'an OpenAPI description'],
  ['ci.yml', 'on: push\njobs: {}\n', 'a GitHub workflow'],
  ['prometheus.yml', 'scrape_configs: []\n', 'a configuration of Prometheus'],
  ['patch.yaml', '- {op: replace, path: /spec/replicas, value: 2}\n', 'without apiVersion and kind'],
  ['kind.yaml', foreign('kind.x-k8s.io/v1alpha4'), 'a configuration of kind'],
  ['k3d.yaml', foreign('"k3d.io/v1alpha5"', 'Simple'), 'a configuration of k3d'],
  ['eks.yaml', foreign('eksctl.io/v1alpha5', 'ClusterConfig'), 'a configuration of eksctl'],
  ['kubeadm.yaml', foreign('kubeadm.k8s.io/v1beta4', 'InitConfiguration'), 'a configuration of kubeadm'],
  ['config', 'unused', ''],
  ['admin.yaml', 'apiVersion: v1\nkind: Config\nclusters: []\n', 'a kubeconfig'],
  ['words.yaml', 'just words\n', 'without apiVersion and kind'],
];

for (const [file, text, what] of others.filter(([, , one]) => one !== '')) {
  test(`passed over in a folder: ${file}, ${what}`, async (t) => {
    const loaded = await loadIn(t, { [`k8s/${file}`]: text, 'k8s/web.yaml': object('web') }, ['k8s']);
    assert.deepEqual(namesOf(loaded), ['k8s/web.yaml']);
    assert.match(
      loaded.findings.map(said).join('\n'),
      new RegExp(`^info manifests/skipped 1 file is not a manifest, and left out. \\| k8s/${file}: ${what} \\|`),
    );
  });
}

const kept: readonly (readonly [string, string])[] = [
  ['values.yaml', object('a')],
  ['docker-compose.yaml', object('a')],
  ['a.yaml', 'kind: ConfigMap\nmetadata: {name: a}\n'],
  ['a.yaml', 'apiVersion: v1\nmetadata: {name: a}\n'],
  ['a.yaml', `a: 1\n---\n${object('a')}`],
  ['a.yaml', 'a: [\n'],
  ['a.yaml', '# nothing\n'],
  ['a.json', `[${JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap' })}]`],
  ['kind.yaml', `${foreign('kind.x-k8s.io/v1alpha4')}---\n${object('a')}`],
];

for (const [file, text] of kept) {
  test(`kept, to be deployed or told as a mistake: ${file} ${JSON.stringify(text.slice(0, 30))}`, async (t) => {
    const loaded = await loadIn(t, { [`k8s/${file}`]: text }, ['k8s']);
    assert.deepEqual(loaded.findings, []);
    assert.deepEqual(namesOf(loaded), [`k8s/${file}`]);
  });
}

test('a configuration of oms-deploy is passed over without a word', async (t) => {
  const files = {
    'oms-deploy.yaml': 'application: a\n',
    'other.yaml': 'application: a\nmanifests: [k8s]\n',
    'k8s/web.yaml': object('web'),
  };
  const loaded = await loadIn(t, files, ['.']);
  assert.deepEqual(loaded.findings, []);
  assert.deepEqual(namesOf(loaded), ['k8s/web.yaml']);
});

test('a folder in which nothing is a manifest is an error that lists what there is', async (t) => {
  const { findings } = await loadIn(t, { 'k8s/values.yaml': 'a: 1\n' }, ['k8s']);
  assert.match(
    findings.map(said).join('\n'),
    /^error manifests\/empty There is no manifest.*k8s\/values.yaml: values for Helm/,
  );
});

test('a file that is named is taken at its word, but for what can only be an error', async (t) => {
  const files = {
    'values.yaml': 'a: 1\n',
    'kind.yaml': foreign('kind.x-k8s.io/v1alpha4'),
    'oms-deploy.yaml': 'application: a\n',
  };
  const loaded = await loadIn(t, files, Object.keys(files));
  assert.deepEqual(namesOf(loaded), ['values.yaml']);
  assert.deepEqual(
    loaded.findings.map(said).map((text) => text.slice(0, 78)),
    [
      'error manifests/other kind.yaml:1 kind.yaml is a configuration of kind, no man',
      'error manifests/other oms-deploy.yaml:1 oms-deploy.yaml is a configuration of ',
    ],
  );
});

const chart = {
  'chart/Chart.yaml': 'apiVersion: v2\nname: web\n',
  'chart/values.yaml': 'replicas: 1\n',
  'chart/templates/a.yaml': 'replicas: {{ .Values.replicas }}\n',
  'chart/templates/b.yaml': `{{- if .Values.x }}\n${object('b')}{{- end }}\n`,
  'chart/charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\n',
  'chart/charts/sub/templates/c.yaml': 'name: {{ include "x" . }}\n',
};

test('a chart is named as a whole, once, with the way out', async (t) => {
  const loaded = await loadIn(t, { ...chart, 'web.yaml': object('web') }, ['.']);
  assert.deepEqual(namesOf(loaded), ['web.yaml']);
  assert.equal(loaded.findings.length, 1);
  assert.match(
    loaded.findings.map(said).join('\n'),
    /^error manifests\/template chart is a Helm chart.*chart\/templates\/b.yaml.*helm template chart chart \| oms-deploy up -f - -n <namespace> --yes$/,
  );
  const without = await loadIn(t, { ...chart, 'web.yaml': object('web') }, ['.', '!chart']);
  assert.deepEqual(without.findings, []);
});

test('the templates folder of a chart is the chart', async (t) => {
  const { files, findings } = await loadIn(t, chart, ['chart/templates']);
  assert.deepEqual(files, []);
  assert.deepEqual(
    findings.map(({ cause }) => cause),
    ['chart is a Helm chart: its files are no manifests until Helm has rendered them.'],
  );
});

const templates: readonly (readonly [string, string, RegExp])[] = [
  ['a value of Helm', 'a: {{ .Values.x }}\n', /Helm has rendered/],
  ['an action of Go', '{{- range .items }}\n- a\n{{- end }}\n', /Helm has rendered/],
  ['a quoted value of Helm, in valid YAML', `${object('a')}data: {x: "{{ .Values.x }}"}\n`, /Helm has rendered/],
  ['a statement of Jinja', '{% if x %}\na: 1\n{% endif %}\n', /Jinja has rendered/],
  ['a filter of Jinja', 'a: {{ name | default("x") }}\n', /Jinja has rendered/],
  ['a field in Jinja', 'a: {{ app.name }}\n', /Jinja has rendered/],
  ['placeholders in braces', 'a: {{ NAME }}\nb: {{tag}}-x\n', /styles: \[mustache\].*Jinja/],
];

for (const [name, text, expected] of templates) {
  test(`a template: ${name}`, async (t) => {
    const { files, findings } = await loadIn(t, { 'k8s/a.yaml': text, 'k8s/b.yaml': text }, ['k8s']);
    assert.deepEqual(files, []);
    assert.equal(findings.length, 1);
    assert.match(findings.map(said).join(), expected);
    assert.deepEqual(findings[0]?.evidence, ['k8s/a.yaml', 'k8s/b.yaml']);
  });
}

const untouched: readonly (readonly [string, string])[] = [
  ['rules of Prometheus', `${object('a')}data: {rule: "{{ $labels.instance }} is down"}\n`],
  ['a long text with Helm in it', `${object('a')}data:\n  doc: |\n    name: {{ .Values.x }}\n`],
  ['workflows of Argo', `${object('a')}spec: {x: "{{inputs.parameters.x}}", y: '{{item}}'}\n`],
  ['broken otherwise', `${object('a')}data:\n  doc: |\n    {{ $labels.x }}\nx: [\n`],
  ['text of a shell', `${object('a')}data: {x: "a {% b"}\n`],
];

for (const [name, text] of untouched) {
  test(`no template: ${name}`, async (t) => {
    const loaded = await loadIn(t, { 'k8s/a.yaml': text }, ['k8s']);
    assert.deepEqual(loaded.findings, []);
    assert.deepEqual(namesOf(loaded), ['k8s/a.yaml']);
  });
}

test('placeholders in braces are left to who fills them, where that style is on', async (t) => {
  const loaded = await loadIn(t, { 'a.yaml': `${object('a')}spec: {{ NAME }}\n` }, ['a.yaml'], {
    styles: ['mustache'],
  });
  assert.deepEqual(loaded.findings, []);
});

const streams: readonly (readonly [string, string, RegExp])[] = [
  ['nothing', ' \n', /^error manifests\/empty Nothing came in on standard input/],
  ['a template', 'a: {{ .Values.x }}\n', /^error manifests\/template <stdin>:1 <stdin> is no YAML until Helm/],
  ['UTF-16 that was taken for text', 'a\u0000p\u0000', /^error manifests\/encoding <stdin>:1/],
];

for (const [name, stdin, expected] of streams) {
  test(`standard input with ${name}`, async (t) => {
    const { files, findings } = await loadIn(t, {}, ['-'], { stdin });
    assert.deepEqual(files, []);
    assert.match(findings.map(said).join('\n'), expected);
  });
}

const rows: readonly string[] = ['{{', '{%', '{#', '{{a}}', '{{ .a }}', '{{-', '{%a%}'];

for (const row of rows) {
  test(`a long row of ${row} takes no time of its own`, () => {
    const started = performance.now();
    for (const text of [row.repeat(2_000), `${row.repeat(2_000)}x`, `a: [\n${row.repeat(2_000)} x\n`]) {
      templateSyntax(text);
      classify('a.yaml', text);
    }
    assert.ok(performance.now() - started < 10_000);
  });
}

test('no text at all makes it throw', () => {
  const pieces = fc.constantFrom(
    ...['{{', '}}', '{%', '%}', ' .Values.x ', ' NAME ', 'apiVersion: ', 'kind: ', 'List', '\n', '---\n', '- ', 'a: '],
    ...['&a ', '*a', '[', ']', '"', '|\n', '$schema: x\n', 'skaffold/v1', '\t', '# Source: x\n'],
  );
  const text = fc.oneof(
    fc.array(fc.oneof(pieces, fc.string({ maxLength: 3 })), { maxLength: 30 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(text, fc.constantFrom('a.yaml', 'values.yaml', 'a.json'), (content, name) => {
      templateSyntax(content);
      classify(name, content);
      const decoded = decodeManifest(Buffer.from(content), name);
      assert.ok(typeof decoded === 'string' || (decoded.origin?.line ?? 0) >= 1);
    }),
    { numRuns: 500 },
  );
});
