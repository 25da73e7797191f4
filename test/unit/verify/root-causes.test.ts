import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/model/json.ts';
import { formatRef } from '../../../src/model/object.ts';
import { runChecks } from '../../../src/verify/check.ts';
import { checks } from '../../../src/verify/checks/index.ts';
import type { Facts } from '../../../src/verify/facts.ts';
import { hintForLooker, withLogOf } from '../../../src/verify/hints.ts';
import { rootCauses } from '../../../src/verify/root-causes.ts';
import { ago, container, running } from './checks/application.ts';
import { type Changes, eventOf, factsWith } from './checks/facts.ts';

/** The cards that a command shows, as `severity id object`, with what they hit behind `<-`. */
function cards(facts: Facts, command: 'verify' | 'doctor' = 'doctor'): readonly string[] {
  return rootCauses(runChecks(checks, command, facts), facts).map(({ finding: { severity, id, object, hits } }) => {
    const place = object === undefined ? '' : ` ${formatRef(object)}`;
    return `${severity} ${id}${place}${hits === undefined ? '' : ` <- ${hits.join(' | ')}`}`;
  });
}

function evidenceOf(facts: Facts): string {
  return (rootCauses(runChecks(checks, 'doctor', facts), facts)[0]?.finding.evidence ?? []).join('\n');
}

const unready = [{ type: 'Ready', status: 'False' }];

/** Both pods are in this state, and the Service and the HPA have nothing to work with. */
function down(status: JsonObject): Changes {
  const pod = { status: { conditions: unready, containerStatuses: [running({ ready: false, ...status })] } };
  return {
    'Deployment web': { status: { readyReplicas: 0, availableReplicas: 0 } },
    'Pod web-a': pod,
    'Pod web-b': pod,
    'EndpointSlice web-1': { endpoints: [{ conditions: { ready: false } }] },
    'HorizontalPodAutoscaler web': {
      status: {
        conditions: [
          { type: 'AbleToScale', status: 'True' },
          {
            type: 'ScalingActive',
            status: 'False',
            reason: 'FailedGetResourceMetric',
            message: 'no metrics',
            lastTransitionTime: ago(9),
          },
        ],
      },
    },
  };
}

const ended = { exitCode: 1, reason: 'Error', startedAt: ago(2), finishedAt: ago(1) };
const crash = down({
  restartCount: 3,
  state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
  lastState: { terminated: ended },
});
const log = { pod: 'web-a', container: 'web', lines: ['info: starting', 'fail: no brokers'] };
const backOff = eventOf('Pod web-a', 'BackOff', 'Back-off restarting failed container web', 1);

test('a crash is one card: its restarts, events and log are proof, the Service and the HPA are hits', () => {
  const facts = factsWith({ ...crash, 'Event e1': backOff }, { logs: [log] });
  assert.deepEqual(cards(facts), [
    'error container/crash Deployment shop/web <- Service shop/web has no ready endpoint | ' +
      'HorizontalPodAutoscaler shop/web does not scale: it has no figures to scale by: no metrics',
  ]);
  const evidence = evidenceOf(facts);
  assert.match(evidence, /^pod web-a, container web: CrashLoopBackOff: exit code 1/);
  assert.match(evidence, /the last lines of its log:\n\| info: starting\n\| fail: no brokers$/);
  assert.equal(evidence.match(/pod web-a, container web/g)?.length, 1);
  assert.equal(evidence.match(/no brokers/g)?.length, 1);
});

/** A second workload that crashes as the first one does. */
const crashOfApi: Changes = {
  'Deployment api': {
    metadata: { generation: 1, annotations: { 'deployment.kubernetes.io/revision': '1' } },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: 'api' } },
      template: { metadata: { labels: { app: 'api' } }, spec: { containers: [container] } },
    },
    status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 0, availableReplicas: 0 },
  },
  'ReplicaSet api-5c': {
    metadata: {
      annotations: { 'deployment.kubernetes.io/revision': '1' },
      ownerReferences: [{ kind: 'Deployment', name: 'api', uid: 'Deployment api' }],
    },
  },
  'Pod api-a': {
    metadata: {
      labels: { app: 'api' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'api-5c', uid: 'ReplicaSet api-5c' }],
    },
    spec: { nodeName: 'node-1', containers: [container] },
    ...crash['Pod web-a'],
  },
};

