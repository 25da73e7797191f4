import type { JsonObject } from '../../../../src/model/json.ts';
import { webhooksCheck } from '../../../../src/verify/checks/webhooks.ts';
import { webhook } from './application.ts';
import { factsWith, judges } from './facts.ts';

const gone = { 'EndpointSlice policy-1': { endpoints: [{ conditions: { ready: false } }] } };
const configured = (more: JsonObject): JsonObject => ({ webhooks: [webhook(more)] });
const configuration = 'ValidatingWebhookConfiguration policy';
const pods = [{ apiGroups: [''], resources: ['pods'], operations: ['*'] }];
const refuses = {
  is: 'error webhooks/endpoints ValidatingWebhookConfiguration policy',
  cause: /asks Service shop\/policy, which has no ready endpoint: deploys will be refused/,
  fix: /^See why the pods behind it are not ready: kubectl get pods -n shop\./,
  evidence: /check\.policy\.example, failurePolicy Fail, is asked about Deployment shop\/web$/,
};

judges(webhooksCheck, [
  ['no ready endpoint', factsWith(gone), refuses],
  ['no slice at all', factsWith({ 'EndpointSlice policy-1': null }), refuses],
  ['it may fail', factsWith({ ...gone, [configuration]: configured({ failurePolicy: 'Ignore' }) })],
  [
    'a namespace whose slices were not read',
    factsWith({
      ...gone,
      [configuration]: configured({ clientConfig: { service: { namespace: 'system', name: 'x' } } }),
    }),
  ],
  [
    'a namespace whose slices were read',
    factsWith(
      {
        'EndpointSlice x-1': {
          metadata: { namespace: 'system', labels: { 'kubernetes.io/service-name': 'x' } },
          endpoints: [],
        },
        [configuration]: configured({ clientConfig: { service: { namespace: 'system', name: 'x' } } }),
      },
      { endpointsOf: new Set(['shop', 'system']) },
    ),
    { ...refuses, cause: /asks Service system\/x, which has no ready endpoint/, fix: /kubectl get pods -n system/ },
  ],
  [
    'a URL instead of a Service',
    factsWith({ ...gone, [configuration]: configured({ clientConfig: { url: 'https://x' } }) }),
  ],
  [
    'rules about other things',
    factsWith({
      ...gone,
      [configuration]: configured({ rules: [{ apiGroups: ['batch'], resources: ['jobs'], operations: ['*'] }] }),
    }),
  ],
  [
    'a rule about deletion',
    factsWith({
      ...gone,
      [configuration]: configured({ rules: [{ apiGroups: ['*'], resources: ['*'], operations: ['DELETE'] }] }),
    }),
  ],
  [
    'a rule about everything',
    factsWith({
      ...gone,
      [configuration]: configured({ rules: [{ apiGroups: ['*'], resources: ['*/*'], operations: ['*'] }] }),
    }),
    { ...refuses, evidence: /is asked about .* and \d more$/ },
  ],
  [
    'pods, by their labels',
    factsWith({
      ...gone,
      [configuration]: configured({ rules: pods, objectSelector: { matchLabels: { app: 'web' } } }),
    }),
    { ...refuses, evidence: /is asked about the pods of Deployment shop\/web$/ },
  ],
  [
    'pods with other labels',
    factsWith({
      ...gone,
      [configuration]: configured({
        rules: pods,
        objectSelector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] },
      }),
    }),
  ],
  [
    'another namespace',
    factsWith({ ...gone, [configuration]: configured({ namespaceSelector: { matchLabels: { team: 'risk' } } }) }),
  ],
  [
    'this namespace',
    factsWith({
      ...gone,
      [configuration]: configured({
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['shop'] }],
        },
      }),
    }),
    refuses,
  ],
]);
