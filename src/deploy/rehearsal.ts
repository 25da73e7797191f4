import { randomBytes } from 'node:crypto';
import type { Applied, Cluster } from '../cluster/cluster.ts';
import { isAboutTheObject } from '../cluster/retry.ts';
import type { Finding } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';
import type { KubernetesObject } from '../model/object.ts';
import { refusalFindings, warningFindings } from './refusals.ts';

/**
 * The namespace doesn't exist (yet, or any more), so the server can't try the object in its place. It still
 * reads it strictly in namespace `default`, under a name that nobody has: typos and invalid fields come out; quotas and
 * policies of `default` say nothing about the new namespace and are passed over.
 */
export async function rehearse(manifest: Manifest, cluster: Cluster, signal: AbortSignal): Promise<readonly Finding[]> {
  const { name = '' } = manifest.body.metadata;
  const stand = standInFor(name);
  const elsewhere = { ...manifest.body.metadata, namespace: 'default', name: stand };
  const applied = await cluster.apply(
    { ...manifest.body, metadata: elsewhere },
    { dryRun: true, force: false },
    signal,
  );
  if (applied.ok) return warningFindings(manifest, applied.warnings);
  const { failure } = applied;
  if (failure.status !== 422 && failure.status !== 400 && !isAboutTheObject(failure.message)) return [];
  const own = (text: string): string => text.replaceAll(stand, name);
  const causes = failure.causes.map((cause) => ({ ...cause, message: own(cause.message) }));
  return refusalFindings(manifest, { ...failure, message: own(failure.message), causes });
}

/** A dry run of the object under a random name: what the server would make of it if it were new. */
export function applyAsNew(body: KubernetesObject, cluster: Cluster, signal: AbortSignal): Promise<Applied> {
  const name = `oms-deploy-rehearsal-${randomBytes(4).toString('hex')}`;
  return cluster.apply({ ...body, metadata: { ...body.metadata, name } }, { dryRun: true, force: false }, signal);
}

/** Nearly the same name, so that the server judges it too, and of a length that no kind refuses for being longer. */
function standInFor(name: string): string {
  const random = `x${randomBytes(4).toString('hex')}`;
  return name.length > 40 ? `${name.slice(0, -random.length)}${random}` : `${name}-${random}`;
}
