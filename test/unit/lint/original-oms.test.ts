import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { configForManifests, loadConfig } from '../../../src/config/load.ts';
import { lintFiles } from '../../../src/lint/lint-files.ts';

/** The manifests of the original repository as its README describes them, all of their faults included. */
const folder = fileURLToPath(new URL('../../fixtures/original-oms/', import.meta.url));
const apis = ['order-ingestion', 'risk-engine', 'market-data'];
const all = [...apis, 'order-processor'];

const linted = await lintFiles(
  {
    config: configForManifests(await loadConfig({ cwd: '/' }), 'crypto-oms'),
    manifests: ['k8s'],
    addons: [],
    reading: { cwd: folder, env: {}, readStdin: () => Promise.resolve('') },
  },
  new AbortController().signal,
);

const deployments = (names: readonly string[]): readonly string[] =>
  names.map((name) => `deployments/${name}-deployment.yaml`);

/** Each trap that manifests can show: what it is, the rule, its files, and the line's text. */
const traps: readonly (readonly [string, string, readonly string[], string])[] = [
  [
    'order-processor has a Service with an empty list of ports',
    'service/no-ports',
    ['services/order-processor-service.yaml'],
    '  ports: []',
  ],
  [
    'Database__ConnectionString is the bare host',
    'config/bare-connection',
    deployments(all),
    '- name: Database__ConnectionString',
  ],
  [
    'ConnectionStrings__Redis is the bare endpoint, without TLS',
    'config/bare-connection',
    deployments(all),
    '- name: ConnectionStrings__Redis',
  ],
  [
    'one program, two conventions of connection strings',
    'config/two-conventions',
    deployments(all),
    '- name: ConnectionStrings__Redis',
  ],
  ['no Deployment uses app-secrets', 'config/unused', ['secrets/app-secrets.yaml'], '  name: app-secrets'],
  ['/health is as strict for liveness as /ready', 'probes/liveness', deployments(apis), '          livenessProbe:'],
  ['no startup probe, and a short liveness', 'probes/startup', deployments(apis), '          livenessProbe:'],
  ['replicas beside an HPA', 'hpa/replicas', deployments(apis), '  replicas: '],
  ['images without a version', 'images/latest', deployments(all), ':latest'],
  [
    'an HPA on 80 % of 256Mi',
    'hpa/memory',
    apis.map((name) => `deployments/${name}-hpa.yaml`),
    '          averageUtilization: 80',
  ],
  ['nothing says as whom containers run', 'security/root', deployments(all), '    spec:'],
  ['no PodDisruptionBudget', 'pdb/missing', deployments(['market-data']), 'spec:'],
  ['no ResourceQuota', 'quota/missing', deployments(['market-data']), 'apiVersion: apps/v1'],
  ['no NetworkPolicy', 'network/missing', deployments(['market-data']), 'apiVersion: apps/v1'],
];

for (const [what, id, files, text] of traps) {
  test(`lint names the trap: ${what}`, () => {
    for (const file of files) {
      const found = linted.findings.filter((one) => one.id === id && one.origin?.file === join('k8s', file));
      const lines = readFileSync(join(folder, 'k8s', file), 'utf8').split('\n');
      const shown = found.map(({ origin }) => lines[(origin?.line ?? 0) - 1] ?? '');
      assert.ok(
        shown.some((line) => line.includes(text)),
        `${file}: ${JSON.stringify(shown)}`,
      );
    }
  });
}

test('lint says nothing else of the original: each other finding would be a false alarm, or a trap to list', () => {
  const known = new Set(traps.map(([, id]) => id));
  assert.deepEqual(
    linted.findings.filter(({ id }) => !known.has(id)),
    [],
  );
  assert.equal(
    linted.objects,
    readdirSync(join(folder, 'k8s'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'))
      .length,
  );
});
