import { at, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { Moment, Problem, Readiness } from '../model/readiness.ts';
import { eventTimeMs, type World } from '../model/world.ts';
import { type Kind, related, unready } from './kind.ts';
import { quote } from './pods/containers.ts';

/** Ready: bound; or it waits for its first pod on purpose (volumeBindingMode WaitForFirstConsumer). */
function assess(live: KubernetesObject, world: World, moment: Moment): Readiness {
  const phase = stringOf(at(live, 'status', 'phase'));
  if (phase === 'Bound') return { state: 'ready' };
  if (phase === 'Lost') return { state: 'failed', why: 'its volume is gone', problems: [lost] };
  const events = world.eventsOf(live.metadata.uid ?? '');
  // A claim that names its volume is bound to that one at once, whatever its class says.
  const isNamed = at(live, 'spec', 'volumeName') !== undefined;
  const mode = bindingMode(live, world);
  const waitsForPod = events.at(-1)?.reason === 'WaitForFirstConsumer' || (mode === 'WaitForFirstConsumer' && !isNamed);
  if (waitsForPod) return { state: 'ready', why: 'it is bound when its first pod is scheduled (WaitForFirstConsumer)' };
  const warning = events.findLast((event) => event.type === 'Warning' && eventTimeMs(event) >= moment.sinceMs - 5000);
  return unready('not bound yet', warning === undefined ? [] : [provisioning(warning)]);
}

const lost: Problem = {
  id: 'claim/lost',
  cause: 'its volume is gone',
  fix: 'Restore the volume, or delete the claim and deploy again: its data is lost then.',
  evidence: ['phase Lost'],
  certain: true,
};

function provisioning(event: KubernetesObject): Problem {
  const message = quote(stringOf(event.message) ?? '');
  return {
    id: 'claim/provisioning',
    cause: `no volume is made for it: ${message}`,
    fix: 'Check its StorageClass and the CSI driver (on EKS: the EBS CSI add-on and its role).',
    evidence: [`event ${stringOf(event.reason) ?? ''}: ${message}`],
    certain: false,
  };
}

function bindingMode(live: KubernetesObject, world: World): string | undefined {
  const name = stringOf(at(live, 'spec', 'storageClassName'));
  const found = world.list('StorageClass').find(({ metadata }) => metadata.name === name);
  return stringOf(found?.volumeBindingMode);
}

export const persistentVolumeClaim: Kind = {
  group: '',
  kind: 'PersistentVolumeClaim',
  namespaced: true,
  wave: 2,
  related: [related.event, related.storageClass],
  assess,
};
