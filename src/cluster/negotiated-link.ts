import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { systemCodeOf } from '../errors.ts';
import { orAborted } from '../model/abort.ts';
import { dialTls } from './dial-tls.ts';
import { sendOverHttp2 } from './http2.ts';
import { type Http2Connection, openHttp2 } from './http2-connection.ts';
import { cutOff, type Link, type LinkLimits } from './request.ts';

/** How often a call is sent again that the server did nothing for; then it is a connection that was cut. */
const maxRefusals = 5;
const refusalPauseMs = 50;

/**
 * The way to an https server that is reached directly. The first connection asks which protocol it speaks, and is used
 * whatever the answer; those who call meanwhile wait for it.
 *
 * @param http1 makes the way over HTTP/1.1; `take` gives it the connection that was made to ask
 */
export function negotiatedLink(
  server: URL,
  tls: ConnectionOptions,
  limits: LinkLimits,
  http1: (take: () => TLSSocket | undefined) => Link,
): Link {
  const sockets = new Set<TLSSocket>();
  const connections = new Set<Http2Connection>();
  let spare: TLSSocket | undefined;
  let speaksHttp1 = false;
  let isClosed = false;
  let asking: Promise<void> | undefined;

  const older = http1(() => {
    const socket = spare;
    spare = undefined;
    socket?.ref();
    return socket?.destroyed === false ? socket : undefined;
  });
  const connect = async (): Promise<void> => {
    const loading = import('node:http2');
    const { socket, made } = dialTls(server, tls, limits.connectMs);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    await made;
    if (socket.alpnProtocol !== 'h2') {
      speaksHttp1 = true;
      spare = socket.unref();
      return;
    }
    const connection = openHttp2(await loading, server, socket, limits);
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
  };
  const ask = (): Promise<void> => {
    asking ??= connect().finally(() => {
      asking = undefined;
    });
    return asking;
  };

  return {
    async send(call, signal) {
      let isNew = false;
      for (let refusals = 0; refusals <= maxRefusals; ) {
        if (isClosed) break;
        if (speaksHttp1) return older.send(call, signal);
        const connection = [...connections].find((one) => one.hasRoom(call.isStream));
        if (connection === undefined) {
          await orAborted(ask(), signal);
          isNew = true;
          // One that ended while it began.
          if (!speaksHttp1 && ![...connections].some((one) => one.isOpen())) refusals += 1;
          continue;
        }
        const answer = await sendOverHttp2(connection, call, signal).catch((error: unknown) => {
          // Nobody tries a stream again, and only on an old connection it meets the end of that.
          if (!call.isStream || isNew || systemCodeOf(error) !== 'ECONNRESET') throw error;
          return 'cut' as const;
        });
        if (typeof answer === 'object') return answer;
        refusals += 1;
        // Of a connection that ends there is a next one at once; a server that has too much to do is given some time.
        if (connection.isOpen()) await delay(refusalPauseMs * refusals, undefined, { signal });
      }
      throw cutOff();
    },
    socketAgent: older.socketAgent,
    retire() {
      for (const connection of connections) connection.retire();
    },
    close() {
      isClosed = true;
      older.close();
      for (const connection of connections) connection.destroy();
      for (const socket of sockets) socket.destroy();
    },
  };
}
