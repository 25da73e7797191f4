import { fieldManager } from '../cluster/cluster.ts';
import type { ApiFailure } from '../cluster/errors.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatRef } from '../model/object.ts';

/** A field that an apply would change and that another manager owns. */
export interface Conflict {
  readonly manager: string;
  readonly field: string;
}

/** The server names the other owner in the message alone: `conflict with "kubectl-edit" using apps/v1`. */
export function conflictsIn(failure: ApiFailure): readonly Conflict[] {
  return failure.causes
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ field, message }) => ({
      field: field.replace(/^\./, ''),
      manager: /conflict with "([^"]*)"/.exec(message)?.[1] ?? 'another manager',
    }));
}

/** A finding per manager, with all fields of its. */
export function conflictFindings(manifest: Manifest, conflicts: readonly Conflict[], fix: string): readonly Finding[] {
  const managers = [...new Set(conflicts.map(({ manager }) => manager))];
  return managers.map((manager) => {
    const fields = conflicts.filter((conflict) => conflict.manager === manager).map(({ field }) => field);
    const cause = `${formatRef(manifest.ref)}: ${fields.join(', ')} ${fields.length === 1 ? 'is' : 'are'} set by ${manager}, not by ${fieldManager}.`;
    return errorFinding('cluster/conflict', cause, fix, { object: manifest.ref, origin: manifest.origin });
  });
}
