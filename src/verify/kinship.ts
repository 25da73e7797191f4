import { allPodsOf } from '../kinds/index.ts';
import { isTrue } from '../kinds/replicas.ts';
import { selects } from '../kinds/service.ts';
import { podLabelsOf, podTemplateOf, requiredReferences } from '../manifests/pod-template.ts';
import { at } from '../model/json.ts';
import { type KubernetesObject, type ObjectRef, refKey, refOf } from '../model/object.ts';
import { matchesSelector } from '../model/selector.ts';
import { type Facts, liveWorkloads } from './facts.ts';

/** Which objects belong together: what one cause can show at. Pure. */
export interface Kinship {
  /** The workload that an object belongs to: itself, that of a pod, that of a ReplicaSet. */
  readonly workloadOf: (ref: ObjectRef) => ObjectRef | undefined;
  readonly isReadyPod: (ref: ObjectRef) => boolean;
  /** A workload of which no pod is ready, not even an old one. */
  readonly isDown: (workload: ObjectRef) => boolean;
  /** Whether a Service or a PodDisruptionBudget selects the pods of a workload, be it one that is only declared. */
  readonly selects: (selecting: ObjectRef, workload: ObjectRef) => boolean;
  /** The workload that an HPA scales. */
  readonly scales: (scaler: ObjectRef, workload: ObjectRef) => boolean;
  /** Whether the pods of a workload need this ConfigMap or Secret. */
  readonly needs: (workload: ObjectRef, config: ObjectRef) => boolean;
}

/** Looks the relations up in what checks judge. */
export function kinshipOf(facts: Facts): Kinship {
  const { world } = facts;
  const owners = new Map<string, ObjectRef>();
  for (const workload of liveWorkloads(facts)) {
    const own = refOf(workload);
    const sets = world.ownedBy(workload.metadata.uid ?? '', 'ReplicaSet');
    for (const object of [workload, ...sets, ...allPodsOf(workload, world)]) owners.set(refKey(refOf(object)), own);
  }
  const declaredOf = (ref: ObjectRef): KubernetesObject | undefined =>
    facts.declared.find((one) => refKey(one.ref) === refKey(ref))?.body;
  return {
    workloadOf: (ref) => owners.get(refKey(ref)),
    isReadyPod: (ref) => {
      const live = world.get(ref);
      return live !== undefined && isTrue(live, 'Ready');
    },
    isDown: (ref) => {
      const live = world.get(ref);
      return live !== undefined && !allPodsOf(live, world).some((pod) => isTrue(pod, 'Ready'));
    },
    selects: (selecting, workload) => {
      const [from, to] = [world.get(selecting), world.get(workload) ?? declaredOf(workload)];
      if (from === undefined || to === undefined || selecting.namespace !== workload.namespace) return false;
      const labels = podLabelsOf(to);
      return selecting.kind === 'Service' ? selects(from, labels) : matchesSelector(at(from.spec, 'selector'), labels);
    },
    scales: (scaler, workload) => {
      const target = at(world.get(scaler), 'spec', 'scaleTargetRef');
      const isSame = at(target, 'kind') === workload.kind && at(target, 'name') === workload.name;
      return isSame && scaler.namespace === workload.namespace;
    },
    needs: (workload, config) => {
      const live = world.get(workload);
      const template = live === undefined ? undefined : podTemplateOf(live);
      if (template === undefined || workload.namespace !== config.namespace) return false;
      return requiredReferences(template).some(({ kind, name }) => kind === config.kind && name === config.name);
    },
  };
}
