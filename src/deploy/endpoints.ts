import type { Cluster } from '../cluster/cluster.ts';
import { urlsOf } from '../manifests/load-balancer.ts';
import { arrayOf, at, isObject, numberOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Endpoint } from '../model/plan.ts';

/** The addresses of Services inside the cluster, and of Ingresses. */
export async function readEndpoints(
  manifests: readonly Manifest[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly Endpoint[]> {
  const ingresses = manifests.filter(({ ref }) => ref.kind === 'Ingress');
  const live = await Promise.all(ingresses.map(({ ref }) => cluster.get(ref, signal)));
  const outside = ingresses.flatMap(({ ref: { name } }, index): readonly Endpoint[] => {
    const ingress = live[index];
    const urls = ingress === undefined ? [] : urlsOf(ingress);
    if (urls.length === 0) return [{ name, scope: 'public' }];
    return urls.map((url) => ({ name, url, scope: 'public' }));
  });
  return [...manifests.flatMap(serviceEndpoints), ...outside];
}

function serviceEndpoints({ ref, body }: Manifest): readonly Endpoint[] {
  if (ref.kind !== 'Service') return [];
  return arrayOf(at(body, 'spec', 'ports'))
    .filter(isObject)
    .map(({ port }) => ({
      name: ref.name,
      url: `http://${ref.name}.${ref.namespace ?? 'default'}.svc.cluster.local${port === 80 ? '' : `:${numberOf(port, 80)}`}`,
      scope: 'cluster' as const,
    }));
}
