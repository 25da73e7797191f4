import type { Cluster } from '../cluster/cluster.ts';
import { isForbidden } from '../cluster/errors.ts';
import { DeployError, orIfRefused } from '../errors.ts';
import { type KubernetesObject, namespaceRef } from '../model/object.ts';
import { meantOneOf, suggest } from '../model/suggest.ts';
import { listHomes } from '../releases/read-records.ts';

/**
 * Nothing can be looked at in a namespace that doesn't exist: a typo must not read as "nothing is deployed". Undefined
 * where it may not be read.
 *
 * @throws DeployError `refused` with the names that may have been meant, where namespaces may be listed.
 */
export async function requireNamespace(
  name: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<KubernetesObject | undefined> {
  try {
    const live = await cluster.get(namespaceRef(name), signal);
    if (live !== undefined) return live;
  } catch (error) {
    // Who may only look into the namespace finds out there.
    if (isForbidden(error)) return undefined;
    throw error;
  }
  const [names, homes] = await Promise.all([namesOf(cluster, signal), hintAtHomes(cluster, signal)]);
  const near = suggest(name, names);
  const other = 'Name another namespace or context (--namespace, --context), or deploy there first: oms-deploy up.';
  throw new DeployError('refused', `There is no namespace ${name} in ${cluster.name}: nothing is deployed there.`, {
    fix: `${near.length === 0 ? other : `${meantOneOf(near)} Name it with --namespace.`}${homes}`,
  });
}

const shownHomes = 5;

/** In which namespaces there are releases, as a sentence that follows another one; empty where there are none to be read. */
export async function hintAtHomes(cluster: Cluster, signal: AbortSignal): Promise<string> {
  const homes = await listHomes(cluster, signal);
  if (homes.length === 0) return '';
  const more = homes.length > shownHomes ? `, and ${homes.length - shownHomes} more` : '';
  return ` There are releases in ${homes.slice(0, shownHomes).join(', ')}${more}.`;
}

/** Without these there is nothing to look at: an application that may not be seen isn't one that isn't there. */
const neededKinds: readonly string[] = ['Deployment', 'Pod'];

/**
 * Whether what was read is enough to judge an application by.
 *
 * @param unread the kinds that could not be read, with the reason
 * @throws DeployError `refused` where workloads or pods may not be listed.
 */
export function requireReadable(unread: ReadonlyMap<string, string>, namespace: string): void {
  const missing = neededKinds.find((kind) => unread.has(kind));
  if (missing === undefined) return;
  throw new DeployError('refused', `You are not allowed to list ${missing} objects in ${namespace}.`, {
    why: unread.get(missing) ?? '',
    fix: 'Ask for a Role or EKS access policy with this verb, or use another identity.',
  });
}

async function namesOf(cluster: Cluster, signal: AbortSignal): Promise<readonly string[]> {
  const none = { items: [], resourceVersion: '' };
  const { items } = await orIfRefused(cluster.list({ apiVersion: 'v1', kind: 'Namespace' }, signal), none);
  return items.flatMap(({ metadata }) => metadata.name ?? []);
}
