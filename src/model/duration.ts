const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A timer of Node holds 31 bits: a longer one would fire at once. */
export const maxDurationMs = 2 ** 31 - 1;

/** Milliseconds of a duration such as `90s`, `5m` or `1h`; a bare number is seconds. Undefined for anything else. */
export function durationMs(text: string): number | undefined {
  const [, digits, unit = 's'] = /^(\d{1,6})(ms|s|m|h)?$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * (unitsMs[unit] ?? 0);
}
