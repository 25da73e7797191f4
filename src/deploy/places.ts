import type { Cluster } from '../cluster/cluster.ts';
import { countOf } from '../model/age.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { inputsAt, type Manifest, originOf } from '../model/manifest.ts';
import { formatRef, type KubernetesObject, namespaceRef, type ObjectRef, refKey } from '../model/object.ts';
import type { Target } from '../model/plan.ts';
import { shellQuoted } from '../model/text.ts';
import { endingNamespace, type NamespaceFacts, readNamespace } from './target.ts';

/** The namespaces that the objects of a deploy are in: its own, and others that manifests name. */
export interface Places {
  /** What is known of an object's namespace; one without a namespace is in a place that is always there. */
  of(ref: ObjectRef): NamespaceFacts;
  /** The Namespace objects that were read on the way, by key; undefined for those that aren't there. */
  readonly read: ReadonlyMap<string, KubernetesObject | undefined>;
  readonly findings: readonly Finding[];
}

/**
 * Reads the other namespaces of the manifests. The target namespace is made where it is missing; another one must exist
 * or be among the manifests: a typo must not become a namespace.
 */
export async function readPlaces(
  manifests: readonly Manifest[],
  target: Target,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Places> {
  const named = manifests.flatMap(({ ref }) => ref.namespace ?? []);
  const names = [...new Set(named)].filter((name) => name !== target.namespace);
  const facts = new Map(
    await Promise.all(names.map(async (name) => [name, await readNamespace(cluster, name, signal)] as const)),
  );
  const made = new Set(manifests.filter(isNamespace).map(({ ref }) => ref.name));
  return {
    of: ({ namespace }) =>
      (namespace === target.namespace ? target : facts.get(namespace ?? '')) ?? { namespaceState: 'exists' },
    read: new Map(
      [...facts]
        .filter(([, { home, namespaceState }]) => home !== undefined || namespaceState === 'missing')
        .map(([name, { home }]) => [refKey(namespaceRef(name)), home]),
    ),
    findings: [...facts].flatMap(([name, { namespaceState }]) => {
      const first = manifests.find(({ ref }) => ref.namespace === name);
      if (first === undefined || namespaceState === 'exists') return [];
      if (namespaceState === 'terminating') return [endingNamespace(name, first)];
      return made.has(name) ? [] : [missingNamespace(name, first, manifests, target)];
    }),
  };
}

function isNamespace({ ref }: Manifest): boolean {
  return ref.kind === 'Namespace' && ref.apiVersion === 'v1';
}

function missingNamespace(name: string, first: Manifest, manifests: readonly Manifest[], target: Target): Finding {
  const count = manifests.filter(({ ref }) => ref.namespace === name).length;
  const others = count === 1 ? '' : ` (and ${countOf(count - 1, 'other object')})`;
  const origin = originOf(first, 'metadata.namespace');
  const fix =
    first.addon === undefined
      ? `Correct the name, or leave it out: then it is ${target.namespace}, the namespace of the deploy. Is ${name} meant to be that one, say so: -n ${shellQuoted(name)}, or namespace in the configuration (environments.<env>.namespace for one environment). Else add a manifest of the Namespace ${name}.`
      : fixForAddon(first.addon, inputsAt(first, origin)[0]?.name);
  return errorFinding(
    'namespace/missing',
    `${formatRef(first.ref)}${others} names the namespace ${name}, which does not exist, and no manifest makes it.`,
    fix,
    { object: first.ref, origin },
  );
}

/** What an add-on is for runs there: it isn't ours to make. */
function fixForAddon(addon: string, input: string | undefined): string {
  const elsewhere = input === undefined ? '' : `, or say in which namespace that runs: --set ${input}=<name>`;
  return `Install there what the add-on ${addon} is for${elsewhere}.`;
}
