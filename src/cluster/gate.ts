import { interrupted } from '../errors.ts';

/**
 * How many requests may be in flight at once. API Priority and Fairness shares a server out among its clients by that
 * number, and answers 429 to who has too many in its queues
 * (https://kubernetes.io/docs/concepts/cluster-administration/flow-control/). So the number is found as TCP finds its own
 * (RFC 5681: additive increase, multiplicative decrease): it is halved when the server says that it has too much to do,
 * and grows again by one with every few answers.
 */
export interface Gate {
  /**
   * Does the work as soon as there is room for it. A signal that fires before is an
   * interruption, and nothing is done.
   */
  pass<T>(work: () => Promise<T>, load: (result: T) => Load, signal: AbortSignal): Promise<T>;
}

/** What an answer says of how much the server has to do; undefined for what says nothing of it. */
export type Load = 'overloaded' | 'fine' | undefined;

const most = 32;
const fewest = 2;
/** After so many answers one more request may be in flight. */
const answersPerStep = 20;

interface Waiter {
  readonly signal: AbortSignal;
  readonly go: () => void;
  readonly stop: () => void;
}

/** Makes a gate that is wide open. */
export function createGate(): Gate {
  const waiting = new Set<Waiter>();
  const heeded = new WeakSet<AbortSignal>();
  let limit = most;
  let inFlight = 0;
  let answers = 0;
  let cuts = 0;

  /** Of all that were in flight together only the first to be refused halves: the others were sent before it was known. */
  const cut = (cutsBefore: number): void => {
    if (cuts !== cutsBefore) return;
    cuts += 1;
    answers = 0;
    limit = Math.max(fewest, Math.floor(Math.min(limit, inFlight) / 2));
  };
  const grow = (): void => {
    answers += 1;
    if (answers < answersPerStep) return;
    answers = 0;
    limit = Math.min(most, limit + 1);
  };
  /** One listener for all that wait with a signal: each of its own would look through all others, each time. */
  const endWith = (signal: AbortSignal): void => {
    if (heeded.has(signal)) return;
    heeded.add(signal);
    const end = (): void => {
      for (const waiter of waiting) {
        if (waiter.signal !== signal) continue;
        waiting.delete(waiter);
        waiter.stop();
      }
    };
    signal.addEventListener('abort', end, { once: true });
  };
  const enter = (signal: AbortSignal): Promise<void> => {
    if (inFlight < limit && waiting.size === 0) {
      inFlight += 1;
      return Promise.resolve();
    }
    endWith(signal);
    return new Promise((go, reject) => waiting.add({ signal, go, stop: () => reject(interrupted()) }));
  };
  const leave = (): void => {
    inFlight -= 1;
    for (const waiter of waiting) {
      if (inFlight >= limit) return;
      waiting.delete(waiter);
      inFlight += 1;
      waiter.go();
    }
  };

  return {
    async pass(work, load, signal) {
      if (signal.aborted) throw interrupted();
      await enter(signal);
      const cutsBefore = cuts;
      try {
        const result = await work();
        const told = load(result);
        if (told === 'overloaded') cut(cutsBefore);
        else if (told === 'fine') grow();
        return result;
      } finally {
        leave();
      }
    },
  };
}
