import { at } from '../model/json.ts';
import { groupOf, type KubernetesObject } from '../model/object.ts';

const kinds: ReadonlySet<string> = new Set(['networking.k8s.io/Ingress', 'gateway.networking.k8s.io/Gateway']);

/** Whether a load balancer is made for an object: its controller deletes that with it, and its address is gone. */
export function isLoadBalanced(object: KubernetesObject): boolean {
  const { apiVersion, kind } = object;
  if (apiVersion === 'v1' && kind === 'Service') return at(object, 'spec', 'type') === 'LoadBalancer';
  return kinds.has(`${groupOf(apiVersion)}/${kind}`);
}
