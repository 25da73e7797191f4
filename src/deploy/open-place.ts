import type { Cluster } from '../cluster/cluster.ts';
import { type ConnectOptions, connect } from '../cluster/connect.ts';
import type { Config } from '../config/schema.ts';
import { DeployError } from '../errors.ts';
import type { Place } from '../releases/place.ts';
import { listApplications } from '../releases/store.ts';
import { requireNamespace } from '../verify/home.ts';

/** Where an application was deployed to: for the commands that work on its releases. */
export interface PlaceRequest {
  readonly config: Config;
  readonly namespace?: string;
  /** `--application`: needed only where several were deployed to one namespace, without a configuration here. */
  readonly application?: string;
  readonly connect: ConnectOptions;
}

/**
 * Connects, and finds the application. The caller closes the cluster.
 *
 * @throws DeployError `refused` where the cluster or the namespace can't be reached, `usage` where it isn't clear which
 *   application is meant.
 */
export async function openPlace(request: PlaceRequest, signal: AbortSignal): Promise<Place> {
  const { config, application, namespace = config.namespace } = request;
  const cluster = await connect(request.connect);
  try {
    await requireNamespace(namespace, cluster, signal);
    if (application !== undefined) return { cluster, namespace, application };
    const found = await findApplications({ config, cluster, namespace }, signal);
    const [only = config.application, ...others] = found;
    if (others.length === 0) return { cluster, namespace, application: only };
    throw new DeployError('usage', 'Which application?', {
      why: `${namespace} has releases of ${found.join(', ')}, and there is no oms-deploy.yaml here that says it.`,
      fix: 'Name it: --application <name>.',
    });
  } catch (error) {
    cluster.close();
    throw error;
  }
}

interface Whereabouts {
  readonly config: Config;
  readonly cluster: Cluster;
  readonly namespace: string;
}

/** The place of the application, where it is clear which one is meant; undefined where it isn't, or may not be known. */
export async function findPlace(where: Whereabouts, signal: AbortSignal): Promise<Place | undefined> {
  try {
    const [only, ...others] = await findApplications(where, signal);
    return only === undefined || others.length > 0 ? undefined : { ...where, application: only };
  } catch (error) {
    if (error instanceof DeployError && error.code === 'refused') return undefined;
    throw error;
  }
}

/** The configuration's application; where there is no configuration, those that have releases in the namespace. */
async function findApplications(
  { config, cluster, namespace }: Whereabouts,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (config.origin !== 'built-in') return [config.application];
  const found = await listApplications({ cluster, namespace }, signal);
  return found.includes(config.application) ? [config.application] : found;
}
