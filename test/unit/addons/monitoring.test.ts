import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { arrayOf, at, type Json, objectOf, stringOf } from '../../../src/model/json.ts';
import { isKubernetesObject, type KubernetesObject } from '../../../src/model/object.ts';
import { findingIds, makeFolder, runCli } from '../../support/cli.ts';

interface WorkloadOptions {
  readonly kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  /** In flow style, as the next two. */
  readonly annotations?: string;
  readonly ports?: string;
  readonly labels?: string;
}

function workload(name: string, options: WorkloadOptions = {}): string {
  const { kind = 'Deployment', annotations = '{}', ports = '[]', labels = `{app: ${name}}` } = options;
  return `---
apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}}
spec:
  selector: {matchLabels: ${labels}}
  template:
    metadata: {labels: ${labels}, annotations: ${annotations}}
    spec: {containers: [{name: ${name}, image: "example.com/${name}:1.0", ports: ${ports}}]}
`;
}

function service(name: string, ports: string, { app = name, annotations = '{}', more = '' } = {}): string {
  return `---
apiVersion: v1
kind: Service
metadata: {name: ${name}, annotations: ${annotations}, labels: {app: ${app}}}
spec: {selector: {app: ${app}}, ports: ${ports}${more}}
`;
}

const http = '[{name: http, port: 80, targetPort: web}]';
const web = '[{name: web, containerPort: 8080}]';

interface Rendered {
  readonly objects: readonly KubernetesObject[];
  readonly stderr: string;
}

async function rendered(
  t: TestContext,
  manifests: string,
  more: readonly string[] = [],
  config = '',
): Promise<Rendered> {
  const head = 'application: shop\nnamespace: shop\nmanifests: [k8s]\n';
  const folder = await makeFolder(t, { 'oms-deploy.yaml': head + config, 'k8s/app.yaml': manifests });
  const { code, stdout, stderr } = await runCli(['render', '--with', 'monitoring', ...more], { cwd: folder });
  assert.equal(code, 0, stderr);
  const objects = parseAllDocuments(stdout).map((one): unknown => one.toJS());
  return { objects: objects.filter(isKubernetesObject), stderr };
}

/** The monitors by name, each with the first of what it has asked. */
async function monitors(
  t: TestContext,
  manifests: string,
  more: readonly string[] = [],
): Promise<Readonly<Record<string, Json>>> {
  const { objects } = await rendered(t, manifests, more);
  const found = objects.filter(({ kind, metadata }) => kind.endsWith('Monitor') && metadata.name !== 'mine');
  return Object.fromEntries(found.map((one) => [`${one.kind} ${one.metadata.name ?? ''}`, asked(one)]));
}

function asked({ spec }: KubernetesObject): Json {
  const [first] = [...arrayOf(at(spec, 'endpoints')), ...arrayOf(at(spec, 'podMetricsEndpoints'))];
  const { interval, relabelings: _, ...rest } = objectOf(first);
  assert.equal(typeof interval, 'string');
  return rest;
}

const metrics = '/metrics';

