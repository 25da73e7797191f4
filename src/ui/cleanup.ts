import type { CleanedUp } from '../deploy/cleanup/cleaned-up.ts';
import type { Style } from '../events.ts';
import { countOf } from '../model/age.ts';
import { type CleanupPlan, objectsOf, ownIn, releasesStage } from '../model/cleanup.ts';
import { deleteCommand, formatRef, type ObjectRef } from '../model/object.ts';
import { withShown } from '../model/visible.ts';
import { formatFinding, section } from './format.ts';
import { kindRows, table } from './table.ts';

/** What a cleanup deletes, what goes with it, and what stays: a kind a line, in the order of deletion. */
export function formatCleanup(plan: CleanupPlan, style: Style): readonly string[] {
  const { target, scope, stages, swept, records, claims, foreign, others, kept, unread, findings } = plan;
  const isWhole = scope === 'namespace';
  const minus = style.bad('-');
  const goes = ownIn(plan, [...stages, ...swept]).map(({ ref }) => ref);
  return [
    style.strong(`Cleanup of ${target.application}`),
    ...(isWhole ? [`  ${minus}  the namespace ${target.namespace}, with all that is in it`] : []),
    ...byKind(goes, minus),
    ...historyLine(records, minus),
    ...section(
      'Data that goes',
      claims.map(({ ref, detail }) => `  ${minus}  ${formatRef(ref)}: ${detail}`),
      style,
    ),
    ...section(
      isWhole ? 'Not deployed by oms-deploy, and goes with the namespace' : 'Not deployed by oms-deploy: stays',
      byKind(foreign, isWhole ? minus : ' '),
      style,
    ),
    ...section(
      'Of other applications',
      others.map(({ ref, application }) => `    ${formatRef(ref)} of ${application}`),
      style,
    ),
    ...section(
      'Stays',
      kept.map(({ ref, why }) => style.hint(`    ${formatRef(ref)}: ${why}`)),
      style,
    ),
    ...section(
      'May not be listed, so what there is of them is not known',
      unread.map((kind) => `    ${kind}`),
      style,
    ),
    ...findings.flatMap((finding) => ['', ...formatFinding(finding, style)]),
  ];
}

/** A release has a Secret, or several where it is large; one more holds the key of all. */
function historyLine(records: CleanupPlan['records'], mark: string): readonly string[] {
  const secrets = objectsOf(records).length;
  if (secrets === 0) return [];
  const releases = objectsOf(records.filter(({ name }) => name === releasesStage)).length;
  return [`  ${mark}  the history of ${countOf(releases, 'release')}, in ${countOf(secrets, 'Secret')}`];
}

/** A kind a line, with its names: a list, so without the head of a table. */
function byKind(refs: readonly ObjectRef[], mark: string): readonly string[] {
  return table(['', '', ''], kindRows(refs, mark)).slice(1);
}

/** The last words of a cleanup. */
export function formatCleanedUp(done: CleanedUp, style: Style): string {
  const { namespace, cluster, application = '', outcome, deleted, kept, others } = withShown(done, style.value);
  const more = [
    ...(kept.length === 0
      ? []
      : [
          `${countOf(kept.length, 'object')} of ${application} ${kept.length === 1 ? 'stays' : 'stay'}: ${kept.map(({ ref }) => formatRef(ref)).join(', ')}.`,
          ...kept.map(({ ref }) => style.hint(`  To delete it, too: ${deleteCommand(ref, true)}`)),
        ]),
    ...(others === 0 ? [] : [`${countOf(others, 'object')} of others ${others === 1 ? 'is' : 'are'} as before.`]),
  ];
  switch (outcome) {
    case 'missing':
      return `There is nothing to clean up: ${cluster} has no namespace ${namespace}.`;
    case 'nothing':
      return `There is nothing to clean up: nothing of ${application} is in ${namespace} on ${cluster}.`;
    case 'namespace':
      return [`${style.good(style.marks.done)} The namespace ${namespace} is gone from ${cluster}.`, ...more].join(
        '\n',
      );
    case 'objects': {
      const count = countOf(deleted.objects, 'object');
      return [
        `${style.good(style.marks.done)} ${count} of ${application} ${deleted.objects === 1 ? 'is' : 'are'} gone; the namespace ${namespace} stays.`,
        ...more,
      ].join('\n');
    }
  }
}
