import type { JsonObject } from '../../../../src/model/json.ts';
import { hpaRequestsCheck } from '../../../../src/verify/checks/hpa-requests.ts';
import { hpaSelectorCheck } from '../../../../src/verify/checks/hpa-selector.ts';
import { container } from './application.ts';
import { type Changes, factsWith, judges } from './facts.ts';

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
    "a StatefulSet's own pods",
    factsWith({
      'StatefulSet web': { spec: { selector: { matchLabels: { app: 'db' } } } },
      'Pod db-0': {
        metadata: { labels: { app: 'db' }, ownerReferences: [{ kind: 'StatefulSet', uid: 'StatefulSet web' }] },
      },
      'HorizontalPodAutoscaler web': { spec: { scaleTargetRef: { kind: 'StatefulSet' } } },
    }),
  ],
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
