/** Lets one loop sleep until there is news. */
export interface Waker {
  /** There is news: the loop goes on, now or at its next `next`. */
  wake(): void;
  /** Resolves `settleMs` after news, or after `maxMs` without any; at once when the signal fires. */
  next(maxMs: number, settleMs: number, signal: AbortSignal): Promise<void>;
  /** Resolves after `ms`, news or not; at once when the signal fires. */
  after(ms: number, signal: AbortSignal): Promise<void>;
}

/** Makes a waker. News that comes while nobody waits is kept. */
export function createWaker(): Waker {
  let hasNews = false;
  let notify: (() => void) | undefined;
  const after = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  return {
    wake() {
      hasNews = true;
      notify?.();
    },
    async next(maxMs, settleMs, signal) {
      const ended = new AbortController();
      const limit = AbortSignal.any([signal, ended.signal]);
      if (!hasNews) {
        const news = new Promise<void>((resolve) => {
          notify = resolve;
        });
        await Promise.race([news, after(maxMs, limit)]);
        notify = undefined;
        ended.abort();
      }
      if (!hasNews) return;
      await after(settleMs, signal);
      hasNews = false;
    },
    after,
  };
}