/** What there is, and what Prometheus is told to ask. */
const rows: readonly (readonly [string, string, Readonly<Record<string, Json>>])[] = [
  [
    'a Service in front of a workload',
    service('web', http) + workload('web', { ports: web }),
    { 'ServiceMonitor web': { port: 'http', path: metrics } },
  ],
  [
    'a Service whose port has no name',
    service('web', '[{port: 80, targetPort: 8080}]') + workload('web', { ports: web }),
    { 'ServiceMonitor web': { targetPort: 8080, path: metrics } },
  ],
  [
    'a port that no container declares: every port of the Service is asked',
    service('web', '[{port: 80}]') + workload('web'),
    { 'ServiceMonitor web': { path: metrics } },
  ],
  [
    'a port of the Service for metrics goes before the first',
    service('web', '[{name: http, port: 80}, {name: http-metrics, port: 9090}]') + workload('web'),
    { 'ServiceMonitor web': { port: 'http-metrics', path: metrics } },
  ],
  [
    'so does one that only the pods have',
    service('web', http) +
      workload('web', { ports: '[{name: web, containerPort: 8080}, {name: metrics, containerPort: 9090}]' }),
    { 'ServiceMonitor web': { targetPort: 'metrics', path: metrics } },
  ],
  [
    'UDP is no way to ask',
    service('dns', '[{name: dns, port: 53, protocol: UDP}, {name: http, port: 80}]') + workload('dns'),
    { 'ServiceMonitor dns': { port: 'http', path: metrics } },
  ],
  [
    'workloads without a Service, of every kind',
    workload('consumer', { ports: '[{name: admin, containerPort: 8081}, {name: metrics, containerPort: 9090}]' }) +
      workload('store', { kind: 'StatefulSet', ports: '[{containerPort: 9100}]' }) +
      workload('agent', { kind: 'DaemonSet', ports: web }),
    {
      'PodMonitor consumer': { port: 'metrics', path: metrics },
      'PodMonitor store': { portNumber: 9100, path: metrics },
      'PodMonitor agent': { port: 'web', path: metrics },
    },
  ],
  [
    'a headless Service without ports leads nowhere: its workload is asked itself',
    service('consumer', '[]', { more: ', clusterIP: None' }) + workload('consumer'),
    { 'PodMonitor consumer': { port: 'metrics', path: metrics } },
  ],
  ['a Service without pods', service('web', http), {}],
  [
    'two Services in front of the same pods: they are asked once, by the one for metrics',
    service('web', http) +
      service('web-metrics', '[{name: metrics, port: 9090}]', { app: 'web' }) +
      workload('web', { ports: web }),
    { 'ServiceMonitor web-metrics': { port: 'metrics', path: metrics } },
  ],
  [
    'a Service in front of two workloads',
    service('web', http, { app: 'web' }) +
      workload('blue', { labels: '{app: web, colour: blue}', ports: web }) +
      workload('green', { labels: '{app: web, colour: green}', ports: web }),
    { 'ServiceMonitor web': { port: 'http', path: metrics } },
  ],
  [
    'annotations of the Service: path, and a port of the pods',
    service('web', http, { annotations: '{prometheus.io/path: /stats, prometheus.io/port: "9090"}' }) +
      workload('web', { ports: '[{name: web, containerPort: 8080}, {containerPort: 9090}]' }),
    { 'ServiceMonitor web': { targetPort: 9090, path: '/stats' } },
  ],
  [
    'annotations of the pods: the port of the Service that leads there',
    service('web', http) +
      workload('web', { ports: web, annotations: '{prometheus.io/path: /stats, prometheus.io/port: "8080"}' }),
    { 'ServiceMonitor web': { port: 'http', path: '/stats' } },
  ],
  [
    'annotations of pods without a Service',
    workload('consumer', { ports: web, annotations: '{prometheus.io/path: /stats, prometheus.io/port: "9102"}' }),
    { 'PodMonitor consumer': { portNumber: 9102, path: '/stats' } },
  ],
  [
    'pods that say no',
    service('web', http) + workload('web', { ports: web, annotations: '{prometheus.io/scrape: "false"}' }),
    {},
  ],
  [
    'a Service that says no',
    service('web', http, { annotations: '{prometheus.io/scrape: "false"}' }) + workload('web', { ports: web }),
    {},
  ],
  [
    'a Service that says no in front of pods that say yes',
    service('web', http, { annotations: '{prometheus.io/scrape: "false"}' }) +
      workload('web', { ports: web, annotations: '{prometheus.io/scrape: "true"}' }),
    { 'PodMonitor web': { port: 'web', path: metrics } },
  ],
  [
    'one of two workloads behind a Service says no: the other is asked itself',
    service('web', http) +
      workload('blue', { labels: '{app: web, colour: blue}', ports: web }) +
      workload('green', {
        labels: '{app: web, colour: green}',
        ports: web,
        annotations: '{prometheus.io/scrape: "false"}',
      }),
    { 'PodMonitor blue': { port: 'web', path: metrics } },
  ],
];

for (const [name, manifests, wanted] of rows)
  test(`monitors: ${name}`, async (t) => assert.deepEqual(await monitors(t, manifests), wanted));

/** Monitors of somebody's own, and whether ours is still made. */
const own: readonly (readonly [string, string, boolean])[] = [
  [
    'a ServiceMonitor for the Service',
    'kind: ServiceMonitor\nspec: {selector: {matchLabels: {app: web}}, endpoints: []}',
    false,
  ],
  [
    'a ServiceMonitor for another',
    'kind: ServiceMonitor\nspec: {selector: {matchLabels: {app: api}}, endpoints: []}',
    true,
  ],
  [
    'one that looks elsewhere',
    'kind: ServiceMonitor\nspec: {selector: {}, namespaceSelector: {matchNames: [other]}, endpoints: []}',
    true,
  ],
  [
    'one that looks everywhere',
    'kind: ServiceMonitor\nspec: {selector: {}, namespaceSelector: {any: true}, endpoints: []}',
    false,
  ],
  [
    'a PodMonitor for the pods',
    'kind: PodMonitor\nspec: {selector: {matchLabels: {app: web}}, podMetricsEndpoints: []}',
    false,
  ],
];

for (const [name, monitor, isMade] of own) {
  test(`monitors: with ${name} ${isMade ? 'one is made' : 'none is made'}`, async (t) => {
    const mine = `---\napiVersion: monitoring.coreos.com/v1\n${monitor}\nmetadata: {name: mine}\n`;
    const found = await monitors(t, service('web', http) + workload('web', { ports: web }) + mine);
    assert.deepEqual(Object.keys(found), isMade ? ['ServiceMonitor web'] : []);
  });
}

