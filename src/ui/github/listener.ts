import { appendFile } from 'node:fs/promises';
import { messageOf } from '../../errors.ts';
import type { DeployEvent } from '../../events.ts';
import { arrayOf, at, stringOf, textOf } from '../../model/json.ts';
import type { ListenerFactory, RunEnd } from '../listener.ts';
import type { Checkout } from './checkout-path.ts';
import { outputLines } from './outputs.ts';
import { type Course, summaryOf } from './summary.ts';

/** Where GitHub Actions takes the summary and the outputs of a step from. */
export interface StepFiles {
  readonly summary: string | undefined;
  readonly output: string | undefined;
}

/** Commands that make a release, and tell of it in step outputs. */
const releasing: ReadonlySet<string> = new Set(['up', 'plan', 'rollback', 'rollout']);

/** Hears a run for the job summary and the step outputs of GitHub Actions. */
export function githubListener({ summary, output }: StepFiles, checkout: Checkout): ListenerFactory {
  return (redact) => {
    let course: Course = {};
    let hasApplied = false;
    return {
      event(event) {
        course = heard(course, event);
        if (event.type === 'applied') hasApplied = true;
      },
      async end(end) {
        const outputs = releasing.has(end.command) ? outputsOf(course, end, hasApplied) : {};
        return [
          ...(await append(summary, summaryOf(course, end, checkout, redact), 'The job summary')),
          ...(await append(output, redact(outputLines(outputs)), 'The step outputs')),
        ];
      },
    };
  };
}

function heard(course: Course, event: DeployEvent): Course {
  if (event.type === 'target') return { ...course, target: event.target };
  if (event.type === 'release') return { ...course, release: event.number };
  if (event.type === 'plan') return { ...course, target: course.target ?? event.plan.target, plan: event.plan };
  return course;
}

/** `changed` of `plan`: whether `up` would change something. */
function outputsOf({ release }: Course, end: RunEnd, hasApplied: boolean): Readonly<Record<string, string>> {
  const data = 'result' in end ? end.result.data : {};
  const counts = ['created', 'updated', 'deleted'].map((name) => at(data, 'changes', name));
  const changed =
    data.changes === undefined ? hasApplied : counts.some((count) => typeof count === 'number' && count > 0);
  const open = arrayOf(data.endpoints).find((one) => at(one, 'scope') === 'public' && at(one, 'url') !== undefined);
  return {
    // A plan has the number that a release would get.
    release: end.command === 'plan' ? '' : textOf(data.release) || textOf(release),
    changed: String(changed),
    url: (stringOf(at(open, 'url')) ?? '').replace(/\s/g, ''),
  };
}

async function append(file: string | undefined, text: string, what: string): Promise<readonly string[]> {
  if (file === undefined || file === '' || text === '') return [];
  try {
    await appendFile(file, text);
    return [];
  } catch (error) {
    return [`${what} could not be written: ${messageOf(error)}`];
  }
}
