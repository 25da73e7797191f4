import { at, numberOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Readiness } from '../model/readiness.ts';
import { type Kind, notObserved } from './kind.ts';
import { countReplicas, isObserved } from './replicas.ts';

/** Ready: this generation seen, all pods above the partition updated, all ready. OnDelete updates nothing by itself. */
function assess(live: KubernetesObject): Readiness {
  const { desired, updated, ready } = countReplicas(live);
  if (!isObserved(live)) return notObserved;
  const onDelete = at(live, 'spec', 'updateStrategy', 'type') === 'OnDelete';
  const partition = numberOf(at(live, 'spec', 'updateStrategy', 'rollingUpdate', 'partition'), 0);
  const toUpdate = onDelete ? 0 : Math.max(0, desired - partition);
  if (updated < toUpdate) return { state: 'progressing', why: `${updated} of ${toUpdate} pods updated` };
  if (ready < desired) return { state: 'progressing', why: `${ready} of ${desired} pods ready` };
  return onDelete
    ? { state: 'ready', why: 'pods keep their old version until they are deleted (OnDelete)' }
    : { state: 'ready' };
}

export const statefulSet: Kind = {
  group: 'apps',
  kind: 'StatefulSet',
  namespaced: true,
  wave: 4,
  restartsOnTemplateChange: true,
  assess,
  count: countReplicas,
};
