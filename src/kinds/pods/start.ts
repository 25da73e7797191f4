import { type Container, keyOf, placeOf, quote } from './containers.ts';
import type { Signal } from './signal.ts';

const waitingReasons: ReadonlySet<string> = new Set(['RunContainerError', 'CreateContainerError', 'StartError']);
const endedReasons: ReadonlySet<string> = new Set(['StartError', 'ContainerCannotRun']);

/** True for a run that never began: its exit code says nothing about the program. */
export function neverBegan(reason: string): boolean {
  return endedReasons.has(reason);
}

/** A container that the runtime can't start: no such program, no permission, another architecture. */
export function startSignals(container: Container): readonly Signal[] {
  const { waiting, ended, restarts } = container;
  const isWaiting = waiting !== undefined && waitingReasons.has(waiting.reason);
  const hasEnded = container.runningSinceMs === undefined && ended !== undefined && neverBegan(ended.reason);
  if (!isWaiting && !hasEnded) return [];
  const reason = isWaiting ? waiting.reason : (ended?.reason ?? '');
  const message = quote((isWaiting ? waiting.message : '') || (ended?.message ?? ''));
  return [
    {
      key: keyOf(container, 'start'),
      occurrence: String(restarts),
      rule: { sightings: 2 },
      problem: {
        id: 'container/start',
        cause: `the container can't be started: ${startCause(message)}`,
        fix: startFix(message),
        about: { container: container.name, field: 'command' },
        evidence: [`${placeOf(container)}: ${reason}, ${restarts} restarts: ${message}`],
      },
    },
  ];
}

function startCause(message: string): string {
  const [, program] = /exec: "([^"]+)"/.exec(message) ?? [];
  if (/exec format error/.test(message)) return 'its image is built for another architecture';
  if (program !== undefined && /no such file|not found in \$PATH/.test(message))
    return `${program} is not in its image`;
  if (program !== undefined && /permission denied/.test(message)) return `${program} is not executable`;
  return message;
}

function startFix(message: string): string {
  if (/exec format error/.test(message)) {
    return "Build the image for the nodes' architecture (docker buildx build --platform linux/amd64,linux/arm64).";
  }
  return 'Correct the command in the pod template, or the image.';
}
