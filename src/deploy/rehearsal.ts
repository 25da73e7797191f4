import { randomBytes } from 'node:crypto';
import type { Applied, Cluster } from '../cluster/cluster.ts';
import type { ApiFailure } from '../cluster/errors.ts';
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
  const { stand, own } = standInFor(name);
  const elsewhere = { ...manifest.body.metadata, namespace: 'default', name: stand };
  const applied = await cluster.apply(
    { ...manifest.body, metadata: elsewhere },
    { dryRun: true, force: false },
    signal,
  );
  if (applied.ok) return warningFindings(manifest, applied.warnings.map(own));
  const { failure } = applied;
  if (failure.status !== 422 && failure.status !== 400 && !isAboutTheObject(failure.message)) return [];
  return refusalFindings(manifest, worded(failure, own));
}

/** A dry run of the object under a random name: what the server would make of it if it were new. */
export async function applyAsNew(body: KubernetesObject, cluster: Cluster, signal: AbortSignal): Promise<Applied> {
  const stand = `oms-deploy-rehearsal-${randomBytes(4).toString('hex')}`;
  const renamed = { ...body, metadata: { ...body.metadata, name: stand } };
  const applied = await cluster.apply(renamed, { dryRun: true, force: false }, signal);
  if (applied.ok) return applied;
  const { name = '' } = body.metadata;
  return { ok: false, failure: worded(applied.failure, (text) => text.replaceAll(stand, name)) };
}

interface StandIn {
  readonly stand: string;
  /** What the server says, of the name that somebody wrote. It may have quoted the other one, with escapes in it. */
  readonly own: (text: string) => string;
}

/** Nearly the same name, so that the server judges it too, and of a length that no kind refuses for being longer. */
function standInFor(name: string): StandIn {
  const random = `x${randomBytes(4).toString('hex')}`;
  if (name.length <= 40) return { stand: `${name}-${random}`, own: (text) => text.replaceAll(`-${random}`, '') };
  const cut = name.slice(-random.length);
  return { stand: `${name.slice(0, -random.length)}${random}`, own: (text) => text.replaceAll(random, cut) };
}

function worded(failure: ApiFailure, own: (text: string) => string): ApiFailure {
  const causes = failure.causes.map((cause) => ({ ...cause, message: own(cause.message) }));
  return { ...failure, message: own(failure.message), causes };
}
