import type { Cluster } from '../cluster/cluster.ts';
import type { LogOptions } from '../cluster/logs.ts';
import { DeployError } from '../errors.ts';
import { containersOf } from '../kinds/pods/containers.ts';
import type { ObjectRef } from '../model/object.ts';
import type { ContainerRef } from '../model/readiness.ts';
import { withoutColours } from '../model/visible.ts';
import type { World } from '../model/world.ts';

/** The end of a container's log. */
export interface LogTail {
  readonly lines: readonly string[];
  /** It is the log of the instance before the last restart. */
  readonly previous: boolean;
}

const tailLines = 12;
const limitBytes = 16_384;

/**
 * The last words of a container: of its present instance if that has ended, else of the one before. Empty where there
 * is no log, or it may not be read: a diagnosis without a log is better than none.
 */
export async function readLogTail(
  { pod, container }: ContainerRef,
  world: World,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<LogTail> {
  const live = world.get(pod);
  const found = live === undefined ? undefined : containersOf(live).find(({ name }) => name === container);
  const runsAgain = found !== undefined && found.restarts > 0 && found.runningSinceMs !== undefined;
  // Between our look and the request the container may have been started again: then its last words are `previous`.
  const order = runsAgain ? [true, false] : [false, true];
  for (const previous of order) {
    const lines = await readLogLines(cluster, pod, { container, previous, tailLines, limitBytes }, signal);
    if (lines.length > 0) return { lines, previous };
  }
  return { lines: [], previous: false };
}

/** The lines of a log that has an end; none where there is no log or it may not be read. */
export async function readLogLines(
  cluster: Cluster,
  pod: ObjectRef,
  options: LogOptions,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const answer = await cluster.logs(pod, options, signal);
    if (!('lines' in answer)) return [];
    const lines: string[] = [];
    for await (const line of answer.lines) lines.push(withoutColours(line));
    return lines.filter((line) => line.trim() !== '');
  } catch (error) {
    if (error instanceof DeployError && error.code === 'refused') return [];
    throw error;
  }
}
