import type { Cluster } from '../../cluster/cluster.ts';
import { countOf } from '../../model/age.ts';
import { errorsOf, type Finding } from '../../model/finding.ts';
import type { PreflightSummary } from '../../model/plan.ts';
import { rightRefused } from '../../model/right.ts';
import { type Checked, runChecks } from '../../verify/check.ts';
import { checks } from '../../verify/checks/index.ts';
import { withOrigin } from '../../verify/with-origin.ts';
import { withoutEchoes } from './echoes.ts';
import { readFacts } from './read.ts';
import type { Upcoming } from './upcoming.ts';

/** How a preflight is made. */
export interface PreflightOptions {
  /** The ids of the checks that are left out because somebody wants it so. */
  readonly skip: readonly string[];
}

/** What a preflight has to say, with what the plan had found before. */
export interface Preflown {
  readonly findings: readonly Finding[];
  readonly summary?: PreflightSummary;
}

const preflightChecks = checks.filter(({ commands }) => commands.includes('preflight'));

/** The ids of the checks that a preflight makes. */
export const preflightIds: readonly string[] = preflightChecks.map(({ id }) => id);

/**
 * Looks before a plan is carried out: the checks of `verify` and `doctor` that make sense then, over the objects as they
 * will be, and what only matters before. Reads only. What the plan has found of the same causes is left out. Without
 * options nothing is looked at.
 */
export async function preflight(
  upcoming: Upcoming,
  found: readonly Finding[],
  options: PreflightOptions | undefined,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Preflown> {
  if (options === undefined) return { findings: found };
  const { skip } = options;
  const wanted = preflightChecks.filter(({ id }) => !skip.includes(id));
  const isWanted = (id: string): boolean => wanted.some((check) => check.id === id);
  const checked =
    wanted.length === 0 ? [] : runChecks(wanted, 'preflight', await readFacts(upcoming, isWanted, cluster, signal));
  const said = checked.flatMap(({ result }) =>
    result.findings.map((finding) => withOrigin(finding, upcoming.manifests)),
  );
  const blind = checked.filter(({ result }) => result.skipped !== undefined);
  return {
    findings: [...withoutEchoes(found, said), ...said, ...unwanted(skip), ...unable(blind)],
    summary: {
      checks: checked.length - blind.length,
      warnings: said.length - errorsOf(said).length,
      skipped: [...skip, ...blind.map(({ check }) => check.id)],
    },
  };
}

/** Who reads the log of a deploy has to see what nobody has looked at. */
function unwanted(skip: readonly string[]): readonly Finding[] {
  if (skip.length === 0) return [];
  const cause =
    skip.length === preflightIds.length
      ? 'The preflight was left out: --skip-preflight.'
      : `${countOf(skip.length, 'check')} of the preflight ${skip.length === 1 ? 'was' : 'were'} left out: --skip-preflight.`;
  const fix = 'Leave the flag away once what it was needed for is over.';
  return [{ id: 'preflight/skipped', severity: 'warning', cause, evidence: skip, fix }];
}

function unable(blind: readonly Checked[]): readonly Finding[] {
  if (blind.length === 0) return [];
  return [
    {
      id: 'preflight/skipped',
      severity: 'info',
      cause: `${countOf(blind.length, 'check')} of the preflight could not look.`,
      evidence: blind.map(({ check, result }) => `${check.id}: ${inShort(result.skipped ?? '')}`),
      fix: `Grant the rights to read: templates/access/cluster-role.yaml. Or leave them out: --skip-preflight ${blind.map(({ check }) => check.id).join(',')}.`,
    },
  ];
}

/** A refusal for a right as the right itself. */
function inShort(reasons: string): string {
  const parts = reasons.split('; ').map((reason) => {
    const right = rightRefused(reason);
    return right === undefined ? reason : `you may not ${right}`;
  });
  return parts.join('; ');
}
