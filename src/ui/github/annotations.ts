import { relative, resolve, sep } from 'node:path';
import { isAddonFile } from '../../config/addons/file-name.ts';
import type { DeployError } from '../../errors.ts';
import { errorsOf, type Finding } from '../../model/finding.ts';
import { formatRef, type Origin } from '../../model/object.ts';
import type { Ci } from '../ci.ts';
import { harmless } from '../style.ts';
import { workflowCommand } from './commands.ts';

type GitHub = Extract<Ci, { system: 'github' }>;

/** GitHub cuts longer ones. */
const longest = 4_000;

/** Errors and warnings that have a place in a file, as annotations of it. `redact` sees texts as they are, not encoded. */
export function annotationOf(
  { severity, origin, object, cause, evidence, fix, id }: Finding,
  github: GitHub,
  redact: (text: string) => string,
): string | undefined {
  if (severity === 'info' || origin === undefined) return undefined;
  const file = fileIn(origin, github);
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

/** From the top of the checkout, as GitHub names files; undefined for what isn't in it (standard input, built-in files, those of add-ons). */
function fileIn({ file }: Origin, { cwd, workspace }: GitHub): string | undefined {
  if (file.startsWith('<') || isAddonFile(file)) return undefined;
  const path = relative(workspace ?? cwd, resolve(cwd, file));
  return path === '' || path.startsWith('..') || resolve(path) === path ? undefined : path.split(sep).join('/');
}

function clean(text: string, redact: (text: string) => string): string {
  return harmless(redact(text));
}
