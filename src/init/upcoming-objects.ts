import { resolve } from 'node:path';
import type { Environment } from '../context.ts';
import { renderKustomization } from '../manifests/sources/kustomize.ts';
import type { ChosenManifests } from './choose-manifests.ts';
import type { DeploymentEvidence, FoundObject } from './evidence.ts';
import { scanManifests } from './scan-manifests.ts';

/** What `up` would apply, as far as it is known. */
export interface UpcomingObjects {
  readonly objects: readonly FoundObject[];
  /** Kustomize could not be asked: it may generate more than the files show. */
  readonly isAtLeast: boolean;
}

/**
 * The objects of the manifests: where a kustomization is deployed those that Kustomize makes of it, generated ones too;
 * where it can't be rendered here `found`, which is what the files show.
 */
export async function upcomingObjects(
  { files, kustomizations, beside }: ChosenManifests,
  found: readonly FoundObject[],
  deployment: DeploymentEvidence,
  { env, cwd }: { readonly env: Environment; readonly cwd: string },
  signal: AbortSignal,
): Promise<UpcomingObjects> {
  if (kustomizations.length === 0) return { objects: distinct(found), isAtLeast: false };
  const rendered = await Promise.all(
    kustomizations.map(({ path }) => renderKustomization(resolve(cwd, path), { name: path, env, cwd }, signal)),
  );
  const texts = rendered.flatMap((one) => ('cause' in one ? [] : [{ path: one.name, text: one.text }]));
  if (texts.length < rendered.length) return { objects: distinct(found), isAtLeast: true };
  const plain = files.filter(({ path }) => beside.some((root) => path === root || path.startsWith(`${root}/`)));
  return { objects: distinct(scanManifests([...texts, ...plain], deployment).objects), isAtLeast: false };
}

/** An object of an overlay is one with that of its base. */
function distinct(objects: readonly FoundObject[]): readonly FoundObject[] {
  return [...new Map(objects.map((one) => [`${one.kind}/${one.namespace ?? ''}/${one.name}`, one])).values()];
}
