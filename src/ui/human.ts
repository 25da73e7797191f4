import type { DeployEvent, Style } from '../events.ts';
import { formatRef } from '../model/object.ts';
import type { ChangeOp } from '../model/plan.ts';
import { formatCleanup } from './cleanup.ts';
import { formatError, formatInputs, formatNote, formatPlan, formatTarget } from './format.ts';
import { createHeartbeat } from './heartbeat.ts';
import type { Display } from './live/display.ts';
import { newsFilter } from './news.ts';
import { isWanted, type Lines, type Reporter, type Verbosity } from './reporter.ts';
import { planText, printResult, resultText } from './result-text.ts';
import { createScreen } from './screen.ts';
import { shownEvent } from './shown-event.ts';
import { slowActivities } from './slow.ts';
import { formatLogLine, formatStatus } from './status.ts';
import { formatElapsed, wrapLine } from './style.ts';
import type { Terminal } from './terminal.ts';
import { waitingOf } from './waiting.ts';
import { waitingLine, waitingLines } from './waiting-lines.ts';

/**
 * Output for a person at a terminal: lines, and the live table where there can be one. Where there is none, it says after
 * `heartbeatMs` of silence what is waited for.
 */
export function humanReporter(
  given: Lines,
  style: Style,
  terminal: Pick<Terminal, 'columns'>,
  { verbose, quiet, heartbeatMs }: Verbosity & { readonly heartbeatMs: number },
  display?: Display,
): Reporter {
  const heartbeat = quiet
    ? undefined
    : createHeartbeat((first, others) => {
        if (display?.isLarge() !== true) print(waitingLines([first, ...others], style));
      }, heartbeatMs);
  const lines = heartbeat?.through(given) ?? given;
  // What only the table has told would be gone with it.
  display?.onTooSmall(() => heartbeat?.speak());
  const print = (text: readonly string[]): void =>
    text.forEach((line) => wrapLine(lines.redact(line), terminal.columns).forEach((part) => lines.err(part)));
  const isNews = newsFilter();
  const slow = slowActivities((line) => print([style.faint(line)]));
  const screen = createScreen(lines);
  const block = (text: readonly string[]): void => (text.length === 0 ? undefined : print([...text, '']));
  const show = (event: DeployEvent): void => {
    switch (event.type) {
      case 'target':
        return block(formatTarget(event.target, style));
      case 'inputs':
        return block(formatInputs(event.inputs, terminal.columns, style));
      case 'plan':
        if (event.isResult) return lines.out(planText(event.plan, verbose, lines));
        block(formatPlan(event.plan, verbose, terminal.columns, style, lines.redact));
        return block(event.plan.findings.flatMap((finding) => formatNote(finding, verbose, style)));
      case 'wave':
        return print([`  ${style.faint(event.name)}`]);
      case 'applied':
        return print([
          `    ${appliedWords[event.op]}  ${formatRef(event.object)}  ${style.faint(formatElapsed(event.elapsedMs))}`,
        ]);
      case 'release':
      case 'pods':
        return undefined;
      case 'activity':
        return slow(event);
      case 'cleanup':
        return block(formatCleanup(event.plan, style));
      case 'progress':
      case 'failing':
        return print([waitingLine(waitingOf(event), style)]);
      case 'ready':
        return print([
          `    ${style.good('ready')}    ${formatRef(event.object)}  ${event.detail}  ${style.faint(formatElapsed(event.elapsedMs))}`,
        ]);
      case 'finding':
        return print(formatNote(event.finding, verbose, style));
      case 'log':
        return lines.out(formatLogLine(event.line, lines.style));
      case 'status':
        return screen.show(resultText((shown) => formatStatus(event.status, shown), lines.style));
      case 'step':
        return print([style.faint(event.message)]);
      case 'detail':
        return verbose ? print([style.faint(event.message)]) : undefined;
    }
  };
  return {
    event(given) {
      if (quiet && !isWanted(given)) return;
      const event = shownEvent(given, style.value);
      heartbeat?.heard(event);
      // What the table has told is no news, either.
      const isNew = isNews(event);
      if (display?.event(given) !== true && isNew) show(event);
    },
    about(events) {
      for (const event of events) show(shownEvent(event, style.value));
    },
    aside(work) {
      const alone = (): ReturnType<typeof work> => display?.aside(work) ?? work();
      return heartbeat?.aside(alone) ?? alone();
    },
    result(_command, result) {
      display?.end();
      heartbeat?.stop();
      printResult(result, lines);
    },
    error(_command, error) {
      display?.end();
      heartbeat?.stop();
      print(formatError(error, style));
    },
  };
}

const appliedWords: Readonly<Record<ChangeOp, string>> = {
  create: 'created',
  update: 'changed',
  unchanged: 'as it was',
  delete: 'deleted',
};
