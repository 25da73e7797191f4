import type { JsonObject } from '../model/json.ts';
import type { Lines, Reporter } from './reporter.ts';
import { eventSchema, eventView, findingView, resultView } from './views.ts';

/**
 * NDJSON on stdout: one event a line, the last is the result. Secrets are taken out of each text before it is encoded:
 * in the encoded line a secret such as `true` would take the syntax with it.
 */
export function jsonReporter(lines: Pick<Lines, 'out'>, redact: (text: string) => string): Reporter {
  const replacer = (_key: string, value: unknown): unknown => (typeof value === 'string' ? redact(value) : value);
  const print = (view: JsonObject): void =>
    lines.out(`${JSON.stringify({ schema: eventSchema, time: new Date().toISOString(), ...view }, replacer)}\n`);
  return {
    event: (event) => (event.type === 'activity' ? undefined : print(eventView(event))),
    result: (command, result) => print(resultView(command, result)),
    error: (command, error) =>
      print({
        type: 'result',
        command,
        ok: false,
        exitCode: error.exitCode,
        error: { code: error.code, message: error.message, why: error.why ?? null, fix: error.fix ?? null },
        findings: error.findings.map(findingView),
      }),
  };
}
