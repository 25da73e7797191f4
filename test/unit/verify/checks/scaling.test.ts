import type { JsonObject } from '../../../../src/model/json.ts';
import { disruptionBudgetsCheck } from '../../../../src/verify/checks/disruption-budgets.ts';
import { hpaRequestsCheck } from '../../../../src/verify/checks/hpa-requests.ts';
import { hpaSelectorCheck } from '../../../../src/verify/checks/hpa-selector.ts';
import { quotaCheck } from '../../../../src/verify/checks/quota.ts';
import { usageCheck } from '../../../../src/verify/checks/usage.ts';
import { container, usage } from './application.ts';
import { type Changes, eventOf, factsWith, judges } from './facts.ts';

const stranger: JsonObject = {
  metadata: { labels: { app: 'web' }, ownerReferences: [{ kind: 'Job', name: 'import', uid: 'Job import' }] },
  status: { phase: 'Running' },
};

judges(hpaSelectorCheck, [
  [
    "a Job's pod with the same labels",
    factsWith({ 'Pod import-x': stranger }),
    {
      is: 'error hpa/selector HorizontalPodAutoscaler shop/web',
      cause: /averages over 1 pod of others, which the selector of Deployment shop\/web matches: import-x\.$/,
      fix: /^Give those pods other labels than app=web/,
      evidence: /pod import-x belongs to Job import/,
    },
  ],
  ['a pod that is ending', factsWith({ 'Pod import-x': { ...stranger, status: { phase: 'Failed' } } })],
  [
    'a pod of another namespace',
    factsWith({ 'Pod import-x': { metadata: { namespace: 'other', labels: { app: 'web' } } } }),
  ],
  ['a pod with other labels', factsWith({ 'Pod import-x': { metadata: { labels: { app: 'import' } } } })],
  [
    "a pod of the target's older revision",
    factsWith({
      'ReplicaSet web-old': { metadata: { ownerReferences: [{ kind: 'Deployment', uid: 'Deployment web' }] } },
      'Pod web-old-a': {
        metadata: { labels: { app: 'web' }, ownerReferences: [{ kind: 'ReplicaSet', uid: 'ReplicaSet web-old' }] },
      },
    }),
  ],
]);

/** Both pods with these containers; the template with them, too. */
function running(containers: readonly JsonObject[], spec: JsonObject = {}): Changes {
  const pod = { spec: { containers, ...spec } };
  return { 'Pod web-a': pod, 'Pod web-b': pod, 'Deployment web': { spec: { template: pod } } };
}

const greedy = { ...container, resources: { requests: { memory: '1Gi' } } };
const sidecar = { name: 'proxy', resources: { requests: { cpu: '10m', memory: '10Mi' } } };

