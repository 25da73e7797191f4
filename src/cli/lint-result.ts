import { exitCodes } from '../errors.ts';
import type { Result } from '../events.ts';
import type { Linted } from '../lint/lint-files.ts';
import { formatLinted } from '../ui/lint.ts';

/** The result of `lint`: errors make it exit 3, with `--strict` warnings, too. `flags` name the manifests. */
export function lintResult(linted: Linted, flags: string, isStrict: boolean): Result {
  const { application, objects, findings } = linted;
  const ok = !findings.some(({ severity }) => severity === 'error' || (isStrict && severity === 'warning'));
  return {
    ok,
    exitCode: ok ? exitCodes.done : exitCodes.invalid,
    findings,
    data: { application, objects },
    text: (style) => formatLinted(linted, flags, style),
  };
}
