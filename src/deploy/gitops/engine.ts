import type { Finding } from '../../model/finding.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Slot } from './slots.ts';

/** Who carries the rollout out. */
export type EngineName = 'argocd' | 'flux';

/** Where the engine finds what is written. */
export interface Source {
  /** The URL of a git or OCI repository, or a source that is there already: `GitRepository/flux-system`. */
  readonly repo?: string | undefined;
  /** Branch, tag or commit. */
  readonly revision?: string | undefined;
  /** The path of the folder in the repository. */
  readonly path: string;
}

/** What is handed over. */
export interface Handover {
  readonly application: string;
  readonly namespace: string;
  readonly slots: readonly Slot[];
  readonly source: Source;
}

/** A text of several objects, and where it belongs. */
export interface RenderedFile {
  /** Relative, with `/`. */
  readonly path: string;
  readonly objects: readonly KubernetesObject[];
}

/** What an engine gets: files, and what is still to be said of them. */
export interface Handed {
  readonly files: readonly RenderedFile[];
  readonly findings: readonly Finding[];
}

/** Stands where a repository was not named. */
export const openRepository = 'https://git.example.com/REPLACE_WITH_REPOSITORY.git';

/** The finding for a repository that was not named. */
export function openRepositoryFinding(file: string): Finding {
  return {
    id: 'gitops/repository',
    severity: 'warning',
    cause: `${file} doesn't say yet which repository it is in: ${openRepository} stands there.`,
    evidence: [],
    fix: 'Name it with --repo, or replace it by hand.',
  };
}

/** The folder of a slot, below that of the rendering: in the order of the waves where a plan has no more than 99. */
export function folderOf({ wave, name }: Slot): string {
  return `waves/${String(Math.min(wave, 99)).padStart(2, '0')}-${name}`;
}

/** A file per object, named so that what else is there changes no name. */
export function filesOf(slot: Slot): readonly RenderedFile[] {
  const taken = new Map<string, number>();
  return slot.manifests.map(({ body }) => {
    const base = `${body.kind}-${body.metadata.name ?? ''}`.toLowerCase().replace(/[^a-z0-9.-]/g, '-');
    const count = (taken.get(base) ?? 0) + 1;
    taken.set(base, count);
    return { path: `${folderOf(slot)}/${base}${count === 1 ? '' : `.${count}`}.yaml`, objects: [body] };
  });
}
