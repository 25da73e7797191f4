import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/model/json.ts';
import type { KubernetesObject } from '../../../src/model/object.ts';
import { notEnforced } from '../../../src/verify/network/enforcement.ts';

function daemonSet(name: string, containers: readonly JsonObject[] = []): KubernetesObject {
  const spec = { template: { spec: { containers } } };
  return { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name, namespace: 'kube-system' }, spec };
}

const agent = (...args: readonly string[]): JsonObject => ({ name: 'aws-eks-nodeagent', args });
const cni = { name: 'aws-node' };

const rows: readonly (readonly [string, readonly KubernetesObject[], string | undefined])[] = [
  ['the VPC CNI with its agent on', [daemonSet('aws-node', [cni, agent('--enable-network-policy=true')])], undefined],
  [
    'the VPC CNI with its agent off',
    [daemonSet('aws-node', [cni, agent('--enable-network-policy=false')])],
    'container aws-eks-nodeagent has --enable-network-policy=false',
  ],
  [
    'the VPC CNI without a flag',
    [daemonSet('aws-node', [cni, agent()])],
    'container aws-eks-nodeagent has no --enable-network-policy',
  ],
  ['an old VPC CNI', [daemonSet('aws-node', [cni])], 'its pods have no container aws-eks-nodeagent'],
  ['the VPC CNI beside Calico', [daemonSet('aws-node', [cni]), daemonSet('calico-node')], undefined],
  ['another network', [daemonSet('kube-flannel')], undefined],
  ['nothing that may be read', [], undefined],
];

for (const [name, agents, why] of rows) {
  test(`NetworkPolicies, ${name}: ${why ?? 'nothing to say'}`, () => {
    const [finding, ...more] = notEnforced(agents);
    assert.deepEqual([finding?.evidence, more], [why === undefined ? undefined : [why], []]);
    if (finding !== undefined) assert.match(finding.fix, /enableNetworkPolicy/);
  });
}
