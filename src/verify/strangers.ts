import type { Cluster } from '../cluster/cluster.ts';
import type { Config } from '../config/schema.ts';
import { DeployError } from '../errors.ts';
import { ownerOf } from '../manifests/stamp.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Place } from '../releases/place.ts';
import { listReleases, readRelease } from '../releases/read-records.ts';
import { manifestOf } from '../releases/recorded.ts';

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
 * @throws DeployError `usage` naming the applications that are there, where they are several, or none has such a record.
 */
export async function readStranger(
  { application, origin }: Config,
  namespace: string,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Stranger | undefined> {
  if (origin !== 'built-in') return undefined;
  const { items } = await cluster.list({ apiVersion: 'apps/v1', kind: 'Deployment', namespace }, signal);
  const names = [...new Set(items.flatMap((live) => ownerOf(live) ?? []))];
  const [only, ...others] = names;
  if (only === undefined || names.includes(application)) return undefined;
  const stranger = others.length > 0 ? undefined : await readNewest({ cluster, application: only, namespace }, signal);
  if (stranger !== undefined) return stranger;
  throw new DeployError('usage', `The namespace ${namespace} holds ${names.join(', ')}, not ${application}.`, {
    why: 'Its manifests say what belongs to it, and there is no oms-deploy.yaml here that names them.',
    fix: 'Name them: --manifests <folder>, or --config <file>.',
  });
}

async function readNewest(place: Place, signal: AbortSignal): Promise<Stranger | undefined> {
  try {
    const [newest] = await listReleases(place, signal);
    const release = newest === undefined ? undefined : await readRelease(place, newest.number, signal);
    if (release === undefined) return undefined;
    const { number, objects, application } = release;
    return { application, release: number, manifests: objects.map((object) => manifestOf(object, number)) };
  } catch (error) {
    if (error instanceof DeployError && error.code === 'refused') return undefined;
    throw error;
  }
}
