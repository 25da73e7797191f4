import type { Context } from '../context.ts';
import { exitCodes } from '../errors.ts';
import type { Result } from '../events.ts';
import { findingsOf, formatVerified, outcomesOf, verifiedData } from '../ui/checks.ts';
import { runVerify, type VerifyRequest } from '../verify/verify.ts';

/** Runs the checks of `verify` or `doctor`; errors among their findings make it exit 10. */
export async function judge(
  command: 'verify' | 'doctor',
  request: VerifyRequest,
  { host, signal }: Pick<Context, 'host' | 'signal'>,
): Promise<Result> {
  const verified = await runVerify(request, command, host, signal);
  const findings = findingsOf(verified);
  const { application, cluster, namespace } = verified;
  const checks = outcomesOf(verified);
  const ok = findings.every(({ severity }) => severity !== 'error');
  return {
    ok,
    exitCode: ok ? exitCodes.done : exitCodes.problems,
    findings,
    data: verifiedData(verified),
    checks,
    text: (style) => formatVerified(verified, command, style),
    report: { place: { application, cluster, namespace } },
  };
}
