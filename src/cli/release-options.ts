import type { Context } from '../context.ts';
import type { CarryOutOptions } from '../deploy/carry-out.ts';
import { authorOf } from '../releases/author.ts';
import type { Options } from './command.ts';
import { isOn, optionalCount, optionalDuration, parseDuration, text } from './options.ts';

/**
 * How a plan is carried out, from the flags.
 *
 * @throws DeployError `usage` for a value that isn't one.
 */
export function carryOutOptions(options: Options, context: Context): CarryOutOptions {
  const lockDuration = text(options, 'lockDuration') ?? '15s';
  return {
    yes: isOn(options, 'yes'),
    timeoutMs: parseDuration('--timeout', text(options, 'timeout') ?? '10m'),
    soakMs: optionalDuration(options, 'soak', '--soak'),
    tolerateRestarts: optionalCount(options, 'tolerateRestarts', '--tolerate-restarts'),
    lock: {
      durationMs: Math.max(1_000, parseDuration('--lock-duration', lockDuration)),
      timeoutMs: optionalDuration(options, 'lockTimeout', '--lock-timeout') ?? 0,
    },
    historyLimit: Math.max(1, optionalCount(options, 'historyLimit', '--history-limit') ?? 10),
    facts: { author: authorOf(context.env), toolVersion: context.version },
  };
}
