import { disruptionBudgetsCheck } from '../../../../src/verify/checks/disruption-budgets.ts';
import { quotaCheck } from '../../../../src/verify/checks/quota.ts';
import { usageCheck } from '../../../../src/verify/checks/usage.ts';
import { container, usage } from './application.ts';
import { eventOf, factsWith, judges } from './facts.ts';

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
      'Pod web-a': { spec: { containers: [{ ...container, resources: { requests: { cpu: '10m' } } }] } },
      'PodMetrics web-a': usage('30m', '1Gi'),
    }),
  ],
]);