test('crashes of several workloads that say the same at the end are one card, as for up; else they stay apart', () => {
  const found = (lines: readonly string[]): readonly string[] =>
    cards(factsWith({ ...crash, ...crashOfApi }, { logs: [log, { ...log, pod: 'api-a', lines }] }))
      .filter((card) => /crash|logs|restarts/.test(card))
      .map((card) => card.replace(/ \| (Service|Horiz).*/, ''));
  assert.deepEqual(found(['info: another start', 'fail: no brokers']), [
    'error container/crash Deployment shop/api <- Deployment shop/web is not ready',
  ]);
  const apart = [
    'error container/crash Deployment shop/api',
    'error container/crash Deployment shop/web <- Service shop/web has no ready endpoint',
  ];
  assert.deepEqual(found(['fail: no table orders']), apart);
  assert.deepEqual(found([]), apart);
});

/** The pods of both workloads wait for an image that isn't there. */
function withoutImages(ofWeb: string, ofApi: string): Changes {
  const lacking = (image: string, changes: JsonObject): JsonObject => ({
    ...changes,
    spec: { nodeName: 'node-1', containers: [{ ...container, image }] },
    status: {
      conditions: unready,
      containerStatuses: [
        running({
          image,
          ready: false,
          state: { waiting: { reason: 'ErrImagePull', message: `${image}: not found` } },
        }),
      ],
    },
  });
  return {
    ...crash,
    ...crashOfApi,
    'Pod web-a': lacking(ofWeb, {}),
    'Pod web-b': lacking(ofWeb, {}),
    'Pod api-a': lacking(ofApi, { metadata: crashOfApi['Pod api-a']?.metadata ?? {} }),
  };
}

test('a tag that several images of one registry lack is one card that names them all', () => {
  const found = (ofWeb: string, ofApi: string): readonly string[] =>
    cards(factsWith(withoutImages(ofWeb, ofApi)))
      .filter((card) => card.includes('image/not-found'))
      .map((card) => card.replace(/ \| (Service|Horiz).*/, ''));
  assert.deepEqual(found('example.com/web:9', 'example.com/team/api:9'), [
    'error image/not-found Deployment shop/api <- Deployment shop/web is not ready: the image example.com/web:9 does not exist',
  ]);
  assert.equal(found('example.com/web:9', 'example.com/api:8').length, 2);
  assert.equal(found('example.com/web:9', 'example.org/api:9').length, 2);
  assert.equal(found('example.com/web@sha256:9', 'example.com/api@sha256:9').length, 2);
});

test('what a crash does not explain stays a card of its own', () => {
  const other = {
    ...crash,
    'Event e1': eventOf('Pod web-a', 'FailedPreStopHook', 'no such file', 1),
    'Event e2': eventOf('ConfigMap settings', 'BackOff', 'of another kind', 1),
    'PodDisruptionBudget web': { spec: { selector: { matchLabels: { app: 'wbe' } } }, status: { expectedPods: 0 } },
    'Secret credentials': null,
  };
  const found = cards(factsWith(other, { declared: { 'Secret credentials': {} }, logs: [{ ...log, pod: 'web-c' }] }));
  assert.deepEqual(
    found.map((card) => card.replace(/ <- .*/, '')),
    [
      'error objects/missing Secret shop/credentials',
      'error container/crash Deployment shop/web',
      'warning events/warnings ConfigMap shop/settings',
      'warning events/warnings Pod shop/web-a',
      'warning logs/errors Pod shop/web-c',
      'warning pdb/no-pods PodDisruptionBudget shop/web',
    ],
  );
});

