import { matchesDeclared } from '../../manifests/declared.ts';
import { type ConfigReference, podTemplateOf, requiredReferences } from '../../manifests/pod-template.ts';
import type { Finding } from '../../model/finding.ts';
import { isObject, objectOf } from '../../model/json.ts';
import { type Manifest, manifestFor } from '../../model/manifest.ts';
import { formatRef, type KubernetesObject, type ObjectRef, refOf } from '../../model/object.ts';
import { didYouMean } from '../../model/suggest.ts';
import { type Check, problemOf } from '../check.ts';
import { type Facts, liveWorkloads } from '../facts.ts';
import { originOfProblem } from '../problem-origin.ts';

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

function missing(workload: KubernetesObject, facts: Facts): readonly Finding[] {
  const { world } = facts;
  const template = podTemplateOf(workload);
  if (template === undefined) return [];
  return requiredReferences(template).flatMap(({ kind, name, keys }) => {
    const namespace = workload.metadata.namespace ?? '';
    const ref = { apiVersion: 'v1', kind, namespace, name };
    const live = world.get(ref);
    const needs = `${formatRef(refOf(workload))} refers to it: its next pod can't start`;
    if (live === undefined) {
      return [missingConfig({ ...ref, kind }, workload, facts, needs)];
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

/**
 * What a manifest declares, and what its workload's manifest has stopped to refer to, only has to be deployed. Else it is
 * corrected where the workload names it: who mistyped the name finds it beside the one that was meant.
 */
function missingConfig(
  wanted: ObjectRef & Pick<ConfigReference, 'kind'>,
  workload: KubernetesObject,
  { declared, world }: Facts,
  needs: string,
): Finding {
  const missing = (fix: string): Finding => problemOf('config/missing', wanted, 'does not exist', fix, [needs]);
  if (manifestFor(declared, wanted) !== undefined) return missing('Deploy it: oms-deploy up.');
  const manifest = manifestFor(declared, refOf(workload));
  if (manifest !== undefined && !refersTo(manifest, wanted))
    return missing('Deploy the manifest, which no longer refers to it: oms-deploy up.');
  const there = [...declared.map(({ ref }) => ref), ...world.list(wanted.kind).map(refOf)];
  const near = there.filter((ref) => ref.kind === wanted.kind && ref.namespace === wanted.namespace);
  const meant = didYouMean(
    wanted.name,
    near.map(({ name }) => name),
  );
  const add = 'Add it to the manifests, or correct the name there, then oms-deploy up.';
  const finding = missing(meant === '' ? add : `${meant} ${add}`);
  return manifest === undefined ? finding : { ...finding, origin: originOfProblem(manifest, { about: wanted }) };
}

/** Whether a manifest has the reference that its workload in the cluster has; a placeholder may stand for it. */
function refersTo({ body }: Manifest, wanted: ObjectRef): boolean {
  const template = podTemplateOf(body);
  if (template === undefined) return true;
  return requiredReferences(template).some(
    ({ kind, name }) => kind === wanted.kind && matchesDeclared(name, wanted.name),
  );
}
