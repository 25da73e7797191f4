import type { Cluster } from '../../cluster/cluster.ts';
import { refused } from '../../cluster/errors.ts';
import type { Host } from '../../events.ts';
import { ownerOf } from '../../manifests/stamp.ts';
import { formatRef, type KubernetesObject, refOf } from '../../model/object.ts';
import { namedApplication, type PlaceRequest } from '../open-place.ts';
import { finalizersOf } from './holders.ts';
import type { CleanupRequest } from './request.ts';

/** What takes the finalizers from stuck objects: with `--remove-finalizers`, else nothing. */
export type Release = (stuck: readonly KubernetesObject[], signal: AbortSignal) => Promise<void>;

/** Makes it. It asks before it does so; who says no isn't asked again. */
export function finalizerRelease(request: CleanupRequest, namespace: string, cluster: Cluster, host: Host): Release {
  if (!request.removeFinalizers) return () => Promise.resolve();
  let isDeclined = false;
  return async (stuck, signal) => {
    const held = stuck.filter(
      (object) => isEnding(object) && finalizersOf(object).length > 0 && !isOfAnother(object, request.place),
    );
    if (held.length === 0 || isDeclined) return;
    if (!request.yes) {
      isDeclined = !(await agree(held, namespace, host, signal));
      if (isDeclined) return;
    }
    await Promise.all(held.map((object) => release(object, cluster, host, signal)));
  };
}

/** Never of an object that nobody has deleted. */
function isEnding({ metadata, apiVersion, kind }: KubernetesObject): boolean {
  return metadata.deletionTimestamp !== undefined && !(apiVersion === 'v1' && kind === 'Namespace');
}

/** A namespace that ends may have another application in it: what holds that one is its own business. */
function isOfAnother(object: KubernetesObject, place: PlaceRequest): boolean {
  const [owner, named] = [ownerOf(object), namedApplication(place)];
  return owner !== undefined && named !== undefined && owner !== named;
}

async function agree(
  held: readonly KubernetesObject[],
  namespace: string,
  host: Host,
  signal: AbortSignal,
): Promise<boolean> {
  const named = held.map((object) => `${formatRef(refOf(object))} (${finalizersOf(object).join(', ')})`).join(', ');
  const message = `Remove the finalizers of ${named}? What they stand for, in AWS too, may be left behind. Type ${namespace} to agree:`;
  const flag = `--yes --confirm ${namespace}`;
  const typed = await host.text({ type: 'text', message, secret: false, flag }, signal);
  if (typed.trim() === namespace) return true;
  host.emit({ type: 'step', name: 'finalizers', message: 'The finalizers stay.' });
  return false;
}

async function release(object: KubernetesObject, cluster: Cluster, host: Host, signal: AbortSignal): Promise<void> {
  const ref = refOf(object);
  const { uid = '', resourceVersion = '' } = object.metadata;
  const operations = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'remove', path: '/metadata/finalizers' },
  ];
  const patched = await cluster.patch(ref, operations, signal);
  if (patched.ok) {
    const message = `Removed ${finalizersOf(object).join(', ')} from ${formatRef(ref)}: what that stands for may be left behind.`;
    host.emit({ type: 'step', name: 'finalizers', message });
    return;
  }
  // Gone or changed meanwhile: then it is looked at again.
  if ([404, 409, 422].includes(patched.failure.status)) return;
  throw refused(`remove the finalizers of ${formatRef(ref)}`, patched.failure);
}