test('a ServiceMonitor is for its Service alone, in the words of the inputs', async (t) => {
  const sets = ['prometheus_release=kps', 'metrics_path=/stats', 'metrics_interval=15s'];
  const args = sets.flatMap((one) => ['--set', one]);
  const both = service('web', http) + service('web-canary', http, { app: 'web' }) + workload('web', { ports: web });
  const { objects } = await rendered(t, both, args);
  const found = objects.filter(({ kind }) => kind === 'ServiceMonitor');
  assert.deepEqual(
    found.map(({ spec }) => spec),
    [
      {
        selector: { matchLabels: { 'app.kubernetes.io/name': 'web' } },
        endpoints: [
          {
            port: 'http',
            path: '/stats',
            interval: '15s',
            relabelings: [{ action: 'keep', sourceLabels: ['__meta_kubernetes_service_name'], regex: 'web' }],
          },
        ],
      },
    ],
  );
  for (const { kind, metadata } of objects.filter((one) => /Monitor$|^PrometheusRule$/.test(one.kind)))
    assert.equal(metadata.labels?.['release'], 'kps', kind);
});

test('the label of kube-prometheus-stack where nobody says another', async (t) => {
  const { objects } = await rendered(t, workload('web', { ports: web }));
  const labels = objects.filter(({ kind }) => /Monitor$|^PrometheusRule$/.test(kind)).map((one) => one.metadata.labels);
  assert.deepEqual(
    labels.map((one) => one?.['release']),
    ['kube-prometheus-stack', 'kube-prometheus-stack'],
  );
});

/** What pods declare, and what is said of it. */
const declared: readonly (readonly [string, WorkloadOptions, readonly string[]])[] = [
  ['a port', { ports: web }, []],
  ['none', {}, ['info']],
  ['another than they say', { ports: web, annotations: '{prometheus.io/port: "9102"}' }, ['warning']],
  ['none, and say that they have no figures', { annotations: '{prometheus.io/scrape: "false"}' }, []],
];

for (const [name, options, severities] of declared) {
  test(`pods that declare ${name}: ${severities[0] ?? 'nothing is said'}`, async (t) => {
    const files = { 'k8s/app.yaml': workload('consumer', options) };
    const folder = await makeFolder(t, files);
    const args = ['lint', '-f', 'k8s', '-n', 'shop', '--with', 'monitoring', '--output', 'json'];
    const run = await runCli(args, { cwd: folder });
    const result = objectOf(JSON.parse(run.stdout.trimEnd().split('\n').at(-1) ?? ''));
    const found = arrayOf(result['findings']).filter((one) => at(one, 'id') === 'monitoring/no-port');
    assert.deepEqual(
      found.map((one) => at(one, 'severity')),
      severities,
    );
    assert.ok(!findingIds(run).includes('config/unused'), run.stdout);
  });
}

test('what only might have figures is said, once for all', async (t) => {
  const sure = [
    workload('named', { ports: '[{name: metrics, containerPort: 9090}]' }),
    workload('annotated', { ports: web, annotations: '{prometheus.io/path: /stats}' }),
  ];
  const guessed = [workload('web', { ports: web }), service('web', http), workload('api', { ports: web })];
  const assumed = async (all: readonly string[]): Promise<readonly string[]> => {
    const folder = await makeFolder(t, { 'k8s/app.yaml': all.join('') });
    const args = ['lint', '-f', 'k8s', '-n', 'shop', '--with', 'monitoring', '--output', 'json'];
    const run = await runCli(args, { cwd: folder });
    const result = objectOf(JSON.parse(run.stdout.trimEnd().split('\n').at(-1) ?? ''));
    const found = arrayOf(result['findings']).filter((one) => at(one, 'id') === 'monitoring/assumed-port');
    return found.map((one) => stringOf(at(one, 'cause')) ?? '');
  };
  assert.deepEqual(await assumed(sure), []);
  const causes = await assumed([...sure, ...guessed]);
  assert.equal(causes.length, 1);
  assert.match(causes[0] ?? '', /their first port: (web, api|api, web)\.$/);
});

