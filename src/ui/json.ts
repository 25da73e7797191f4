import type { JsonObject } from '../model/json.ts';
import type { Lines, Reporter } from './reporter.ts';
import { eventSchema, eventView, findingView, resultView } from './views.ts';

/** NDJSON on stdout: one event a line, the last is the result. */
export function jsonReporter(lines: Lines): Reporter {
  const print = (view: JsonObject): void =>
    lines.out(`${JSON.stringify({ schema: eventSchema, time: new Date().toISOString(), ...view })}\n`);
  return {
    event: (event) => print(eventView(event)),
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
