import type { DeployEvent } from '../events.ts';
import { refKey } from '../model/object.ts';

/**
 * Tells what is worth a line of its own: an object that waits is told of again where it waits for something else, not
 * for each new count or Event.
 */
export function newsFilter(): (event: DeployEvent) => boolean {
  const told = new Map<string, string>();
  return (event) => {
    if (event.type !== 'progress' && event.type !== 'failing' && event.type !== 'ready') return true;
    const key = refKey(event.object);
    const text = event.type === 'ready' ? event.type : `${event.type} ${event.why}`;
    if (event.type !== 'ready' && told.get(key) === text) return false;
    told.set(key, text);
    return true;
  };
}
