import { randomBytes } from 'node:crypto';
import type { Applied, Cluster } from '../cluster/cluster.ts';
import type { Finding } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';
import type { KubernetesObject } from '../model/object.ts';
import { refusalFindings, warningFindings } from './refusals.ts';

/**
 * The namespace doesn't exist (yet, or any more), so the server can't try the object in its place. It still
 * reads it strictly in namespace `default`, under a random name: typos and invalid fields come out; quotas and
 * policies of `default` say nothing about the new namespace and are passed over.
 */
export async function rehearse(manifest: Manifest, cluster: Cluster, signal: AbortSignal): Promise<readonly Finding[]> {
  const elsewhere = { ...manifest.body.metadata, namespace: 'default' };
  const applied = await applyAsNew({ ...manifest.body, metadata: elsewhere }, cluster, signal);
  if (applied.ok) return warningFindings(manifest, applied.warnings);
  const { status, message } = applied.failure;
  const aboutTheObject = status === 422 || status === 400 || message.includes('failed to create typed patch object');
  return aboutTheObject ? refusalFindings(manifest, applied.failure) : [];
}

/** A dry run of the object under a random name: what the server would make of it if it were new. */
export function applyAsNew(body: KubernetesObject, cluster: Cluster, signal: AbortSignal): Promise<Applied> {
  const name = `oms-deploy-rehearsal-${randomBytes(4).toString('hex')}`;
  return cluster.apply({ ...body, metadata: { ...body.metadata, name } }, { dryRun: true, force: false }, signal);
}
