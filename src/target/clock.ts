import { formatSpan } from '../model/age.ts';
import type { Finding } from '../model/finding.ts';

const warnMs = 2 * 60_000;
/** AWS refuses signatures that are more than 15 minutes off, STS those of more than 5: by then nothing is sure. */
const failMs = 10 * 60_000;

/**
 * What a clock that is wrong means: signatures are made with the time of AWS, but leases, ages and certificates of this
 * machine are not. `offsetMs` is AWS's time less ours.
 */
export function skewFindings(offsetMs: number): readonly Finding[] {
  const off = Math.abs(offsetMs);
  if (off < warnMs) return [];
  const way = offsetMs > 0 ? 'behind' : 'ahead of';
  return [
    {
      id: 'target/clock',
      severity: off > failMs ? 'error' : 'warning',
      cause: `This machine's clock is ${formatSpan(off)} ${way} that of AWS.`,
      evidence: [],
      fix: 'Set it (NTP), then run the command again.',
    },
  ];
}