judges(hpaRequestsCheck, [
  [
    'no CPU request',
    factsWith(running([greedy, sidecar])),
    {
      is: 'error hpa/requests HorizontalPodAutoscaler shop/web',
      cause: /can't compute the use of cpu: in Deployment shop\/web there is no cpu request in the container web\.$/,
      fix: /^Set resources\.requests\.cpu .*oms-deploy up/,
    },
  ],
  [
    'a sidecar without requests: a finding for each resource',
    factsWith(running([container], { initContainers: [{ name: 'proxy', restartPolicy: 'Always' }] })),
    {
      is: 'error hpa/requests HorizontalPodAutoscaler shop/web',
      cause: /no cpu request in the container proxy/,
      fix: /requests\.cpu/,
    },
    {
      is: 'error hpa/requests HorizontalPodAutoscaler shop/web',
      cause: /no memory request in the container proxy/,
      fix: /requests\.memory/,
    },
  ],
  ['an init container that ends', factsWith(running([container], { initContainers: [{ name: 'migrate' }] }))],
  [
    'a limit stands for a request',
    factsWith(running([{ ...container, resources: { limits: { cpu: '1', memory: '1Gi' } } }])),
  ],
  [
    'requests of the pod',
    factsWith(running([{ name: 'web' }], { resources: { requests: { cpu: '1', memory: '1Gi' } } })),
  ],
  [
    'a LimitRange has completed the pods',
    factsWith({ 'Deployment web': { spec: { template: { spec: { containers: [greedy] } } } } }),
  ],
  [
    'no pod yet: the template counts',
    factsWith({ ...running([greedy]), 'Pod web-a': null, 'Pod web-b': null }),
    {
      is: 'error hpa/requests HorizontalPodAutoscaler shop/web',
      cause: /no cpu request in the container web/,
      fix: /requests\.cpu/,
    },
  ],
  [
    'only the container that the metric names',
    factsWith({
      ...running([container, { name: 'proxy' }]),
      'HorizontalPodAutoscaler web': {
        spec: {
          metrics: [
            {
              type: 'ContainerResource',
              containerResource: { name: 'cpu', container: 'web', target: { type: 'Utilization' } },
            },
          ],
        },
      },
    }),
  ],
  [
    'an average value needs no request',
    factsWith({
      ...running([greedy]),
      'HorizontalPodAutoscaler web': {
        spec: { metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue' } } }] },
      },
    }),
  ],
]);

judges(disruptionBudgetsCheck, [
  [
    'it allows nothing although all pods are healthy',
    factsWith({ 'PodDisruptionBudget web': { status: { disruptionsAllowed: 0 } } }),
    {
      is: 'warning pdb/blocks-drains PodDisruptionBudget shop/web',
      cause: /allows no pod to be moved: node upgrades hang/,
      fix: /^Use maxUnavailable: 1.*oms-deploy up/,
      evidence: /disruptionsAllowed 0 with all of its 2 pods healthy/,
    },
  ],
  [
    'it allows nothing while a pod is not healthy: that passes',
    factsWith({ 'PodDisruptionBudget web': { status: { disruptionsAllowed: 0, currentHealthy: 1 } } }),
  ],
  [
    'it selects nothing',
    factsWith({
      'PodDisruptionBudget web': {
        spec: { selector: { matchLabels: { app: 'wbe' } } },
        status: { expectedPods: 0, currentHealthy: 0, disruptionsAllowed: 0 },
      },
    }),
    {
      is: 'warning pdb/no-pods PodDisruptionBudget shop/web',
      cause: /protects nothing/,
      fix: /^Correct spec\.selector.*oms-deploy up/,
      evidence: /"app":"wbe"/,
    },
  ],
  [
    'its workload has zero replicas',
    factsWith({
      'Pod web-a': null,
      'Pod web-b': null,
      'PodDisruptionBudget web': { status: { expectedPods: 0, currentHealthy: 0, disruptionsAllowed: 0 } },
    }),
  ],
]);

const exceeded =
  'pods "web-7f9d-x" is forbidden: exceeded quota: limits, requested: pods=1, used: pods=10, limited: pods=10';
const full = { status: { used: { pods: '10' } } };

judges(quotaCheck, [
  [
    'nine tenths used',
    factsWith({ 'ResourceQuota limits': { status: { used: { pods: '9', 'limits.memory': '1900Mi' } } } }),
    {
      is: 'warning quota/room ResourceQuota shop/limits',
      cause: /nearly used up: pods 9 of 10 \(90 %\), limits\.memory 1900Mi of 2Gi \(93 %\); a rollout/,
      fix: /^Raise the quota.*oms-deploy doctor/,
    },
  ],
  [
    'almost nine tenths used',
    factsWith({ 'ResourceQuota limits': { status: { used: { 'limits.memory': '1800Mi' } } } }),
  ],
  [
    'none allowed, none used',
    factsWith({ 'ResourceQuota limits': { status: { hard: { pods: '0' }, used: { pods: '0' } } } }),
  ],
  [
    'it refuses a pod, by event',
    factsWith({
      'ResourceQuota limits': full,
      'Event e1': eventOf('ReplicaSet web-7f9d', 'FailedCreate', exceeded, 2),
    }),
    {
      is: 'error quota/refused ResourceQuota shop/limits',
      cause: /refuses pods because it is used up: pods 10 of 10 \(100 %\)/,
      fix: /^Raise the quota/,
      evidence: /^ReplicaSet shop\/web-7f9d: .*exceeded quota: limits/,
    },
  ],
  [
    'it refuses a pod, by condition',
    factsWith({
      'ReplicaSet web-7f9d': {
        status: { conditions: [{ type: 'ReplicaFailure', status: 'True', message: exceeded }] },
      },
    }),
    {
      is: 'error quota/refused ResourceQuota shop/limits',
      cause: /refuses pods\.$/,
      fix: /^Raise the quota/,
      evidence: /ReplicaSet shop\/web-7f9d/,
    },
  ],
  [
    'it refused a pod an hour ago',
    factsWith({ 'Event e1': eventOf('ReplicaSet web-7f9d', 'FailedCreate', exceeded, 60) }),
  ],
  [
    'another quota refuses it',
    factsWith({
      'Event e1': eventOf('ReplicaSet web-7f9d', 'FailedCreate', exceeded.replace('limits,', 'limits-2,'), 2),
    }),
  ],
]);

judges(usageCheck, [
  [
    'memory near its limit: the worst pod counts',
    factsWith({ 'PodMetrics web-a': usage('30m', '180Mi'), 'PodMetrics web-b': usage('30m', '194560Ki') }),
    {
      is: 'warning usage/memory-limit Deployment shop/web',
      cause: /uses 95 % of its memory limit in container web: above it the container is killed/,
      fix: /^Raise resources\.limits\.memory.*oms-deploy up/,
      evidence: /^pod web-b: 190Mi of 200Mi\npod web-a: 180Mi of 200Mi$/,
    },
  ],
  [
    'CPU at its limit, and so also far above its request',
    factsWith({ 'PodMetrics web-a': usage('499000000n', '20Mi') }),
    {
      is: 'warning usage/cpu-limit Deployment shop/web',
      cause: /uses 100 % of its CPU limit in container web/,
      fix: /^Raise resources\.limits\.cpu/,
      evidence: /pod web-a: 499m of 500m/,
    },
    {
      is: 'info usage/cpu-request Deployment shop/web',
      cause: /uses 499 % of its CPU request/,
      fix: /requests\.cpu/,
    },
  ],
  [
    'CPU above twice its request',
    factsWith({ 'PodMetrics web-a': usage('201m', '20Mi') }),
    {
      is: 'info usage/cpu-request Deployment shop/web',
      cause: /uses 201 % of its CPU request in container web: on a busy node/,
      fix: /^Raise resources\.requests\.cpu/,
      evidence: /pod web-a: 201m of 100m/,
    },
  ],
  ['just twice its request', factsWith({ 'PodMetrics web-a': usage('200m', '20Mi') })],
  [
    'three times a tiny request',
    factsWith({
      ...running([{ ...container, resources: { requests: { cpu: '10m' } } }]),
      'PodMetrics web-a': usage('30m', '1Gi'),
    }),
  ],
]);