test('a Service without an endpoint whose workload has ready pods is a cause of its own', () => {
  const half: Changes = { ...crash, 'Pod web-b': {} };
  assert.ok(cards(factsWith(half)).includes('error service/endpoints Service shop/web'));
});

test('what explains a crash is the card, and the crash its proof', () => {
  const lines = ['exec /app/web: exec format error'];
  assert.match(
    cards(factsWith(crash, { logs: [{ ...log, lines }] }))[0] ?? '',
    /^error images\/architecture Deployment/,
  );
  const low = {
    spec: {
      containers: [{ ...container, ports: [{ name: 'http', containerPort: 80 }] }],
      securityContext: { runAsUser: 7 },
    },
  };
  const withPort: Changes = { ...crash, 'Pod web-a': { ...crash['Pod web-a'], ...low } };
  const found = cards(factsWith(withPort, { logs: [{ ...log, lines: ['bind: permission denied'] }] }));
  assert.match(found.join('\n'), /^error pods\/low-ports Deployment shop\/web <- Service[^\n]*$/);
  const guessed = factsWith(withPort);
  assert.match(cards(guessed).join('\n'), /^error container\/crash Deployment shop\/web <- Service[^\n]*$/);
  assert.match(evidenceOf(guessed), /opens port 80 as a user other than root: some nodes deny that$/);
});

test('events of one object, and of the pods of one workload, are one card', () => {
  const facts = factsWith({
    'Event e1': eventOf('Pod web-a', 'FailedKillPod', 'x', 1),
    'Event e2': eventOf('Pod web-b', 'FailedKillPod', 'x', 1),
    'Event e3': eventOf('HorizontalPodAutoscaler web', 'FailedGetResourceMetric', 'x', 1),
    'Event e4': eventOf('HorizontalPodAutoscaler web', 'FailedComputeMetricsReplicas', 'x', 1),
    'Event e5': eventOf('ReplicaSet web-7f9d', 'FailedCreate', 'exceeded quota: gone', 1),
    'ReplicaSet web-7f9d': { spec: { replicas: 2 }, status: { replicas: 2 } },
    // A new one waits for its first figures: that is no news once it has them.
    'HorizontalPodAutoscaler new': { metadata: { creationTimestamp: ago(2) } },
    'Event e6': eventOf('HorizontalPodAutoscaler new', 'FailedGetResourceMetric', 'x', 1),
  });
  assert.deepEqual(cards(facts), [
    'warning events/warnings Pod shop/web-a',
    'warning events/warnings HorizontalPodAutoscaler shop/web',
  ]);
});

test('a ConfigMap that is missing is one card, with the workload that waits for it', () => {
  const message = 'configmap "settings" not found';
  const waiting = down({ state: { waiting: { reason: 'CreateContainerConfigError', message } } });
  const found = cards(
    factsWith({ ...waiting, 'ConfigMap settings': null }, { declared: { 'ConfigMap settings': {} } }),
  );
  assert.equal(found.length, 1, found.join('\n'));
  assert.match(
    found[0] ?? '',
    /^error config\/missing ConfigMap shop\/settings <- Deployment shop\/web is not ready \| Service/,
  );
});

test('a full quota is one card, with the workloads that it refuses', () => {
  const message = 'pods "web-x" is forbidden: exceeded quota: limits, requested: pods=1, used: pods=2, limited: pods=2';
  const condition = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message,
    lastTransitionTime: ago(3),
  };
  const facts = factsWith({
    'Deployment web': { spec: { replicas: 3 }, status: { readyReplicas: 2 } },
    'ReplicaSet web-7f9d': { status: { conditions: [condition] } },
    'ResourceQuota limits': { status: { hard: { pods: '2' }, used: { pods: '2' } } },
    'Event e1': eventOf('ReplicaSet web-7f9d', 'FailedCreate', message, 1),
  });
  const found = cards(facts);
  assert.equal(found.length, 1, found.join('\n'));
  assert.match(found[0] ?? '', /^error quota\/refused ResourceQuota shop\/limits <- Deployment shop\/web is not ready/);
});

