import type { Host } from '../../src/events.ts';

/** A host that nobody listens to. */
export const silentHost: Host = {
  canAsk: false,
  emit: () => undefined,
  protect: () => undefined,
  place: () => undefined,
  confirm: () => Promise.reject(new Error('nobody is asked')),
  text: () => Promise.reject(new Error('nobody is asked')),
  choose: () => Promise.reject(new Error('nobody is asked')),
};
