import { podTemplateOf, requiredReferences } from '../../manifests/pod-template.ts';
import type { Finding } from '../../model/finding.ts';
import { isObject, objectOf } from '../../model/json.ts';
import { formatRef, type KubernetesObject, refOf } from '../../model/object.ts';
import { type Check, problemOf } from '../check.ts';
import { type Facts, liveWorkloads } from '../facts.ts';

/** Every ConfigMap, Secret and key that a pod template needs is there: the next pod could not start otherwise. */
export const referencesCheck: Check = {
  id: 'config/references',
  summary: 'every ConfigMap and Secret key that pods refer to exists',
  commands: ['verify', 'doctor'],
  needs: ['ConfigMap', 'Secret'],
  run(facts) {
    return {
      passed: 'every ConfigMap and Secret key that pods refer to exists',
      findings: liveWorkloads(facts).flatMap((live) => missing(live, facts)),
    };
  },
};

function missing(workload: KubernetesObject, { world }: Facts): readonly Finding[] {
  const template = podTemplateOf(workload);
  if (template === undefined) return [];
  return requiredReferences(template).flatMap(({ kind, name, keys }) => {
    const namespace = workload.metadata.namespace ?? '';
    const ref = { apiVersion: 'v1', kind, namespace, name };
    const live = world.get(ref);
    const needs = `${formatRef(refOf(workload))} refers to it: its next pod can't start`;
    if (live === undefined) {
      return [problemOf('config/missing', ref, 'does not exist', 'Deploy it: oms-deploy up.', [needs])];
    }
    if (keys === 'all') return [];
    const there = new Set(
      Object.keys({ ...objectOf(live.data), ...(isObject(live.binaryData) ? live.binaryData : {}) }),
    );
    return keys
      .filter((key) => !there.has(key))
      .map((key) => {
        const fix = `Add ${key} to its manifest and deploy: oms-deploy up.`;
        return problemOf('config/missing-key', ref, `has no key ${key}`, fix, [needs]);
      });
  });
}
