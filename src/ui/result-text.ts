import type { Result, Style } from '../events.ts';
import type { Plan } from '../model/plan.ts';
import { formatNote, formatPlan, formatTarget } from './format.ts';
import type { Lines } from './reporter.ts';
import { harmless, wrapText } from './style.ts';

/** A result as it goes to stdout: in the terminal's style, with a line break at its end; empty where there is none. */
export function resultText(text: Result['text'], style: Style): string {
  const shown = typeof text === 'string' ? text : harmless(text(style), style);
  return shown === '' || shown.endsWith('\n') ? shown : `${shown}\n`;
}

/** Writes a result: a text as data, what is made for people in their style. */
export function printResult({ text }: Result, lines: Lines): void {
  const shown = resultText(text, lines.style);
  if (typeof text === 'string') lines.data(shown);
  else lines.out(wrapped(shown, lines));
}

/** A terminal would break lines in the middle of words. Files and pipes have lines of any length. */
function wrapped(text: string, { columns, redact }: Pick<Lines, 'columns' | 'redact'>): string {
  return Number.isFinite(columns) ? wrapText(redact(text), columns).join('\n') : text;
}

/** The plan as a result, with what it has to say about the manifests. */
export function planText(plan: Plan, verbose: boolean, lines: Lines): string {
  const { columns, style, redact } = lines;
  const findings = plan.findings.flatMap((finding) => ['', ...formatNote(finding, verbose, style)]);
  // At a terminal the target stands above already; a file must say by itself where it is about.
  const head = Number.isFinite(columns) ? [] : [...formatTarget(plan.target, style), ''];
  const text = [...head, ...formatPlan(plan, verbose, columns, style, redact), ...findings];
  return wrapped(
    resultText(() => text.join('\n'), style),
    lines,
  );
}
