import type { Cluster } from '../cluster/cluster.ts';
import { builtInWord } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { DeployError, orIfRefused } from '../errors.ts';
import { managedByLabel, ownerOf, partOfLabel } from '../manifests/stamp.ts';
import type { Manifest } from '../model/manifest.ts';
import { refKey, refOf } from '../model/object.ts';
import type { Place } from '../releases/place.ts';
import { listApplications, readNewestIfAllowed } from '../releases/read-records.ts';
import { manifestOf } from '../releases/recorded.ts';
import { hintAtHomes } from './home.ts';

/** Another application than the one that is built in, as its newest release has it. */
export interface Stranger {
  readonly application: string;
  readonly release: number;
  /** Without the values of Secrets. */
  readonly manifests: readonly Manifest[];
}

/**
 * Without a configuration the built-in application is what a namespace is compared with. Where another one was deployed
 * there, every check would fail for no fault of anybody: it is compared with its own newest release, for who has no
 * checkout at hand.
 *
 * @throws DeployError `usage` naming the applications that are there, where they are several, or none has such a record;
 *   and where nothing at all was deployed there: to deploy the built-in application is not what to do then.
 */
export async function readStranger(
  config: Config,
  namespace: string,
  declared: readonly Manifest[],
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Stranger | undefined> {
  const { application, origin, isAsked = false } = config;
  if (origin !== 'built-in') return undefined;
  const { items } = await cluster.list({ apiVersion: 'apps/v1', kind: 'Deployment', namespace }, signal);
  const names = [...new Set(items.flatMap((live) => ownerOf(live) ?? []))];
  const [only, ...others] = names;
  if (names.includes(application)) return undefined;
  if (only === undefined) {
    const isOurs = items.some((live) => declared.some(({ ref }) => refKey(ref) === refKey(refOf(live))));
    if (!isAsked && !isOurs) await requireTrace({ cluster, application, namespace }, signal);
    return undefined;
  }
  const release =
    others.length > 0 ? undefined : await readNewestIfAllowed({ cluster, application: only, namespace }, signal);
  if (release !== undefined) {
    const { number, objects } = release;
    const manifests = objects.map((object) => manifestOf(object, number));
    return { application: release.application, release: number, manifests };
  }
  throw new DeployError('usage', `The namespace ${namespace} holds ${names.join(', ')}, not ${application}.`, {
    why: 'Its manifests say what belongs to it, and there is no oms-deploy.yaml here that names them.',
    fix: 'Name them: --manifests <folder>, or --config <file>.',
  });
}

/** What a deploy leaves behind that nobody has deleted yet: its records, or some object with its labels. */
async function requireTrace(place: Place, signal: AbortSignal): Promise<void> {
  const { cluster, application, namespace } = place;
  // What may not be read is no trace.
  const own = { [managedByLabel]: 'oms-deploy', [partOfLabel]: application };
  const listed = (['Service', 'ConfigMap'] as const).map((kind) =>
    orIfRefused(cluster.listMetadata({ apiVersion: 'v1', kind, namespace }, own, signal), []),
  );
  const recorded = await orIfRefused(listApplications(place, signal), []);
  if (recorded.includes(application) || (await Promise.all(listed)).flat().length > 0) return;
  const message =
    recorded.length === 0
      ? `oms-deploy has deployed nothing in the namespace ${namespace} of ${cluster.name}.`
      : `The namespace ${namespace} has releases of ${recorded.join(', ')}, not of ${application}.`;
  throw new DeployError('usage', message, {
    why: `There is no oms-deploy.yaml here that says what belongs there, and nothing of ${application}, which is built in, is there.`,
    fix: `Name another namespace (--namespace), or the manifests: --manifests <folder>. Is ${application} meant: --config ${builtInWord}.${await hintAtHomes(cluster, signal)}`,
  });
}
