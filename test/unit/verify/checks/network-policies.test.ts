import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../../src/model/json.ts';
import { networkPoliciesCheck } from '../../../../src/verify/checks/network-policies.ts';
import { factsWith } from './facts.ts';

const spec = (more: JsonObject = {}): JsonObject => ({ podSelector: {}, policyTypes: ['Egress'], ...more });
const ofApplication = (name: string): JsonObject => ({
  labels: { 'app.kubernetes.io/managed-by': 'oms-deploy', 'app.kubernetes.io/part-of': name },
});

function found(policies: Readonly<Record<string, JsonObject>>): readonly string[] {
  return networkPoliciesCheck.run(factsWith(policies)).findings.map(({ object }) => object?.name ?? '');
}

test("somebody else's default deny is told, another application's too", () => {
  assert.deepEqual(found({ 'NetworkPolicy deny': { spec: spec() } }), ['deny']);
  assert.deepEqual(found({ 'NetworkPolicy deny': { spec: spec(), metadata: ofApplication('bank') } }), ['deny']);
});

test('a default deny of ours that left the manifests goes with the deploy: nothing to tell', () => {
  assert.deepEqual(found({ 'NetworkPolicy deny': { spec: spec(), metadata: ofApplication('shop') } }), []);
});

test('a policy of ours that left the manifests no longer allows what another one denies', () => {
  const allow = { spec: spec({ egress: [{}] }) };
  const deny = { 'NetworkPolicy deny': { spec: spec() } };
  assert.deepEqual(found({ ...deny, 'NetworkPolicy allow': allow }), []);
  assert.deepEqual(found({ ...deny, 'NetworkPolicy allow': { ...allow, metadata: ofApplication('shop') } }), ['deny']);
});
