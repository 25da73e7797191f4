import type { Context } from '../context.ts';
import type { Deployed } from '../deploy/run-release.ts';
import { exitCodes } from '../errors.ts';
import type { Result } from '../events.ts';
import { countChanges } from '../model/plan.ts';
import { formatSummary } from '../ui/summary.ts';
import type { Options } from './command.ts';
import { nextFlags } from './next-flags.ts';
import { isOn } from './options.ts';

/** The result of a command that has made a release. */
export function deployResult(
  { plan, warnings, endpoints }: Deployed,
  options: Options,
  request: Parameters<typeof nextFlags>[1],
  context: Context,
  startedMs: number,
  isRollback = false,
): Result {
  const flags = isOn(options, 'quiet') ? undefined : nextFlags(options, request, context.env);
  return {
    ok: true,
    exitCode: exitCodes.done,
    findings: [...plan.findings, ...warnings],
    data: {
      release: plan.release ?? null,
      changes: countChanges(plan),
      endpoints: endpoints.map((endpoint) => ({ ...endpoint })),
    },
    text: formatSummary(plan, endpoints, flags, Date.now() - startedMs, isRollback),
    report: { endpoints },
  };
}
