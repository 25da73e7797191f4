import type { DeployEvent } from '../events.ts';

/** What `--quiet` leaves out, until a question is asked: nobody can answer without knowing where and what. */
export interface KeptBack {
  note(event: DeployEvent): void;
  /** What belongs to the question that follows; each time it is new. */
  take(): readonly DeployEvent[];
}

/** Keeps the target and what is about to be changed there. */
export function keepBack(): KeptBack {
  let kept: readonly DeployEvent[] = [];
  return {
    note(event) {
      const isAskedOf =
        event.type === 'target' || event.type === 'cleanup' || (event.type === 'plan' && !event.isResult);
      if (isAskedOf) kept = [...kept.filter(({ type }) => type !== event.type), event];
    },
    take() {
      const taken = kept;
      kept = [];
      return taken;
    },
  };
}
