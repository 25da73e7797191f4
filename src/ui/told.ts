import { type DeployError, restated } from '../errors.ts';
import type { DeployEvent, PlaceFlags, Result } from '../events.ts';
import type { Finding } from '../model/finding.ts';

/** Completes the commands of a text. */
type Hint = (text: string) => string;

/**
 * A hint, its commands with the flags with which they look at the same place. Those that have flags already stay, but for
 * flags that name no place.
 */
export function withFlags(text: string, { deploy, verify, look, owner, kubectl }: PlaceFlags): string {
  return text
    .replace(/\boms-deploy (?:up|plan)\b(?! -(?!-(?:out|tag) ))( --tag )?/g, (command, tag?: string) =>
      tag === undefined ? command + deploy : command.slice(0, -tag.length) + deploy.replace(tagFlag, '') + tag,
    )
    .replace(/\boms-deploy (?:verify|doctor)\b(?! -)/g, (command) => command + verify)
    .replace(/\boms-deploy (?:status|logs)\b(?! -)/g, (command) => command + look)
    .replace(/\boms-deploy (?:history|rollback|rollout|cleanup|unlock)\b(?! -)/g, (command) => command + owner)
    .replace(/\bkubectl(?= (?:-n \S+ )?(?:get|describe|delete|edit|logs) )/g, (command) => command + kubectl);
}

/** The hint names another tag. */
const tagFlag = / --tag \S+/;

/** An event as every output tells it: what to do can be pasted. */
export function eventTold(event: DeployEvent, hint: Hint): DeployEvent {
  if (event.type === 'finding') return { ...event, finding: findingTold(event.finding, hint) };
  if (event.type === 'plan') return { ...event, plan: withFindings(event.plan, hint) };
  return event.type === 'cleanup' ? { ...event, plan: withFindings(event.plan, hint) } : event;
}

/** The same of a result. */
export function resultTold(result: Result, hint: Hint): Result {
  const { checks, report } = result;
  return {
    ...withFindings(result, hint),
    ...(checks === undefined ? {} : { checks: checks.map((check) => withFindings(check, hint)) }),
    ...(report?.release === undefined ? {} : { report: { ...report, release: withFindings(report.release, hint) } }),
  };
}

/** The same of a failure. */
export function errorTold(error: DeployError, hint: Hint): DeployError {
  const { fix, findings } = error;
  return restated(error, {
    ...(fix === undefined ? {} : { fix: hint(fix) }),
    findings: findings.map((finding) => findingTold(finding, hint)),
  });
}

function withFindings<T extends { readonly findings: readonly Finding[] }>(given: T, hint: Hint): T {
  return { ...given, findings: given.findings.map((finding) => findingTold(finding, hint)) };
}

function findingTold(finding: Finding, hint: Hint): Finding {
  return { ...finding, fix: hint(finding.fix) };
}
