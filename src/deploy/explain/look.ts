import type { Cluster } from '../../cluster/cluster.ts';
import { DeployError } from '../../errors.ts';
import { errorsOf } from '../../model/finding.ts';
import { type KubernetesObject, type ObjectRef, refKey } from '../../model/object.ts';
import type { Release, ReleaseSummary } from '../../model/release.ts';
import type { Place } from '../../releases/place.ts';
import { readLedger } from '../ledger.ts';

/** What the cluster says of some objects. */
export interface Seen {
  /** By their keys, undefined for one that isn't there. Absent where the cluster wasn't reached. */
  readonly live?: ReadonlyMap<string, KubernetesObject | undefined>;
  readonly release?: Release;
  readonly summary?: ReleaseSummary;
  /** Why it wasn't. */
  readonly unknown?: string;
  readonly nowMs: number;
}

/** Asks the cluster for objects. The manifests can be explained without one: then it is said why it has nothing to say. */
export async function look(
  refs: readonly ObjectRef[],
  { application, namespace }: Pick<Place, 'application' | 'namespace'>,
  open: () => Promise<Cluster>,
  signal: AbortSignal,
): Promise<Seen> {
  let cluster: Cluster | undefined;
  try {
    const opened = await open();
    cluster = opened;
    const [objects, ledger] = await Promise.all([
      Promise.all(refs.map(async (ref) => [refKey(ref), await opened.get(ref, signal)] as const)),
      readLedger({ cluster, application, namespace }, signal),
    ]);
    const [summary] = ledger.releases;
    return {
      live: new Map(objects),
      nowMs: cluster.now(),
      ...(ledger.latest === undefined ? {} : { release: ledger.latest }),
      ...(summary === undefined ? {} : { summary }),
    };
  } catch (error) {
    if (!(error instanceof DeployError) || error.code === 'interrupted') throw error;
    return { unknown: reasonOf(error), nowMs: cluster?.now() ?? Date.now() };
  } finally {
    cluster?.close();
  }
}

/** An error that gathers findings only counts them. */
function reasonOf({ findings, message }: DeployError): string {
  const causes = errorsOf(findings).map(({ cause }) => cause);
  return causes.length === 0 ? message : causes.join(' ');
}
