import type { DeployEvent, Style } from '../events.ts';
import { formatRef } from '../model/object.ts';
import type { ChangeOp } from '../model/plan.ts';
import { formatReady } from '../model/readiness.ts';
import { formatCleanup } from './cleanup.ts';
import { formatError, formatInputs, formatNote, formatPlan, formatTarget } from './format.ts';
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

/** Output for a person at a terminal: lines, and the live table where there can be one. */
export function humanReporter(
  lines: Lines,
  style: Style,
  terminal: Pick<Terminal, 'columns'>,
  { verbose, quiet }: Verbosity,
  display?: Display,
): Reporter {
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
      case 'failing': {
        const { count, object, why, elapsedMs } = event;
        const bar = count === undefined ? '' : `${progressBar(count.ready, count.desired)} ${formatReady(count)}  `;
        const word = event.type === 'failing' ? style.bad('failing') : style.waiting('waiting');
        return print([`    ${word}  ${object.name}  ${bar}${why}  ${style.faint(formatElapsed(elapsedMs))}`]);
      }
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
      if ((quiet && !isWanted(given)) || display?.event(given) === true) return;
      const event = shownEvent(given, style.value);
      if (isNews(event)) show(event);
    },
    result(_command, result) {
      display?.end();
      printResult(result, lines);
    },
    error(_command, error) {
      display?.end();
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

function progressBar(done: number, total: number): string {
  const width = 10;
  const filled = total === 0 ? width : Math.min(width, Math.floor((done / total) * width));
  return `[${'#'.repeat(filled)}${'.'.repeat(width - filled)}]`;
}
