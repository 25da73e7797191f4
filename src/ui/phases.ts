import type { DeployEvent } from '../events.ts';

/**
 * The phase of a run that begins with an event, as the title of a foldable part of a log; undefined where the one before
 * goes on.
 */
export function phaseOf(event: DeployEvent): string | undefined {
  switch (event.type) {
    case 'target':
    case 'inputs':
      return 'Target and inputs';
    case 'step':
      return event.name === 'inputs' || event.name === 'target' ? 'Target and inputs' : undefined;
    case 'plan':
      return event.isResult ? undefined : 'Plan';
    case 'cleanup':
      return 'Plan';
    case 'wave':
      return `Apply ${event.name}`;
    case 'progress':
    case 'failing':
    case 'ready':
      return 'Wait';
    case 'activity':
    case 'applied':
    case 'detail':
    case 'finding':
    case 'log':
    case 'pods':
    case 'release':
    case 'status':
      return undefined;
  }
}

/** What was asked for: it stands outside of all phases. */
export function isAnswer(event: DeployEvent): boolean {
  return event.type === 'log' || event.type === 'status' || (event.type === 'plan' && event.isResult);
}
