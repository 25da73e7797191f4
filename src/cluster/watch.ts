import { DeployError, systemCodeOf } from '../errors.ts';
import { numberOf, objectOf, stringOf } from '../model/json.ts';
import { isKubernetesObject, type KubernetesObject } from '../model/object.ts';
import type { ApiStream, StreamRequest } from './api.ts';
import { failureOf, refused } from './errors.ts';
import { readRefusal } from './lines.ts';
import { isTransientStatus } from './retry.ts';
import type { Transport } from './transport.ts';

type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';

/** One line of a watch. `gone`: the resourceVersion is too old (410), list again. */
export type WatchEvent = { readonly type: ChangeType; readonly object: KubernetesObject } | { readonly type: 'gone' };

/**
 * Watches until the server ends it (timeoutSeconds), the connection breaks or stalls, the server is overloaded, or the
 * signal fires: each ends the iteration; the caller lists or watches again. `doing` completes "The cluster refused to".
 *
 * @throws DeployError `refused` where there is no connection to be had, or the server says no.
 */
export async function* watchLines(
  transport: Transport,
  request: StreamRequest,
  doing: string,
  signal: AbortSignal,
): AsyncIterable<WatchEvent> {
  let stream: ApiStream;
  try {
    stream = await transport.stream(request, signal);
  } catch (error) {
    if (signal.aborted || isStalled(error)) return;
    throw error;
  }
  yield* watchStream(stream, doing);
}

/** The server took the connection and then said nothing. */
function isStalled(error: unknown): boolean {
  const cause = error instanceof DeployError ? error.cause : undefined;
  return systemCodeOf(cause) === 'ETIMEDOUT' && !(cause instanceof Error && 'syscall' in cause);
}

/** Reads the answer to a watch. */
export async function* watchStream(stream: ApiStream, doing: string): AsyncIterable<WatchEvent> {
  if (stream.status !== 200) {
    const answer = await readRefusal(stream);
    if (stream.status === 410) yield { type: 'gone' };
    else if (!isTransientStatus(stream.status)) throw refused(doing, failureOf(answer));
    return;
  }
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
