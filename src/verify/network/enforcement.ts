import { mainContainers, specOfPods } from '../../manifests/pod-template.ts';
import type { Finding } from '../../model/finding.ts';
import { arrayOf, at, stringOf, textOf } from '../../model/json.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import { warningOf } from '../check.ts';

/** Networks that enforce policies wherever they run, by the DaemonSet of their agents. */
const enforcing: ReadonlySet<string> = new Set(['calico-node', 'cilium', 'antrea-agent', 'kube-router', 'weave-net']);

/**
 * Says where NetworkPolicies are accepted and do nothing: the VPC CNI enforces them only where its agent for them is on
 * (`enableNetworkPolicy`; off by default). Of other networks nothing is said.
 *
 * @param agents the DaemonSets of kube-system
 */
export function notEnforced(agents: readonly KubernetesObject[]): readonly Finding[] {
  const node = agents.find(({ metadata }) => metadata.name === 'aws-node');
  const isElse = agents.some(({ metadata }) => enforcing.has(metadata.name ?? ''));
  if (node === undefined || isElse || isOn(node)) return [];
  const cause = 'does not enforce NetworkPolicies: they are accepted, and everybody reaches everybody';
  const fix =
    'Turn it on: aws eks update-addon --cluster-name <name> --addon-name vpc-cni --configuration-values \'{"enableNetworkPolicy":"true"}\' (VPC CNI 1.14 or later).';
  return [warningOf('network/not-enforced', refOf(node), cause, fix, [whyOff(node)])];
}

/** The agent is a container of its own beside the CNI's, and takes a flag. */
function isOn(node: KubernetesObject): boolean {
  return argsOf(node)?.some((one) => /^--enable-network-policy(=true)?$/.test(one)) === true;
}

function argsOf(node: KubernetesObject): readonly string[] | undefined {
  const agent = mainContainers(specOfPods(node)).find(({ name }) => name === 'aws-eks-nodeagent');
  return agent === undefined ? undefined : arrayOf(at(agent, 'args')).map((one) => stringOf(one) ?? textOf(one));
}

function whyOff(node: KubernetesObject): string {
  const args = argsOf(node);
  if (args === undefined) return 'its pods have no container aws-eks-nodeagent';
  const flag = args.find((one) => one.startsWith('--enable-network-policy'));
  return `container aws-eks-nodeagent has ${flag ?? 'no --enable-network-policy'}`;
}
