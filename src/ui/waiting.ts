import type { DeployEvent } from '../events.ts';
import { countOf } from '../model/age.ts';
import { type ObjectRef, refKey } from '../model/object.ts';
import type { ReplicaCount } from '../model/readiness.ts';

/** What a run waits for: an object of the cluster, or the step that is under way. */
export interface Waiting {
  /** The object, or the name of the step. */
  readonly what: ObjectRef | string;
  readonly count?: ReplicaCount;
  readonly why: string;
  readonly isFailing: boolean;
  readonly sinceMs: number;
}

/** What a run waits for, told by its events. */
export interface WaitingList {
  heard(event: DeployEvent): void;
  /** The objects, or else the step that is under way; nothing where only news of others can follow. */
  now(): readonly Waiting[];
}

/** The list of a run that begins. */
export function createWaitingList(): WaitingList {
  const objects = new Map<string, Waiting>();
  let step: Waiting | undefined = stepNow('start', 'AWS and the cluster are asked');
  return {
    heard(event) {
      if (event.type === 'progress' || event.type === 'failing') objects.set(refKey(event.object), waitingOf(event));
      else if (event.type === 'ready' || event.type === 'applied') objects.delete(refKey(event.object));
      else if (event.type === 'release' || event.type === 'plan') objects.clear();
      step = stepOf(event, step);
    },
    now: () => (objects.size > 0 || step === undefined ? [...objects.values()] : [step]),
  };
}

/** What an event says of an object that is waited for. */
export function waitingOf(event: Extract<DeployEvent, { type: 'progress' | 'failing' }>): Waiting {
  const { type, object, count, why, elapsedMs } = event;
  return {
    what: object,
    ...(count === undefined ? {} : { count }),
    why,
    isFailing: type === 'failing',
    sinceMs: Date.now() - elapsedMs,
  };
}

function stepNow(what: string, why: string): Waiting {
  return { what, why, isFailing: false, sinceMs: Date.now() };
}

/** What is under way after an event, where no object is waited for; undefined where only news of others can follow. */
function stepOf(event: DeployEvent, before: Waiting | undefined): Waiting | undefined {
  switch (event.type) {
    case 'step':
      return event.name === 'logs' ? undefined : stepNow(event.name, event.message);
    case 'target':
    case 'inputs':
      return stepNow('plan', 'the cluster is asked what would change');
    case 'plan':
      return stepNow('release', 'its lock and its record');
    case 'cleanup':
      return stepNow('cleanup', 'its lock, and the first deletions');
    case 'release':
      return event.status === 'deploying'
        ? stepNow('apply', 'the first objects')
        : stepNow('release', 'its last words');
    case 'wave':
      return stepNow(`wave ${event.name}`, countOf(event.objects, 'object'));
    case 'activity':
      return event.isOver ? before : stepNow('activity', event.message);
    case 'log':
    case 'status':
      return undefined;
    case 'applied':
    case 'progress':
    case 'failing':
    case 'ready':
    case 'pods':
    case 'finding':
    case 'detail':
      return before;
  }
}
