import type { Cluster } from '../cluster/cluster.ts';
import { containersOf } from '../kinds/pods/containers.ts';
import type { ContainerRef } from '../model/readiness.ts';
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
    const lines = await read({ pod, container }, previous, cluster, signal);
    if (lines.length > 0) return { lines, previous };
  }
  return { lines: [], previous: false };
}

async function read(
  { pod, container }: ContainerRef,
  previous: boolean,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const answer = await cluster.logs(pod, { container, previous, tailLines, limitBytes }, signal);
    if ('refusal' in answer) return [];
    const lines: string[] = [];
    for await (const line of answer.lines) lines.push(line);
    return lines.filter((line) => line.trim() !== '');
  } catch {
    return [];
  }
}
