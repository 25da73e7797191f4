import type { Finding } from '../model/finding.ts';
import type { Origin } from '../model/object.ts';
import { didYouMean } from '../model/suggest.ts';

/** A finding that somebody has decided to live with: `checks.ignore` of the configuration. */
export interface Silence {
  readonly id: string;
  /** `Kind/name`; absent: all objects. */
  readonly object?: string | undefined;
  readonly reason: string;
}

/** What is known where silences are applied. */
export interface SilenceContext {
  /** The ids that may be silenced. */
  readonly known: readonly string[];
  /** Those that were looked for: of others nothing is known. */
  readonly ran: readonly string[];
  /** The objects that there are, as `Kind/name`. */
  readonly objects: ReadonlySet<string>;
  /** Others may be there at another time: add-ons that are off, files that were left out. */
  readonly isPart: boolean;
  /** Where each of the silences stands. */
  readonly placeOf: (index: number) => Origin | undefined;
}

/**
 * Takes out what the configuration silences. A silence that matches nothing says that it can go; one for an id that there
 * isn't is an error.
 */
export function silence(
  findings: readonly Finding[],
  silences: readonly Silence[],
  context: SilenceContext,
): readonly Finding[] {
  return [
    ...findings.filter((finding) => !silences.some((one) => matches(finding, one))),
    ...silences.flatMap((one, index) => mistakeOf(one, index, findings, context)),
  ];
}

function matches({ id, object }: Finding, one: Silence): boolean {
  const name = object === undefined ? undefined : `${object.kind}/${object.name}`;
  return id === one.id && (one.object === undefined || one.object === name);
}

function mistakeOf(
  one: Silence,
  index: number,
  findings: readonly Finding[],
  { known, ran, objects, isPart, placeOf }: SilenceContext,
): readonly Finding[] {
  const origin = placeOf(index);
  const where = { evidence: [], ...(origin === undefined ? {} : { origin }) };
  const what = `checks.ignore of the configuration silences ${one.id}${one.object === undefined ? '' : ` of ${one.object}`}`;
  if (!known.includes(one.id)) {
    const fix = didYouMean(one.id, known) || `Name a rule of lint: ${known.join(', ')}.`;
    return [{ id: 'checks/unknown', severity: 'error', cause: `${what}, and there is no such rule.`, ...where, fix }];
  }
  const isElsewhere = isPart && (one.object === undefined || !objects.has(one.object));
  if (!ran.includes(one.id) || isElsewhere || findings.some((finding) => matches(finding, one))) return [];
  const cause = `${what}, and there is nothing to silence.`;
  const fix = 'Take it out of the configuration, or correct its object.';
  return [{ id: 'checks/unused', severity: 'warning', cause, ...where, fix }];
}
