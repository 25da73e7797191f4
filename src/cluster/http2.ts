import { validateHeaderValue } from 'node:http';
import type { ClientHttp2Stream, IncomingHttpHeaders, IncomingHttpStatusHeader } from 'node:http2';
import { systemCodeOf } from '../errors.ts';
import type { Http2Connection } from './http2-connection.ts';
import { startLimit } from './limit.ts';
import { type Answer, type Call, cutOff, type Limits, timedOut } from './request.ts';

/**
 * Sends one call, once. Rejects with a system error, as over HTTP/1.1, and so does reading the answer. `unprocessed`
 * where the server did nothing for it (RFC 9113, 8.7): it may be sent again, whatever it is.
 */
export function sendOverHttp2(
  connection: Http2Connection,
  call: Call,
  signal: AbortSignal,
): Promise<Answer | 'unprocessed'> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const heardBytes = connection.heardBytes();
    const stream = connection.begin(headersOf(call), call.body !== undefined);
    const giveUp = (): void => {
      cancel(stream, timedOut(false));
      connection.doubt(heardBytes);
    };
    const abort = (): void => cancel(stream, reasonOf(signal));
    const stop = startLimit(call.limits.answerMs, giveUp);
    let isAnswered = false;
    signal.addEventListener('abort', abort, { once: true });
    stream.once('response', (headers) => {
      stop();
      isAnswered = true;
      watchSilence(stream, call.limits, giveUp);
      resolve(answerOf(connection, stream, headers));
    });
    // It is in `errored`, and told when the stream has closed.
    stream.on('error', () => undefined);
    stream.once('close', () => {
      stop();
      signal.removeEventListener('abort', abort);
      if (isAnswered) return;
      if (connection.isUnprocessed(stream)) resolve('unprocessed');
      else reject(networkError(stream.errored));
    });
    if (call.body !== undefined) stream.end(call.body);
  });
}

/** Ends a call so that the server hears that nobody wants its answer any more. */
function cancel(stream: ClientHttp2Stream, error: Error): void {
  stream.close(cancelCode);
  stream.destroy(error);
}

/** CANCEL (RFC 9113, 7). */
const cancelCode = 8;

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}

/** Headers of a connection have no place in HTTP/2 (RFC 9113, 8.2.2). */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

function headersOf({ method, url, headers }: Call): Readonly<Record<string, string>> {
  const own = Object.entries(headers)
    .map(([name, value]): [string, string] => [name.toLowerCase(), value])
    .filter(([name]) => !ofConnection.has(name));
  // node:http refuses what would break a header; node:http2 leaves that to the server.
  for (const [name, value] of own) validateHeaderValue(name, value);
  const { protocol, host, pathname, search } = url;
  return {
    ':method': method,
    ':scheme': protocol.slice(0, -1),
    ':authority': host,
    ':path': `${pathname}${search}`,
    ...Object.fromEntries(own),
  };
}

function watchSilence(stream: ClientHttp2Stream, limits: Limits, giveUp: () => void): void {
  const judge = async (): Promise<void> => {
    if ((await limits.isAlive?.()) === true) stream.setTimeout(limits.idleMs);
    else giveUp();
  };
  stream.on('timeout', () => {
    judge().catch(giveUp);
  });
  stream.setTimeout(limits.idleMs);
}

function answerOf(
  connection: Http2Connection,
  stream: ClientHttp2Stream,
  headers: IncomingHttpHeaders & IncomingHttpStatusHeader,
): Answer {
  let isWhole = false;
  // Node ends a stream as if it were whole, too, when its connection or the server (CANCEL) ends it in the middle.
  stream.once('end', () => {
    isWhole = connection.isConnected() && stream.rstCode === 0;
  });
  return {
    status: headers[':status'] ?? 0,
    headers,
    whole: () =>
      new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        const end = (): void => {
          if (isWhole) resolve(Buffer.concat(chunks).toString('utf8'));
        };
        const close = (): void => {
          if (!isWhole) reject(networkError(stream.errored));
        };
        // Node reads the end of an empty answer by itself: it may have come before anybody has asked for the answer.
        if (stream.readableEnded) end();
        if (stream.destroyed) return close();
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.once('end', end);
        stream.once('close', close);
      }),
    chunks: chunksOf(stream, () => isWhole),
    drop: () => void stream.resume(),
  };
}

async function* chunksOf(stream: ClientHttp2Stream, isWhole: () => boolean): AsyncIterable<Buffer> {
  try {
    const chunks: AsyncIterable<Buffer> = stream;
    yield* chunks;
  } catch (error) {
    throw networkError(error);
  }
  if (!isWhole()) throw cutOff();
}

/** A system error is told as it is; what HTTP/2 alone can say is a connection that was cut. */
function networkError(error: unknown): unknown {
  const code = systemCodeOf(error);
  if (error === null) return cutOff();
  return code?.startsWith('ERR_') === true ? cutOff(undefined, error) : error;
}
