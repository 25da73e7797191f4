import type { DeployError } from '../../errors.ts';
import { errorsOf, type Finding } from '../../model/finding.ts';
import { formatRef } from '../../model/object.ts';
import { harmless } from '../style.ts';
import { type Checkout, checkoutPath } from './checkout-path.ts';
import { workflowCommand } from './commands.ts';

/** GitHub cuts longer ones. */
const longest = 4_000;

/** Errors and warnings that have a place in a file, as annotations of it. `redact` sees texts as they are, not encoded. */
export function annotationOf(
  { severity, origin, object, cause, evidence, fix, id }: Finding,
  checkout: Checkout,
  redact: (text: string) => string,
): string | undefined {
  if (severity === 'info' || origin === undefined) return undefined;
  const file = checkoutPath(origin.file, checkout);
  if (file === undefined) return undefined;
  const lines = [cause, ...(object === undefined ? [] : [formatRef(object)]), ...evidence, fix];
  return workflowCommand(
    severity,
    {
      file: clean(file, redact),
      line: String(origin.line),
      col: origin.column === undefined ? undefined : String(origin.column),
      title: clean(id, redact),
    },
    clean(lines.join('\n'), redact).slice(0, longest),
  );
}

/** Of what has no annotation of its own so many causes are told with the failure. */
const causesTold = 5;

/** How a run failed, on the page of the run itself; `untold` are the findings that have no annotation of their own. */
export function errorAnnotation(
  command: string,
  error: DeployError,
  untold: readonly Finding[],
  redact: (text: string) => string,
): string {
  const { message, why, fix } = error;
  const errors = errorsOf(untold);
  const rest = errors.length - causesTold;
  const causes = errors.slice(0, causesTold).map((finding) => `- ${finding.cause} ${finding.fix}`);
  const more = rest > 0 ? [`- and ${rest} more`] : [];
  const lines = [message, why, ...causes, ...more, fix].filter((line) => line !== undefined);
  const text = clean(lines.join('\n'), redact).slice(0, longest);
  return workflowCommand('error', { title: clean(`oms-deploy ${command}`.trim(), redact) }, text);
}

function clean(text: string, redact: (text: string) => string): string {
  return harmless(redact(text));
}
