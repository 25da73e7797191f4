/** The offset of the API server's clock from ours, as answers narrow it down. */
export interface Clock {
  /** The API server's time, milliseconds; ours before any answer. */
  now(): number;
  /** An answer with this `Date` header, asked at `sentMs` and come at `receivedMs` (our clock). */
  observe(date: string | undefined, sentMs: number, receivedMs: number): void;
}

/** A `Date` header is cut to whole seconds. */
const resolutionMs = 1000;

/** What is known of the offset: it lies between these, in milliseconds. */
export interface OffsetBounds {
  readonly low: number;
  readonly high: number;
}

/** The bounds that one answer gives: its time lies between our sending and receiving. */
export function boundsOf(serverMs: number, sentMs: number, receivedMs: number): OffsetBounds {
  return { low: serverMs - receivedMs, high: serverMs + resolutionMs - sentMs };
}

/** Both bounds together; where they contradict each other a clock was set, and the newer one counts. */
export function narrow(known: OffsetBounds | undefined, next: OffsetBounds): OffsetBounds {
  if (known === undefined) return next;
  const both = { low: Math.max(known.low, next.low), high: Math.min(known.high, next.high) };
  return both.low <= both.high ? both : next;
}

/** Measures the offset by the `Date` headers of answers. An offset of zero is kept as long as it is possible. */
export function createClock(ourTimeMs: () => number = Date.now): Clock {
  let bounds: OffsetBounds | undefined;
  const offset = (): number => {
    if (bounds === undefined || (bounds.low <= 0 && bounds.high >= 0)) return 0;
    return Math.round((bounds.low + bounds.high) / 2);
  };
  return {
    now: () => ourTimeMs() + offset(),
    observe(date, sentMs, receivedMs) {
      const serverMs = Date.parse(date ?? '');
      if (!Number.isNaN(serverMs)) bounds = narrow(bounds, boundsOf(serverMs, sentMs, receivedMs));
    },
  };
}
