import type { Cluster } from '../../cluster/cluster.ts';
import { DeployError, interrupted } from '../../errors.ts';
import { podSpecOf } from '../../manifests/containers.ts';
import { arrayOf, at, objectOf, stringOf } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';

const architectureLabel = 'kubernetes.io/arch';
const patienceMs = 5_000;

/** A node, as far as it decides which images run on it. */
export interface NodeFacts {
  readonly architecture: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The nodes of a cluster, or why they can't be known, as a clause. */
export async function readNodes(
  cluster: Pick<Cluster, 'list'>,
  signal: AbortSignal,
): Promise<{ readonly nodes: readonly NodeFacts[] } | { readonly why: string }> {
  try {
    const both = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Node' }, both);
    return { nodes: items.flatMap(nodeFacts) };
  } catch (error) {
    if (signal.aborted) throw interrupted();
    if (!(error instanceof DeployError)) throw error;
    return { why: error.code === 'interrupted' ? 'the nodes were not listed in time' : 'the nodes may not be listed' };
  }
}

function nodeFacts(node: KubernetesObject): readonly NodeFacts[] {
  const { labels = {} } = node.metadata;
  const architecture = stringOf(at(node, 'status', 'nodeInfo', 'architecture')) ?? labels[architectureLabel];
  return architecture === undefined || architecture === '' ? [] : [{ architecture, labels }];
}

/** Where the pods of a workload may run. */
export interface Placement {
  /** Architectures of the nodes in question; none where that can't be told. */
  readonly architectures: readonly string[];
  /** The pod template itself says which architecture it wants. */
  readonly isChosen: boolean;
}

/**
 * The architectures on which the pods of a workload may come to run: those that its node selector or affinity names, else
 * those of the nodes that its selector matches. Where it matches none, a node may still be made for it.
 */
export function placementOf(workload: KubernetesObject, nodes: readonly NodeFacts[]): Placement {
  const spec = podSpecOf(workload);
  const selector = Object.entries(objectOf(spec?.nodeSelector));
  const wanted = selector.find(([label]) => label === architectureLabel)?.[1];
  const chosen = typeof wanted === 'string' ? [wanted] : affinityOf(spec);
  if (chosen.length > 0) return { architectures: chosen, isChosen: true };
  const matching = nodes.filter(({ labels }) => selector.every(([label, value]) => labels[label] === value));
  return { architectures: [...new Set(matching.map(({ architecture }) => architecture))].sort(), isChosen: false };
}

/** The architectures of a required node affinity. */
function affinityOf(spec: unknown): readonly string[] {
  const required = at(spec, 'affinity', 'nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution');
  return arrayOf(at(required, 'nodeSelectorTerms')).flatMap((term) =>
    arrayOf(at(term, 'matchExpressions'))
      .filter((one) => at(one, 'key') === architectureLabel && at(one, 'operator') === 'In')
      .flatMap((one) => arrayOf(at(one, 'values')))
      .flatMap((value) => stringOf(value) ?? []),
  );
}
