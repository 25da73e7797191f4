import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeFolder, runCli } from '../../support/cli.ts';
import { startCollector } from '../../support/otlp.ts';
import { bareConfig } from '../../support/workloads.ts';

const files = {
  'oms-deploy.yaml': bareConfig,
  'k8s/app.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n',
};
const dist = fileURLToPath(new URL('../../../dist/', import.meta.url));
const hooks = new URL('../../support/loaded-modules.mjs', import.meta.url).href;

/** The files of the bundle with OpenTelemetry in them, by name. */
const telemetry = new Set(
  readdirSync(dist).filter(
    (name) => name.endsWith('.js') && /OTLPExporterError/.test(readFileSync(join(dist, name), 'utf8')),
  ),
);

test('OpenTelemetry is loaded only where a collector is named', async (t) => {
  assert.ok(telemetry.size > 0, 'no file of the bundle has OpenTelemetry: does the pattern still match?');
  const cwd = await makeFolder(t, files);
  const collector = await startCollector(t);
  const loadedWith = async (env: Readonly<Record<string, string>>) => {
    const log = join(cwd, `loaded-${Object.keys(env).length}-${Object.values(env).join('').length}`);
    const run = await runCli(['lint'], {
      cwd,
      env: { ...env, LOADED_MODULES: log, NODE_OPTIONS: `--import=${hooks}` },
    });
    assert.equal(run.code, 0, run.stderr);
    const names = readFileSync(log, 'utf8')
      .split('\n')
      .map((url) => basename(url));
    assert.ok(names.length > 5, names.join());
    return names.filter((name) => telemetry.has(name)).length;
  };
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  assert.equal(await loadedWith({}), 0);
  assert.equal(await loadedWith({ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }), 0);
  assert.equal(await loadedWith({ ...endpoint, OTEL_SDK_DISABLED: 'true' }), 0);
  assert.deepEqual(collector.bodies, []);
  assert.ok((await loadedWith(endpoint)) > 0);
  assert.deepEqual(
    collector.spans().map(({ name, status, attributes }) => [name, status, attributes['process.exit.code']]),
    [['oms-deploy lint', 0, 0]],
  );
});

test('TRACEPARENT is what called the command; the exit code and the finding of a failure are told', async (t) => {
  const cwd = await makeFolder(t, { ...files, 'k8s/app.yaml': 'kind: ConfigMap\n' });
  const collector = await startCollector(t);
  const env = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
    OTEL_SERVICE_NAME: 'deploys',
    TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  };
  const run = await runCli(['render'], { cwd, env });
  assert.equal(run.code, 3);
  const [root] = collector.spans();
  assert.ok(root);
  assert.deepEqual([root.traceId, root.parentId], ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']);
  assert.deepEqual(
    [root.status, root.attributes['process.exit.code'], root.attributes['error.type']],
    [2, 3, 'invalid'],
  );
  assert.equal(root.attributes['oms_deploy.finding.id'], 'manifests/object');
  assert.match(collector.bodies.join(), /"service.name","value":\{"stringValue":"deploys"\}/);
});

test('a collector that is down, or silent, or no URL, costs a warning and nothing else', async (t) => {
  const cwd = await makeFolder(t, files);
  const silent = await startCollector(t, 'never');
  const endpoints = [
    ['http://user:secret@127.0.0.1:1', /! The trace was not delivered to 127\.0\.0\.1:1: /],
    [silent.url, /! The trace was not delivered to 127\.0\.0\.1:\d+: /],
    ['localhost:4317', /! No trace was sent: OTEL_EXPORTER_OTLP_ENDPOINT is no http/],
  ] as const;
  const plain = await runCli(['lint'], { cwd });
  for (const [endpoint, warning] of endpoints) {
    const run = await runCli(['lint'], { cwd, env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } });
    assert.deepEqual([run.code, run.stdout], [plain.code, plain.stdout]);
    assert.match(run.stderr, warning);
    assert.equal(run.stderr.match(/trace/gi)?.length, 1, run.stderr);
    assert.doesNotMatch(run.stderr, /secret/);
  }
});
