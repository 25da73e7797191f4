import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { makeApp, manifests } from '../support/app.ts';
import { type Collector, type ReceivedSpan, startCollector } from '../support/otlp.ts';

const secret = 'correct-horse';
const password = { OMS_INPUT_PASSWORD: secret };

/** The names of a span and all above it, from the root. */
function pathOf(span: ReceivedSpan, all: readonly ReceivedSpan[]): string {
  const above = all.find(({ id }) => id === span.parentId);
  return above === undefined ? span.name : `${pathOf(above, all)} > ${span.name}`;
}

function pathsOf(collector: Collector): readonly string[] {
  const spans = collector.spans();
  return spans.map((span) => pathOf(span, spans)).sort();
}

test('a deploy is one trace: phases, waves and objects lie in each other, and no secret is in it', async (t) => {
  const app = await makeApp(t);
  const collector = await startCollector(t);
  const env = { ...password, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const up = await app.run('up', ['--yes', '--set', 'level=Debug'], { env });
  assert.equal(up.code, 0, up.stdout);
  const ns = app.namespace;
  const wave = (name: string): string => `oms-deploy up > apply > wave ${name}`;
  assert.deepEqual(
    pathsOf(collector),
    [
      'oms-deploy up',
      'oms-deploy up > prepare',
      'oms-deploy up > plan',
      'oms-deploy up > apply',
      wave('config'),
      `${wave('config')} > ConfigMap ${ns}/settings`,
      `${wave('config')} > Secret ${ns}/credentials`,
      wave('services'),
      `${wave('services')} > Service ${ns}/reader`,
      wave('workloads'),
      `${wave('workloads')} > Deployment ${ns}/reader`,
      `${wave('workloads')} > Deployment ${ns}/other`,
      'oms-deploy up > wait',
    ].sort(),
  );
  const spans = collector.spans();
  const find = (name: string): ReceivedSpan => spans.find((span) => span.name === name) ?? assert.fail(name);
  assert.equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
  for (const { name, startNs, endNs, status } of spans) assert.ok(startNs <= endNs && status === 0, name);
  const root = find('oms-deploy up');
  for (const { name, startNs, endNs } of spans) assert.ok(startNs >= root.startNs && endNs <= root.endNs, name);
  const order = ['prepare', 'plan', 'apply', 'wait'].map(find);
  for (const [index, { name, startNs }] of order.entries())
    assert.ok(
      startNs >= (order[index - 1]?.endNs ?? 0n) - 1_000_000n,
      `${name} begins before the phase before it ends`,
    );
  const { attributes } = root;
  assert.deepEqual(
    [attributes['oms_deploy.application'], attributes['k8s.namespace.name'], attributes['process.exit.code']],
    ['web', ns, 0],
  );
  assert.deepEqual([attributes['oms_deploy.release'], attributes['oms_deploy.release.status']], [1, 'deployed']);
  assert.equal(attributes['oms_deploy.plan.created'], 5);
  // Applied at first, ready at last; what nobody waits for has ended with its apply.
  const reader = find(`Deployment ${ns}/reader`);
  assert.deepEqual([reader.events[0]?.name, reader.events.at(-1)?.name], ['applied', 'ready']);
  assert.ok(reader.endNs > find('wave workloads').endNs);
  assert.ok(find(`ConfigMap ${ns}/settings`).endNs <= find('wave config').endNs);
  for (const form of [secret, Buffer.from(secret).toString('base64')])
    assert.ok(!collector.bodies.join().includes(form), 'a secret is in the trace');
});

test('a failure says which finding, at the command and at the object', async (t) => {
  const app = await makeApp(t, { files: { 'k8s/app.yaml': manifests.replace('other:1', 'other:image-not-found') } });
  const collector = await startCollector(t);
  const up = await app.run('up', ['--yes'], { env: { ...password, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
  assert.equal(up.code, 5, up.stdout);
  const spans = collector.spans();
  const [root, other] = ['oms-deploy up', `Deployment ${app.namespace}/other`].map((name) =>
    spans.find((span) => span.name === name),
  );
  for (const span of [root, other]) {
    assert.equal(span?.status, 2);
    assert.equal(span?.attributes['oms_deploy.finding.id'], 'image/not-found');
  }
  assert.deepEqual([root?.attributes['process.exit.code'], root?.attributes['error.type']], [5, 'failed']);
  assert.ok(other?.events.some(({ name }) => name === 'progress'));
});

test('what left the manifests goes in a phase of its own', async (t) => {
  const app = await makeApp(t);
  assert.equal((await app.run('up', ['--yes'], { env: password })).code, 0);
  const collector = await startCollector(t);
  await writeFile(`${app.folder}/k8s/app.yaml`, manifests.replace(/apiVersion: v1\nkind: Service\n[\s\S]*?---\n/, ''));
  const up = await app.run('up', ['--yes'], { env: { ...password, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
  assert.equal(up.code, 0, up.stdout);
  assert.ok(
    pathsOf(collector).includes(`oms-deploy up > prune > delete Service ${app.namespace}/reader`),
    pathsOf(collector).join('\n'),
  );
});
