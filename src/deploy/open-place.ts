import type { Config } from '../config/schema.ts';
import { DeployError } from '../errors.ts';
import { during, type Host } from '../events.ts';
import type { Surroundings } from '../inputs/surroundings.ts';
import type { Place } from '../releases/place.ts';
import { listApplications } from '../releases/read-records.ts';
import { openCluster } from '../target/open.ts';
import type { TargetRequest } from '../target/request.ts';
import { requireNamespace } from '../verify/home.ts';

/** Where an application was deployed to: for the commands that work on its releases. */
export interface PlaceRequest {
  readonly config: Config;
  readonly namespace?: string;
  /** `--application`: needed only where several were deployed to one namespace, without a configuration here. */
  readonly application?: string;
  readonly target: TargetRequest;
}

/**
 * Connects, and finds the application. The caller closes the cluster.
 *
 * @throws DeployError `refused` where the cluster or the namespace can't be reached, `usage` where it isn't clear which
 *   application is meant.
 */
export async function openPlace(
  request: PlaceRequest,
  host: Host,
  signal: AbortSignal,
  surroundings?: Surroundings,
): Promise<Place> {
  const { config, namespace = config.namespace } = request;
  const cluster = await openCluster(request.target, host, signal, surroundings);
  try {
    const application = await during('Looking for the application in the cluster', host, async () => {
      await requireNamespace(namespace, cluster, signal);
      return applicationIn({ cluster, namespace }, request, signal);
    });
    return { cluster, namespace, application };
  } catch (error) {
    cluster.close();
    throw error;
  }
}

/** The same for who is connected; undefined where it isn't clear which application is meant, or may not be known. */
export async function findPlace(
  where: Pick<Place, 'cluster' | 'namespace'>,
  config: Config,
  signal: AbortSignal,
): Promise<Place | undefined> {
  try {
    return { ...where, application: await applicationIn(where, { config }, signal) };
  } catch (error) {
    if (error instanceof DeployError && (error.code === 'refused' || error.code === 'usage')) return undefined;
    throw error;
  }
}

async function applicationIn(
  { cluster, namespace }: Pick<Place, 'cluster' | 'namespace'>,
  named: Pick<PlaceRequest, 'application' | 'config'>,
  signal: AbortSignal,
): Promise<string> {
  return (
    namedApplication(named) ??
    chooseApplication(named.config, namespace, await listApplications({ cluster, namespace }, signal))
  );
}

/** The application that the flags or the configuration name; the built-in one is only a guess. */
export function namedApplication({
  application,
  config,
}: Pick<PlaceRequest, 'application' | 'config'>): string | undefined {
  return application ?? (config.origin === 'built-in' ? undefined : config.application);
}

/**
 * Which of the applications that were found in a namespace is meant, where nobody names one.
 *
 * @throws DeployError `usage` where it isn't clear.
 */
export function chooseApplication({ application }: Config, namespace: string, found: readonly string[]): string {
  const [only, ...others] = found;
  if (only === undefined || found.includes(application)) return application;
  if (others.length === 0) return only;
  throw new DeployError('usage', 'Which application?', {
    why: `${namespace} has releases of ${found.join(', ')}, and there is no oms-deploy.yaml here that says it.`,
    fix: 'Name it: --application <name>.',
  });
}
