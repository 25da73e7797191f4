import type { DoomedObject } from '../../model/cleanup.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Release } from './finalizers.ts';
import { namespaceFindings } from './holders.ts';
import { surveyNamespace } from './survey.ts';
import { type Waiting, waitUntilGone } from './wait-gone.ts';

/** Waits until a namespace that was deleted is gone with all that is in it; says what keeps it. */
export async function waitForNamespace(
  namespace: DoomedObject,
  waiting: Omit<Waiting, 'explain' | 'stuck'>,
  release: Release,
  signal: AbortSignal,
): Promise<void> {
  const remaining = async (later: AbortSignal): Promise<readonly KubernetesObject[]> => {
    const { objects } = await surveyNamespace(waiting.cluster, namespace.ref.name, later);
    return objects;
  };
  await waitUntilGone(
    [namespace],
    {
      ...waiting,
      explain: async (live, severity, later) => {
        const objects = await remaining(later);
        return live.flatMap((one) => namespaceFindings(one, objects, severity));
      },
      stuck: async (_, later) => release(await remaining(later), later),
    },
    signal,
  );
}
