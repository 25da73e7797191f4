import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { DeployError } from '../../../src/errors.ts';
import type { DeployEvent } from '../../../src/events.ts';
import type { ObjectRef } from '../../../src/model/object.ts';
import type { RunEnd } from '../../../src/ui/listener.ts';
import { recordRun } from '../../../src/ui/trace/recorder.ts';

const clean = (text: string): string => text.replaceAll('hunter2', '****');

/** The spans of a run in which this happened, each as `parent > name`. */
function recorded(events: readonly DeployEvent[], end: RunEnd) {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const recorder = recordRun(provider.getTracer('test'), 'up', ROOT_CONTEXT, clean);
  for (const event of events) recorder.event(event);
  recorder.end(end);
  const spans = exporter.getFinishedSpans();
  const nameOf = (id: string | undefined): string => spans.find((one) => one.spanContext().spanId === id)?.name ?? '';
  return {
    spans,
    paths: spans.map(({ name, parentSpanContext }) => `${nameOf(parentSpanContext?.spanId)} > ${name}`).sort(),
  };
}

const done: RunEnd = { command: 'up', result: { ok: true, exitCode: 0, findings: [], data: {}, text: '' } };
const ref = (kind: string, name: string): ObjectRef => ({ apiVersion: 'v1', kind, name, namespace: 'shop' });
const applied = (object: ObjectRef, op: 'create' | 'delete' = 'create'): DeployEvent => ({
  type: 'applied',
  object,
  op,
  elapsedMs: 1,
});
const wave = (number: number, name: string): DeployEvent => ({ type: 'wave', number, name, objects: 1 });

test('every text is freed of secrets: names, reasons, details, findings, the error', () => {
  const object = ref('Pod', 'hunter2');
  const finding = {
    id: 'pods/bad',
    severity: 'error',
    object,
    cause: 'hunter2 is wrong',
    evidence: ['hunter2'],
    fix: 'hunter2',
  } as const;
  const target = {
    application: 'hunter2',
    cluster: 'hunter2',
    server: 'hunter2',
    connection: 'eks',
    version: 'hunter2',
    namespace: 'hunter2',
    namespaceState: 'exists',
  } as const;
  const { spans } = recorded(
    [
      { type: 'target', target },
      wave(4, 'hunter2'),
      applied(object),
      applied(ref('Service', 'hunter2'), 'delete'),
      { type: 'progress', object, why: 'hunter2', elapsedMs: 1 },
      { type: 'ready', object: ref('Pod', 'other'), detail: 'hunter2', elapsedMs: 1 },
      { type: 'finding', finding },
    ],
    { command: 'up', error: new DeployError('failed', 'hunter2 failed', { findings: [finding] }) },
  );
  assert.equal(spans.length, 8);
  const told = JSON.stringify(spans.map(({ name, attributes, events, status }) => [name, attributes, events, status]));
  assert.doesNotMatch(told, /hunter2/);
  assert.match(told, /\*\*\*\* is wrong/);
});

test('the Job of a hook lies in its wave, and one that goes once it has succeeded prunes nothing', () => {
  const job = ref('Job', 'smoke');
  const { paths } = recorded(
    [
      wave(4, 'workloads'),
      applied(ref('Pod', 'web')),
      { type: 'ready', object: ref('Pod', 'web'), detail: '', elapsedMs: 1 },
      wave(100, 'after'),
      applied(job),
      { type: 'ready', object: job, detail: '', elapsedMs: 1 },
      applied(job, 'delete'),
      { type: 'release', number: 1, status: 'deployed' },
    ],
    done,
  );
  assert.deepEqual(paths, [
    ' > oms-deploy up',
    'apply > wave after',
    'apply > wave workloads',
    'oms-deploy up > apply',
    'oms-deploy up > apply',
    'oms-deploy up > wait',
    'oms-deploy up > wait',
    'wave after > Job shop/smoke',
    'wave workloads > Pod shop/web',
  ]);
});

test('a run that is cut off leaves no span open', () => {
  const events = [
    wave(2, 'config'),
    applied(ref('ConfigMap', 'a')),
    { ...wave(4, 'workloads'), objects: 2 } as DeployEvent,
  ];
  const { paths } = recorded([...events, applied(ref('Pod', 'web'))], {
    command: 'up',
    error: new DeployError('interrupted', 'Interrupted.'),
  });
  assert.deepEqual(paths, [
    ' > oms-deploy up',
    'apply > wave config',
    'apply > wave workloads',
    'oms-deploy up > apply',
    'wave config > ConfigMap shop/a',
    'wave workloads > Pod shop/web',
  ]);
});
