import { errorFinding, type Finding } from '../../model/finding.ts';
import type { Origin } from '../../model/object.ts';

/** A path as it was given, and where in the configuration it stands. */
export interface ManifestPath {
  readonly path: string;
  readonly origin?: Origin;
  /** The add-on that it belongs to. */
  readonly addon?: string;
}

/** What is to be read. `isNamed`: by its own path; other files were found in a folder, or by a glob. */
export type Selected = (
  | { readonly type: 'stdin' }
  | { readonly type: 'file'; readonly path: string; readonly isNamed: boolean }
  | { readonly type: 'kustomization'; readonly folder: string }
) & { readonly addon?: string };

/** What paths stand for, and what is wrong with them. */
export interface Selection {
  readonly selected: readonly Selected[];
  readonly findings: readonly Finding[];
}

/** One path, and how it is looked for and told of. */
export interface Search {
  readonly isExcluded: (path: string) => boolean;
  readonly given: ManifestPath;
  readonly directory: string;
  readonly show: (path: string) => string;
}

interface Wrong {
  readonly given: ManifestPath;
  readonly fix?: string;
  readonly evidence?: readonly string[];
}

/** A mistake in a path; where its place in the configuration is known, it is told there. */
export function wrong(id: string, cause: string, { given, fix, evidence = [] }: Wrong): Finding {
  const { origin } = given;
  const correct = origin === undefined ? 'Check the path: --manifests <path>.' : 'Correct the path.';
  return errorFinding(id, cause, fix ?? correct, { evidence, ...(origin === undefined ? {} : { origin }) });
}

/** A path that stands for nothing, and why. */
export function foundWrong(id: string, cause: string, details: Wrong): Selection {
  return { selected: [], findings: [wrong(id, cause, details)] };
}
