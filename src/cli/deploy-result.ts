import type { Context } from '../context.ts';
import type { Deployed } from '../deploy/run-release.ts';
import { exitCodes } from '../errors.ts';
import type { PlaceFlags, Result } from '../events.ts';
import { countChanges, type Plan } from '../model/plan.ts';
import { formatSummary, type ToldFlags } from '../ui/summary.ts';
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
  isBack = false,
): Result {
  const elapsedMs = Date.now() - startedMs;
  const flags = isOn(options, 'quiet') ? undefined : toldFlags(plan, nextFlags(options, request, context.env), request);
  return {
    ok: true,
    exitCode: exitCodes.done,
    findings: [...plan.findings, ...warnings],
    data: {
      release: plan.release ?? null,
      changes: countChanges(plan),
      endpoints: endpoints.map((endpoint) => ({ ...endpoint })),
    },
    text: () => formatSummary(plan, endpoints, flags, elapsedMs, isBack),
    report: { endpoints },
  };
}

/** A rollback needs no manifests; `verify` does, and in this folder there may be others than those that were deployed, or none. */
function toldFlags(
  { target }: Pick<Plan, 'target'>,
  { verify, ...others }: PlaceFlags,
  { config }: Parameters<typeof nextFlags>[1],
): ToldFlags {
  return config.application === target.application ? { ...others, verify } : others;
}
