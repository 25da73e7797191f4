import { at, numberOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Readiness } from '../model/readiness.ts';
import { type Kind, notObserved, type ReplicaCount } from './kind.ts';
import { isObserved } from './replicas.ts';

function count(live: KubernetesObject): ReplicaCount {
  return {
    desired: numberOf(at(live, 'status', 'desiredNumberScheduled'), 0),
    updated: numberOf(at(live, 'status', 'updatedNumberScheduled'), 0),
    ready: numberOf(at(live, 'status', 'numberReady'), 0),
  };
}

/** Ready: this generation seen, and a pod of it available on every node that should have one. */
function assess(live: KubernetesObject): Readiness {
  const { desired, updated } = count(live);
  const available = numberOf(at(live, 'status', 'numberAvailable'), 0);
  if (!isObserved(live)) return notObserved;
  const onDelete = at(live, 'spec', 'updateStrategy', 'type') === 'OnDelete';
  if (!onDelete && updated < desired) return { state: 'progressing', why: `${updated} of ${desired} nodes updated` };
  if (available < desired) return { state: 'progressing', why: `available on ${available} of ${desired} nodes` };
  return onDelete
    ? { state: 'ready', why: 'pods keep their old version until they are deleted (OnDelete)' }
    : { state: 'ready' };
}

export const daemonSet: Kind = {
  group: 'apps',
  kind: 'DaemonSet',
  namespaced: true,
  wave: 4,
  restartsOnTemplateChange: true,
  assess,
  count,
};
