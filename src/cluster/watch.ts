import { numberOf, objectOf, stringOf } from '../model/json.ts';
import { isKubernetesObject, type KubernetesObject } from '../model/object.ts';
import type { ApiStream } from './api.ts';

type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';

/** One line of a watch. `gone`: the resourceVersion is too old (410), list again. */
export type WatchEvent = { readonly type: ChangeType; readonly object: KubernetesObject } | { readonly type: 'gone' };

/**
 * Reads a watch until the server ends it (timeoutSeconds), the connection breaks or stalls, or the request's signal
 * fires: each ends the iteration; the caller lists or watches again.
 */
export async function* watchStream(stream: ApiStream): AsyncIterable<WatchEvent> {
  if (stream.status === 410) yield { type: 'gone' };
  if (stream.status !== 200) return;
  try {
    for await (const line of stream.lines) {
      if (line === '') continue;
      const event = objectOf(JSON.parse(line));
      const type = stringOf(event.type);
      if (type === 'ERROR') {
        if (numberOf(objectOf(event.object).code, 0) === 410) yield { type: 'gone' };
        return;
      }
      if (isChange(type) && isKubernetesObject(event.object)) {
        yield { type, object: event.object };
      }
    }
  } catch {
    // A connection that breaks, in mid-line or not, is no failure of the deploy: the caller watches again.
  }
}

function isChange(type: string | undefined): type is ChangeType {
  return type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK';
}
