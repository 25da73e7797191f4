import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide, isIn, type Peer, type Question } from '../../../../src/manifests/network/simulate.ts';
import type { JsonObject } from '../../../../src/model/json.ts';
import type { KubernetesObject } from '../../../../src/model/object.ts';

function pod(labels: JsonObject, namespace = 'shop', ports: readonly (readonly [string, number])[] = []): Peer {
  const namespaceLabels = { 'kubernetes.io/metadata.name': namespace };
  return { kind: 'pod', namespace, namespaceLabels, labels, ports: new Map(ports) };
}

function policy(spec: JsonObject, namespace = 'shop'): KubernetesObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'p', namespace }, spec };
}

const web = pod({ app: 'web' });
const api = pod({ app: 'api' }, 'shop', [['http', 8080]]);
const dns = pod({ 'k8s-app': 'kube-dns' }, 'kube-system');
const internet: Peer = { kind: 'address', address: '203.0.113.9' };
const toApi: Question = { from: web, to: api, protocol: 'TCP', port: 8080 };
const chosen = { podSelector: { matchLabels: { app: 'api' } } };
const denyAll = policy({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });

const rows: readonly (readonly [string, readonly KubernetesObject[], Question, boolean])[] = [
  ['without a policy all is open', [], toApi, true],
  ['a policy of another namespace chooses no pod of this one', [policy({ podSelector: {} }, 'other')], toApi, true],
  ['an empty ingress cuts off', [policy({ ...chosen })], toApi, false],
  ['for the pods that it chooses alone', [policy({ ...chosen })], { ...toApi, to: web, from: api }, true],
  ['an empty rule allows all', [policy({ ...chosen, ingress: [{}] })], toApi, true],
  [
    'pods by labels',
    [policy({ ...chosen, ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }] })],
    toApi,
    true,
  ],
  [
    'pods by other labels',
    [policy({ ...chosen, ingress: [{ from: [{ podSelector: { matchLabels: { app: 'x' } } }] }] })],
    toApi,
    false,
  ],
  [
    'a podSelector alone means pods of the own namespace',
    [policy({ ...chosen, ingress: [{ from: [{ podSelector: {} }] }] })],
    { ...toApi, from: dns },
    false,
  ],
  [
    'a namespaceSelector means all pods there',
    [
      policy({
        ...chosen,
        ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }] }],
      }),
    ],
    { ...toApi, from: dns },
    true,
  ],
  [
    'both in one peer must hold',
    [
      policy({
        ...chosen,
        ingress: [{ from: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'web' } } }] }],
      }),
    ],
    { ...toApi, from: dns },
    false,
  ],
  [
    'a block is for addresses',
    [policy({ ...chosen, ingress: [{ from: [{ ipBlock: { cidr: '203.0.113.0/24' } }] }] })],
    { ...toApi, from: internet },
    true,
  ],
  [
    'and not for pods',
    [policy({ ...chosen, ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }] })],
    toApi,
    false,
  ],
  [
    'but for its exceptions',
    [policy({ ...chosen, ingress: [{ from: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['203.0.113.8/30'] } }] }] })],
    { ...toApi, from: internet },
    false,
  ],
  ['a port by its number', [policy({ ...chosen, ingress: [{ ports: [{ port: 8080 }] }] })], toApi, true],
  ['another port', [policy({ ...chosen, ingress: [{ ports: [{ port: 80 }] }] })], toApi, false],
  [
    'a port by its name in the pod that is asked',
    [policy({ ...chosen, ingress: [{ ports: [{ port: 'http' }] }] })],
    toApi,
    true,
  ],
  [
    'a name that the pod does not have',
    [policy({ ...chosen, ingress: [{ ports: [{ port: 'metrics' }] }] })],
    toApi,
    false,
  ],
  ['a range of ports', [policy({ ...chosen, ingress: [{ ports: [{ port: 8000, endPort: 8100 }] }] })], toApi, true],
  [
    'TCP where no protocol is said',
    [policy({ ...chosen, ingress: [{ ports: [{ port: 8080 }] }] })],
    { ...toApi, protocol: 'UDP' },
    false,
  ],
  [
    'a protocol without a port means all of them',
    [policy({ ...chosen, ingress: [{ ports: [{ protocol: 'TCP' }] }] })],
    toApi,
    true,
  ],
  [
    'policies add up',
    [denyAll, policy({ ...chosen, ingress: [{}] }), policy({ podSelector: {}, policyTypes: ['Egress'], egress: [{}] })],
    toApi,
    true,
  ],
  ['both ends must allow: egress does not', [denyAll, policy({ ...chosen, ingress: [{}] })], toApi, false],
  [
    'both ends must allow: ingress does not',
    [denyAll, policy({ podSelector: {}, policyTypes: ['Egress'], egress: [{}] })],
    toApi,
    false,
  ],
  [
    'an egress rule makes a policy one of egress',
    [policy({ podSelector: {}, egress: [], ingress: [{}] })],
    toApi,
    false,
  ],
  [
    'nothing is said of an address that is asked',
    [policy({ ...chosen })],
    { from: web, to: internet, protocol: 'TCP', port: 443 },
    true,
  ],
];

for (const [name, policies, question, isAllowed] of rows) {
  test(name, () => assert.equal(decide(policies, question).isAllowed, isAllowed));
}

test('which policies say so, and at which end', () => {
  const allow = policy({ ...chosen, ingress: [{}] });
  const egress = policy({ podSelector: {}, policyTypes: ['Egress'], egress: [{}] });
  assert.deepEqual(decide([denyAll, allow, egress], toApi), { isAllowed: true, by: [egress, allow] });
  assert.deepEqual(decide([denyAll, allow], toApi), { isAllowed: false, deniedAt: 'egress', by: [denyAll] });
  assert.deepEqual(decide([allow], { ...toApi, port: 1 }), { isAllowed: true, by: [allow] });
  assert.deepEqual(decide([], toApi), { isAllowed: true, by: [] });
});

test('addresses and blocks', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['10.0.1.7', '10.0.1.0/24', true],
    ['10.0.2.0', '10.0.1.0/24', false],
    ['10.0.1.7', '10.0.1.7', true],
    ['255.255.255.255', '0.0.0.0/0', true],
    ['192.168.255.1', '192.168.128.0/17', true],
    ['192.168.127.255', '192.168.128.0/17', false],
    ['10.0.1.7', 'nonsense', false],
    ['::1', '::/0', false],
  ];
  for (const [address, cidr, expected] of cases) assert.equal(isIn(address, cidr), expected, `${address} in ${cidr}`);
});
