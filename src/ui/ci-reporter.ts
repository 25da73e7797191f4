import type { DeployError } from '../errors.ts';
import type { Finding } from '../model/finding.ts';
import type { Ci } from './ci.ts';
import { annotationOf, errorAnnotation } from './github/annotations.ts';
import { workflowCommand } from './github/commands.ts';
import { isAnswer, phaseOf } from './phases.ts';
import type { Reporter } from './reporter.ts';
import { harmless } from './style.ts';

/** How the log of a CI system marks its foldable parts, and what it pins to files. */
interface LogForm {
  begin(title: string): string;
  end(): string;
  annotate(finding: Finding): string | undefined;
  /** `untold`: the findings that have no annotation of their own. */
  fail(command: string, error: DeployError, untold: readonly Finding[]): string | undefined;
}

/**
 * Plain output with what a CI system makes of a log: a foldable part per phase, annotations at files. `write` takes lines
 * that are meant for the system: nothing that comes from elsewhere is in them unescaped.
 */
export function ciReporter(
  inner: Reporter,
  ci: Ci,
  { quiet, write, redact }: { quiet: boolean; write: (line: string) => void; redact: (text: string) => string },
): Reporter {
  const form = ci.system === 'github' ? githubForm(ci, redact) : gitlabForm();
  const annotated = new Set<string>();
  let current: string | undefined;
  const end = (): void => {
    if (current !== undefined) write(form.end());
    current = undefined;
  };
  const enter = (title: string | undefined): void => {
    if (title === undefined || title === current || quiet) return;
    end();
    current = title;
    write(form.begin(harmless(redact(title))));
  };
  const annotate = (findings: readonly Finding[]): void => {
    for (const finding of findings) {
      const line = form.annotate(finding);
      // A finding of the plan is one of the result, too.
      if (line === undefined || annotated.has(line)) continue;
      annotated.add(line);
      write(line);
    }
  };
  return {
    event(event) {
      if (isAnswer(event)) end();
      else enter(phaseOf(event));
      inner.event(event);
      if (event.type === 'finding') annotate([event.finding]);
      if (event.type === 'plan' || event.type === 'cleanup') annotate(event.plan.findings);
    },
    result(command, result) {
      end();
      inner.result(command, result);
      annotate(result.findings);
    },
    error(command, error) {
      end();
      inner.error(command, error);
      annotate(error.findings);
      const untold = error.findings.filter((finding) => form.annotate(finding) === undefined);
      const line = form.fail(command, error, untold);
      if (line !== undefined) write(line);
    },
  };
}

function githubForm(ci: Extract<Ci, { system: 'github' }>, redact: (text: string) => string): LogForm {
  return {
    begin: (title) => workflowCommand('group', {}, title),
    end: () => workflowCommand('endgroup', {}, ''),
    annotate: (finding) => annotationOf(finding, ci, redact),
    fail: (command, error, untold) => errorAnnotation(command, error, untold, redact),
  };
}

/** https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections */
function gitlabForm(): LogForm {
  let count = 0;
  let name = '';
  const mark = (word: string): string => `\u001b[0Ksection_${word}:${Math.floor(Date.now() / 1000)}:${name}\r\u001b[0K`;
  return {
    begin(title) {
      count += 1;
      name = `oms_deploy_${count}_${title.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`;
      return `${mark('start')}${title}`;
    },
    end: () => mark('end'),
    annotate: () => undefined,
    fail: () => undefined,
  };
}
