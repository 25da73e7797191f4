import type { JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { openRepository, type Source } from './engine.ts';

/** A source of Flux that is there already: `GitRepository/flux-system`. */
const existing = /^(GitRepository|OCIRepository|Bucket)\/([a-z0-9][a-z0-9.-]*)$/;

/** Whether `--repo` names a source that is there already, which only Flux has. */
export function namesSource(repo: string): boolean {
  return existing.test(repo);
}

/**
 * The source that Flux reads: the one that is named, or a new one for a URL. https://fluxcd.io/flux/components/source/
 */
export function fluxSource(
  application: string,
  namespace: string,
  { repo = openRepository, revision }: Source,
): { readonly made: readonly KubernetesObject[]; readonly sourceRef: JsonObject } {
  const [, kind, name] = existing.exec(repo) ?? [];
  if (kind !== undefined && name !== undefined) return { made: [], sourceRef: { kind, name } };
  const metadata = { name: application, namespace };
  if (repo.startsWith('oci://')) {
    const ref = revision?.startsWith('sha256:') === true ? { digest: revision } : { tag: revision ?? 'latest' };
    const body = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'OCIRepository', metadata };
    return {
      made: [{ ...body, spec: { url: repo, interval: '5m', ref } }],
      sourceRef: { kind: 'OCIRepository', name: application },
    };
  }
  const body = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository', metadata };
  return {
    made: [{ ...body, spec: { url: repo, interval: '1m', ref: gitRef(revision ?? 'main') } }],
    sourceRef: { kind: 'GitRepository', name: application },
  };
}

/** What a revision is by its form: a commit, a full ref, a version tag, else a branch. */
function gitRef(revision: string): JsonObject {
  if (/^[0-9a-f]{40}$/.test(revision)) return { commit: revision };
  if (revision.startsWith('refs/')) return { name: revision };
  return /^v?\d+\.\d+/.test(revision) ? { tag: revision } : { branch: revision };
}