const deny = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}
`;

test('Prometheus is let in where a policy cuts pods off, and only there', async (t) => {
  const app = service('web', http) + workload('web', { ports: web }) + workload('open', { ports: web });
  const policies = async (manifests: string, more: readonly string[] = []): Promise<readonly KubernetesObject[]> =>
    (await rendered(t, manifests, more)).objects.filter(
      ({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name?.startsWith('allow-metrics-of-') === true,
    );
  assert.deepEqual(await policies(app), []);
  assert.deepEqual(await policies(app + deny.replace('Ingress', 'Egress')), []);
  const [one, ...others] = await policies(app + deny, ['--set', 'prometheus_namespace=observability']);
  assert.deepEqual(others, []);
  assert.equal(one?.metadata.name, 'allow-metrics-of-web');
  assert.deepEqual(one?.spec, {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Ingress'],
    ingress: [
      {
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'observability' } } }],
        ports: [{ protocol: 'TCP', port: 8080 }],
      },
    ],
  });
  const all = await policies(app, ['--with', 'network-policies', '--set', 'data_subnet_cidrs=10.0.1.0/24']);
  assert.deepEqual(all.map(({ metadata }) => metadata.name ?? '').toSorted(), [
    'allow-metrics-of-open',
    'allow-metrics-of-web',
  ]);
});

const styles =
  'replace-with, angle, angle-any, dollar-brace, dollar, mustache, hash-brace, underscores, percent, your, change-me';

/** Configurations whose placeholders look like what is in rules and dashboards. */
const configurations: Readonly<Record<string, string>> = {
  'the usual styles': '',
  'all styles': `placeholders: {styles: [${styles}]}\ninputs: {labels: {default: x}, namespace_name: {default: y}, pod: {default: z}}\n`,
  'another style alone': 'placeholders: {styles: [angle]}\n',
  'a text that is an input':
    'placeholders: {literals: {kube-prometheus-stack: stack, Running: stack}}\ninputs: {stack: {default: x}}\n',
};

for (const [name, config] of Object.entries(configurations)) {
  test(`what Prometheus and Grafana fill stays theirs: ${name}`, async (t) => {
    const { objects, stderr } = await rendered(t, workload('web', { ports: web }), [], config);
    assert.doesNotMatch(stderr, /placeholders\//);
    const rule = objects.find(({ kind }) => kind === 'PrometheusRule');
    const text = JSON.stringify(rule?.spec);
    assert.match(text, /\{\{ \$labels\.deployment \}\}\{\{ \$labels\.statefulset \}\} in shop is down/);
    assert.match(text, /\{\{ \$value \| humanizePercentage \}\}/);
    assert.match(text, /namespace=\\"shop\\"/);
    assert.doesNotMatch(text, /\$\{/);
    const map = objects.find((one) => one.kind === 'ConfigMap' && one.metadata.name === 'shop-dashboard');
    const dashboard = stringOf(at(map, 'data', 'shop-shop.json')) ?? '';
    assert.match(dashboard, /namespace='\$namespace'.*\[\$__rate_interval\]/);
    assert.match(dashboard, /"legendFormat": "\{\{pod\}\} \{\{container\}\}"/);
    assert.match(dashboard, /phase='Running'/);
    assert.doesNotMatch(dashboard, /\$\{|\$\[/);
  });
}

test('the dashboard is one that Grafana takes: its ids, its variables, its queries', async (t) => {
  const { objects } = await rendered(t, workload('web', { ports: web }));
  const map = objects.find((one) => one.metadata.name === 'shop-dashboard');
  assert.equal(map?.metadata.labels?.['grafana_dashboard'], '1');
  const dashboard = objectOf(JSON.parse(stringOf(at(map, 'data', 'shop-shop.json')) ?? ''));
  assert.match(stringOf(dashboard['uid']) ?? '', /^[0-9a-f]{16}$/);
  assert.equal(dashboard['title'], 'shop (shop)');
  const variables = arrayOf(at(dashboard, 'templating', 'list')).map((one) => stringOf(at(one, 'name')) ?? '');
  assert.deepEqual(variables, ['datasource', 'namespace', 'workload']);
  const panels = arrayOf(dashboard['panels']);
  const ids = panels.map((one) => at(one, 'id'));
  assert.equal(new Set(ids).size, ids.length);
  const expressions = panels.flatMap((panel) => {
    assert.equal(at(panel, 'datasource', 'uid'), '$datasource');
    return arrayOf(at(panel, 'targets')).map((target) => stringOf(at(target, 'expr')) ?? '');
  });
  assert.ok(expressions.length > 10);
  for (const expression of expressions) {
    assert.match(expression, /namespace='\$namespace'/);
    for (const [, name = ''] of expression.matchAll(/\$([a-z]\w*)/g)) assert.ok(variables.includes(name), expression);
  }
  const elsewhere = await rendered(t, workload('web', { ports: web }), ['-n', 'staging']);
  const other = elsewhere.objects.find((one) => one.metadata.name === 'shop-dashboard');
  assert.notEqual(
    objectOf(JSON.parse(stringOf(at(other, 'data', 'staging-shop.json')) ?? ''))['uid'],
    dashboard['uid'],
  );
});