test('an object that is missing takes along what leads to it', () => {
  const gone = { 'Deployment web': null, 'ReplicaSet web-7f9d': null, 'Pod web-a': null, 'Pod web-b': null };
  const scaler = { status: { conditions: [{ type: 'AbleToScale', status: 'False', reason: 'FailedGetScale' }] } };
  const facts = factsWith(
    {
      ...gone,
      'EndpointSlice web-1': { endpoints: [] },
      'HorizontalPodAutoscaler web': scaler,
      'PodDisruptionBudget web': { status: { expectedPods: 0 } },
    },
    { declared: { 'Deployment web': {} } },
  );
  const [first = '', ...others] = cards(facts);
  assert.match(
    first,
    /^error objects\/missing Deployment shop\/web <- Service shop\/web reaches no pod.* \| PodDisruptionBudget .* \| Horizontal/,
  );
  assert.deepEqual(others, []);
});

test('a class that does not exist is an error, and nobody answers because of it', () => {
  const facts = factsWith({
    'IngressClass alb': null,
    'IngressClass nginx': {},
    'Ingress web': { status: { loadBalancer: { ingress: [] } } },
  });
  assert.deepEqual(cards(facts), ['error ingress/class Ingress shop/web']);
});

test('the hints of kinds name the command and the workload, and send nobody in a circle', () => {
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
  const hint = (fix: string): string =>
    hintForLooker({ id: 'a/b', severity: 'error', object, cause: '', evidence: [], fix }, factsWith({}).world).fix;
  assert.equal(hint('Push it, then run the same command again.'), 'Push it, then run oms-deploy up again.');
  assert.equal(hint('See: oms-deploy logs, oms-deploy doctor.'), 'See: oms-deploy logs web.');
  assert.equal(hint('Correct it; oms-deploy doctor compares them.'), 'Correct it.');
  assert.equal(hint('Read it: oms-deploy logs web --previous.'), 'Read it: oms-deploy logs web --previous.');
});

test('a hint to the logs names the workload that is hit, and nothing where there is none', () => {
  const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' };
  const ingress = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', namespace: 'shop', name: 'web' };
  assert.equal(withLogOf(web, 'See: oms-deploy logs. Check it.'), 'See: oms-deploy logs web. Check it.');
  assert.equal(
    withLogOf(web, 'See: oms-deploy logs, oms-deploy doctor.'),
    'See: oms-deploy logs web, oms-deploy doctor.',
  );
  assert.equal(withLogOf(ingress, 'See: oms-deploy logs.'), 'See: oms-deploy logs.');
});

test('two runs show the same order, whatever the order in which the API lists', () => {
  const several = {
    ...crash,
    'Event e1': eventOf('Pod web-a', 'FailedPreStopHook', 'x', 1),
    'Event e2': eventOf('Pod web-b', 'FailedPreStopHook', 'x', 1),
  };
  const facts = factsWith(several);
  const backwards: Facts = {
    ...facts,
    declared: facts.declared.toReversed(),
    world: { ...facts.world, list: (kind) => facts.world.list(kind).toReversed() },
  };
  const ids = (found: readonly string[]): readonly string[] => found.map((card) => card.replace(/ <- .*/, ''));
  assert.deepEqual(ids(cards(backwards)), ids(cards(facts)));
});

test('a namespace that is being deleted is one card', () => {
  const gone = { 'Deployment web': null, 'ReplicaSet web-7f9d': null, 'Pod web-a': null, 'Pod web-b': null };
  const facts = factsWith(
    { ...gone, 'Namespace shop': { status: { phase: 'Terminating' } }, 'EndpointSlice web-1': { endpoints: [] } },
    { declared: { 'Deployment web': {} } },
  );
  assert.deepEqual(cards(facts), [
    'error namespace/terminating Namespace shop <- Deployment shop/web does not exist | ' +
      'Service shop/web reaches no pod: no pod has the labels that it selects: app=web',
  ]);
});
