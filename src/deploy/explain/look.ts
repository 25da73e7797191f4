import type { Cluster } from '../../cluster/cluster.ts';
import type { Config } from '../../config/schema.ts';
import { DeployError } from '../../errors.ts';
import { errorsOf } from '../../model/finding.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Release, ReleaseSummary } from '../../model/release.ts';
import { readLedger } from '../ledger.ts';

/** What the cluster says of an object. */
export interface Seen {
  /** Undefined where the cluster wasn't reached. */
  readonly live?: { readonly object: KubernetesObject | undefined };
  readonly release?: Release;
  readonly summary?: ReleaseSummary;
  /** Why it wasn't. */
  readonly unknown?: string;
  readonly nowMs: number;
}

/** Asks the cluster for an object. The manifests can be explained without one: then it is said why it has nothing to say. */
export async function look(
  { config, namespace = config.namespace }: { readonly config: Config; readonly namespace?: string },
  { ref }: Manifest,
  open: () => Promise<Cluster>,
  signal: AbortSignal,
): Promise<Seen> {
  let cluster: Cluster | undefined;
  try {
    cluster = await open();
    const place = { cluster, namespace, application: config.application };
    const [object, ledger] = await Promise.all([cluster.get(ref, signal), readLedger(place, signal)]);
    const [summary] = ledger.releases;
    return {
      live: { object },
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
