import { quote } from '../../kinds/pods/containers.ts';
import type { Finding } from '../../model/finding.ts';
import { arrayOf, at, isObject, stringOf } from '../../model/json.ts';
import { formatRef, type KubernetesObject, namespaceRef, refOf } from '../../model/object.ts';
import { type Check, problemOf } from '../check.ts';
import type { Facts } from '../facts.ts';

const shown = 8;
/** The kinds that finalizers hold most often, beside those that the manifests declare. */
const heldKinds = ['Ingress', 'Service', 'PersistentVolumeClaim', 'Pod', 'Job', 'TargetGroupBinding'];

/** A namespace that is being deleted takes no new object, and may stay so for ever. */
export const namespaceCheck: Check = {
  id: 'namespace/terminating',
  summary: "the namespace isn't being deleted",
  commands: ['verify', 'doctor'],
  needs: ['Namespace'],
  run(facts) {
    const live = facts.world.get(namespaceRef(facts.namespace));
    const isEnding = at(live, 'status', 'phase') === 'Terminating' || live?.metadata.deletionTimestamp !== undefined;
    return {
      passed: `nobody is deleting the namespace ${facts.namespace}`,
      findings: live !== undefined && isEnding ? [judge(live, facts)] : [],
    };
  },
};

function judge(live: KubernetesObject, facts: Facts): Finding {
  const held = heldObjects(facts);
  const own = finalizersOf(live, arrayOf(at(live, 'spec', 'finalizers'))).filter((name) => name !== 'kubernetes');
  const messages = arrayOf(at(live, 'status', 'conditions'))
    .filter(isObject)
    .filter(({ status, message }) => status === 'True' && message !== '')
    .map(({ type, message }) => `${stringOf(type) ?? ''}: ${quote(stringOf(message) ?? '')}`);
  const evidence = [
    ...messages,
    ...held.slice(0, shown).map(({ object, finalizers }) => `${formatRef(refOf(object))} has ${finalizers.join(', ')}`),
    ...(own.length === 0 ? [] : [`the namespace itself has ${own.join(', ')}`]),
  ];
  const names = new Set([...held.flatMap(({ finalizers }) => finalizers), ...own]);
  const holder = names.size === 0 ? '' : `, and these finalizers hold it: ${[...names].join(', ')}`;
  const cause = `is being deleted: nothing can be deployed to it${holder}`;
  return problemOf('namespace/terminating', refOf(live), cause, fixFor(names), evidence);
}

/** The objects that are waiting for somebody to let go of them. */
function heldObjects({ world, namespace, declared }: Facts): readonly {
  readonly object: KubernetesObject;
  readonly finalizers: readonly string[];
}[] {
  const kinds = new Set([...heldKinds, ...declared.map(({ ref }) => ref.kind)]);
  return [...kinds]
    .flatMap((kind) => world.list(kind))
    .filter(({ metadata }) => metadata.namespace === namespace)
    .map((object) => ({ object, finalizers: finalizersOf(object) }))
    .filter(({ finalizers }) => finalizers.length > 0);
}

function finalizersOf({ metadata }: KubernetesObject, more: readonly unknown[] = []): readonly string[] {
  return [...arrayOf(metadata.finalizers), ...more].flatMap((name) => stringOf(name) ?? []);
}

function fixFor(finalizers: ReadonlySet<string>): string {
  const isBalancer = [...finalizers].some((name) => /ingress\.k8s\.aws|elbv2\.k8s\.aws|service\.k8s\.aws/.test(name));
  if (isBalancer) {
    return (
      'Let the AWS Load Balancer Controller run: it deletes the load balancer and then lets go. ' +
      'A finalizer that is removed by hand leaves the load balancer behind, and its costs. Then oms-deploy up.'
    );
  }
  if (finalizers.size > 0) return 'Start the controller that these finalizers belong to, wait, then oms-deploy up.';
  return 'Wait until it is gone, then deploy again: oms-deploy up.';
}
