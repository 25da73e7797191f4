import { matchesDeclared } from '../../manifests/declared.ts';
import { podTemplateOf, requiredReferences } from '../../manifests/pod-template.ts';
import type { Finding } from '../../model/finding.ts';
import { isObject, objectOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { formatRef, type KubernetesObject, type ObjectRef, refKey, refOf } from '../../model/object.ts';
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
      return [
        atReference(
          problemOf('config/missing', ref, 'does not exist', fixFor(ref, workload, facts), [needs]),
          workload,
          facts,
        ),
      ];
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

/** Who mistyped the name finds it beside the one that was meant; what a manifest declares only has to be deployed. */
function fixFor(wanted: ObjectRef, workload: KubernetesObject, { declared, world }: Facts): string {
  if (isDeclared(wanted, declared)) return 'Deploy it: oms-deploy up.';
  if (isCorrected(wanted, workload, declared))
    return 'Deploy the manifest, which no longer refers to it: oms-deploy up.';
  const there = [...declared.map(({ ref }) => ref), ...world.list(wanted.kind).map(refOf)];
  const near = there.filter((ref) => ref.kind === wanted.kind && ref.namespace === wanted.namespace);
  const meant = didYouMean(
    wanted.name,
    near.map(({ name }) => name),
  );
  const add = `Add it to the manifests, or correct the name there, then oms-deploy up.`;
  return meant === '' ? add : `${meant} ${add}`;
}

/** What no manifest declares is corrected where the workload names it. */
function atReference(finding: Finding, workload: KubernetesObject, { declared }: Facts): Finding {
  const { object } = finding;
  const manifest = manifestOf(workload, declared);
  if (object === undefined || manifest === undefined || isDeclared(object, declared)) return finding;
  if (isCorrected(object, workload, declared)) return finding;
  const kind = object.kind === 'Secret' ? 'Secret' : 'ConfigMap';
  return { ...finding, origin: originOfProblem(manifest, { about: { kind, name: object.name } }) };
}

/** Its manifest has lost the reference that the workload in the cluster still has: there is no line to correct. */
function isCorrected(wanted: ObjectRef, workload: KubernetesObject, declared: Facts['declared']): boolean {
  const manifest = manifestOf(workload, declared);
  const template = manifest === undefined ? undefined : podTemplateOf(manifest.body);
  if (template === undefined) return false;
  return !requiredReferences(template).some(
    ({ kind, name }) => kind === wanted.kind && matchesDeclared(name, wanted.name),
  );
}

function manifestOf(workload: KubernetesObject, declared: Facts['declared']): Manifest | undefined {
  return declared.find(({ ref }) => refKey(ref) === refKey(refOf(workload)));
}

function isDeclared(wanted: ObjectRef, declared: Facts['declared']): boolean {
  return declared.some(({ ref }) => refKey(ref) === refKey(wanted));
}
