import type { DeployEvent } from '../events.ts';
import { countOf } from '../model/age.ts';
import { type ObjectRef, refKey } from '../model/object.ts';
import { formatReady } from '../model/readiness.ts';
import { formatElapsed } from './style.ts';

/** After so long without a line a log says what is waited for. */
export const heartbeatMs = 30_000;

/** Who else is waited for is named up to so many; the rest is counted. */
const namesShown = 5;

/** Tells on, where a log would fall silent, what is waited for. */
export interface Heartbeat {
  /** What has happened: it tells what is waited for now. */
  heard(event: DeployEvent): void;
  /** A line was written: the silence begins anew. */
  spoke(): void;
  stop(): void;
}

interface Waiting {
  /** `Deployment/web 2/3`. */
  readonly name: string;
  readonly why: string;
  readonly sinceMs: number;
}

/** A heartbeat that writes by `print`. It keeps no process alive. */
export function createHeartbeat(print: (text: string) => void, intervalMs: number): Heartbeat {
  const objects = new Map<string, Waiting>();
  let step: Waiting | undefined = { name: 'start', why: 'AWS and the cluster are asked', sinceMs: Date.now() };
  let spokenMs = Date.now();
  let timer: NodeJS.Timeout | undefined;
  // One timer for all lines: it looks whether they have gone silent.
  const wait = (ms: number): void => {
    timer = setTimeout(beat, ms).unref();
  };
  const beat = (): void => {
    const leftMs = spokenMs + intervalMs - Date.now();
    if (leftMs > 0) return wait(leftMs);
    const [first = step, ...others] = objects.values();
    if (first !== undefined) {
      const elapsed = formatElapsed(Date.now() - first.sinceMs);
      print(`waiting ${elapsed} ${first.name}: ${first.why}${othersText(others)}`);
    }
    spoke();
    wait(intervalMs);
  };
  const spoke = (): void => {
    spokenMs = Date.now();
  };
  wait(intervalMs);
  return {
    heard(event) {
      if (event.type === 'progress' || event.type === 'failing') {
        objects.set(refKey(event.object), waitingOf(event));
      } else if (event.type === 'ready' || event.type === 'applied') objects.delete(refKey(event.object));
      else if (event.type === 'release' || event.type === 'plan') objects.clear();
      step = stepOf(event, step);
    },
    spoke,
    stop: () => clearTimeout(timer),
  };
}

function waitingOf({ object, count, why, elapsedMs }: Extract<DeployEvent, { type: 'progress' | 'failing' }>): Waiting {
  const share = count === undefined ? '' : ` ${formatReady(count)}`;
  return { name: `${short(object)}${share}`, why, sinceMs: Date.now() - elapsedMs };
}

function othersText(others: readonly Waiting[]): string {
  if (others.length === 0) return '';
  const names = others.slice(0, namesShown).map(({ name }) => name);
  const rest = others.length - names.length;
  return `; also ${[...names, ...(rest === 0 ? [] : [countOf(rest, 'more object')])].join(', ')}`;
}

function short({ kind, name }: ObjectRef): string {
  return `${kind}/${name}`;
}

/** What is under way after an event, where no object is waited for; undefined where only news of others can follow. */
function stepOf(event: DeployEvent, before: Waiting | undefined): Waiting | undefined {
  const now = (name: string, why: string): Waiting => ({ name, why, sinceMs: Date.now() });
  switch (event.type) {
    case 'step':
      return event.name === 'logs' ? undefined : now(event.name, event.message);
    case 'target':
    case 'inputs':
      return now('plan', 'the cluster is asked what would change');
    case 'plan':
      return now('release', 'its lock and its record');
    case 'cleanup':
      return now('cleanup', 'its lock, and the first deletions');
    case 'release':
      return event.status === 'deploying' ? now('apply', 'the first objects') : now('release', 'its last words');
    case 'wave':
      return now(`wave ${event.name}`, countOf(event.objects, 'object'));
    case 'activity':
      return event.isOver ? before : now('activity', event.message);
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
