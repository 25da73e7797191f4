import type { Finding } from '../../src/model/finding.ts';
import type { ObjectRef } from '../../src/model/object.ts';
import type { ObjectTimes, PodTimes, Timeline } from '../../src/model/timeline.ts';
import type { Report, ShownObject } from '../../src/ui/report/model.ts';

const startMs = Date.parse('2026-01-01T10:00:00.000Z');

/** So many seconds after the beginning of the reports made here. */
export function at(seconds: number): string {
  return new Date(startMs + seconds * 1000).toISOString();
}

function workload(name: string): ObjectRef {
  return { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name };
}

function pod(owner: ObjectRef, name: string, from: number): PodTimes {
  const times = { created: at(from), scheduled: at(from + 1), started: at(from + 4), ready: at(from + 6) };
  return { workload: owner, name, node: 'node-a', ...times, restarts: 0 };
}

const [web, worker] = [workload('web'), workload('worker')];
const config = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'settings' };
const { ready: _, ...unready } = pod(worker, 'worker-1', 2);

const timeline: Timeline = {
  started: at(0),
  ended: at(12),
  waves: [
    { number: 2, name: 'config', objects: 1, started: at(0), ended: at(1) },
    { number: 4, name: 'workloads', objects: 2, started: at(1), ended: at(2) },
  ],
  objects: [
    { object: config, op: 'update', wave: 0, applied: at(1) },
    { object: web, op: 'update', wave: 1, applied: at(2), ready: at(9) },
    { object: worker, op: 'create', wave: 1, applied: at(2), failed: true },
  ],
  pods: [pod(web, 'web-1', 2), pod(web, 'web-2', 3), { ...unready, restarts: 3 }],
  omitted: { objects: 0, pods: 0 },
};

export const finding: Finding = {
  id: 'container/crash',
  severity: 'error',
  object: worker,
  origin: { file: 'k8s/worker.yaml', line: 3 },
  cause: 'Deployment shop/worker: the container ends with exit code 1.',
  evidence: ['pod worker-1, container worker: exit code 1', '| the last line of its log'],
  hits: ['Deployment shop/worker (0 of 1 new pod ready)'],
  fix: 'Read its log, then run the same command again.',
};

function object(op: ShownObject['op'], name: string, rest: Partial<ShownObject> = {}): ShownObject {
  return { op, object: name, origin: 'k8s/app.yaml:1', fields: [], notes: [], ...rest };
}

/** A report that has all sections: of a deploy that failed. */
export const sampleReport: Report = {
  command: 'up',
  application: 'shop',
  outcome: {
    state: 'bad',
    word: 'failed',
    message: 'The rollout failed after 10 s: Deployment shop/worker.',
    why: 'Release 7 is recorded as failed.',
    fix: 'Correct the cause, then run up again.',
  },
  about: [
    ['Command', 'oms-deploy up'],
    ['Exit code', '5'],
  ],
  target: [
    ['Cluster', 'prod'],
    ['Namespace', 'shop (exists)'],
  ],
  inputs: [
    { name: 'endpoint', value: 'cache.example', source: 'terraform output endpoint' },
    { name: 'password', value: '****', source: 'env OMS_INPUT_PASSWORD' },
  ],
  rounds: [
    {
      release: 7,
      plan: {
        title: 'Plan',
        counts: ['1 to create', '2 to change', '1 unchanged', 'preflight ok (7 checks)'],
        waves: [
          {
            name: 'Wave config',
            objects: [
              object('update', 'ConfigMap shop/settings', {
                fields: [{ path: 'data.level', before: 'Information', after: 'Debug' }],
              }),
              object('unchanged', 'Secret shop/credentials'),
            ],
          },
          {
            name: 'Wave workloads',
            objects: [
              object('update', 'Deployment shop/web', { notes: ['restarts 2 pods: reads ConfigMap settings'] }),
              object('create', 'Deployment shop/worker'),
            ],
          },
        ],
      },
      timeline,
    },
  ],
  findings: [
    finding,
    { id: 'config/unused', severity: 'warning', cause: 'Nothing reads it.', evidence: [], fix: 'Remove it.' },
    { id: 'pdb/missing', severity: 'info', cause: 'No budget.', evidence: [], fix: 'Write one.' },
  ],
  checks: [
    { id: 'pods/ready', summary: '', status: 'passed', detail: 'pods 9/9 ready', findings: [] },
    { id: 'hpa/metrics', summary: '', status: 'failed', detail: '', findings: [] },
  ],
  endpoints: [{ name: 'web', url: 'http://web.shop.svc', scope: 'cluster' }],
  images: [['Deployment shop/web, app', 'example.com/web:1 (sha256:0f3a)']],
};

/** A report of a large application: so many objects that change, and 300 pods of 100 workloads. */
export function largeReport(objects: number): Report {
  const workloads = Array.from({ length: 100 }, (_, index) => workload(`service-with-a-longer-name-${index}`));
  const changes = Array.from({ length: objects }, (_, index) =>
    object('update', `ConfigMap production/settings-of-service-${index}`, {
      origin: `deploy/kubernetes/production/service-${index}/settings.yaml:${index}`,
      fields: [
        { path: 'data.log-level', before: 'Information', after: 'Debug' },
        {
          path: 'data.cache-endpoint',
          before: 'a.cache.amazonaws.com:6379',
          after: `b-${index}.cache.amazonaws.com:6379`,
        },
      ],
      notes: [`restarts 3 pods: reads ConfigMap settings-of-service-${index}`],
    }),
  );
  const times: readonly ObjectTimes[] = Array.from({ length: 300 }, (_, index) => {
    const own = workloads[index];
    const other = { ...config, name: `settings-of-service-${index}` };
    return own === undefined
      ? { object: other, op: 'update', wave: 0, applied: at(1) }
      : { object: own, op: 'update', wave: 1, applied: at(2), ready: at(60) };
  });
  const pods = workloads.flatMap((owner, index) =>
    [0, 1, 2].map((one) => pod(owner, `${owner.name}-7f9d8c6b5-x${index}k${one}`, 2 + index / 4)),
  );
  const [round] = sampleReport.rounds;
  return {
    ...sampleReport,
    rounds: [
      {
        ...round,
        plan: { title: 'Plan', counts: [`${objects} to change`], waves: [{ name: 'Wave config', objects: changes }] },
        timeline: { ...timeline, ended: at(90), objects: times, pods, omitted: { objects: objects - 300, pods: 0 } },
      },
    ],
  };
}
