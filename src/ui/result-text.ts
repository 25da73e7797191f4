import type { Result, Style } from '../events.ts';
import type { Plan } from '../model/plan.ts';
import { formatFinding, formatPlan } from './format.ts';
import type { Lines } from './reporter.ts';
import { harmless } from './style.ts';

/** A result as it goes to stdout: in the terminal's style, with a line break at its end; empty where there is none. */
export function resultText(text: Result['text'], style: Style): string {
  const shown = typeof text === 'string' ? text : text(style).split('\n').map(harmless).join('\n');
  return shown === '' || shown.endsWith('\n') ? shown : `${shown}\n`;
}

/** The plan as a result, with what it has to say about the manifests. */
export function planText(plan: Plan, verbose: boolean, { columns, style }: Lines): string {
  const findings = plan.findings.flatMap((finding) => ['', ...formatFinding(finding, style)]);
  return resultText(() => [...formatPlan(plan, verbose, columns, style), ...findings].join('\n'), style);
}
