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
 * Connects, and finds the application: the configuration's; without one, the only one that has releases in the
 * namespace. The caller closes the cluster.
 *
 * @throws DeployError `refused` where the cluster or the namespace can't be reached, `usage` where it isn't clear which
 *   application is meant.
 */
export async function openPlace(request: PlaceRequest, signal: AbortSignal): Promise<Place> {
  const { config, namespace = config.namespace } = request;
  const cluster = await connect(request.connect);
  try {
    await requireNamespace(namespace, cluster, signal);
    const named = namedApplication(request);
    if (named !== undefined) return { cluster, namespace, application: named };
    const found = await listApplications({ cluster, namespace }, signal);
    return { cluster, namespace, application: chooseApplication(config, namespace, found) };
  } catch (error) {
    cluster.close();
    throw error;
  }
}

/** The application that the flags or the configuration name; the built-in one is only a guess. */
export function namedApplication({ application, config }: PlaceRequest): string | undefined {
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
