import type { IncomingMessage } from 'node:http';
import { type ClientOptions, WebSocket } from 'ws';
import { type ApiResponse, type SocketRequest, urlOf } from './api.ts';
import { linesOf, readRefusal } from './lines.ts';
import { timedOut, userAgent } from './request.ts';
import type { Session } from './session.ts';

// Loads `ws`: imported only by what has a WebSocket to open, or after that.

/** An open WebSocket, paused: resume it once its events are listened to. Or the server's refusal to open one. */
export type Dialed = { readonly socket: WebSocket } | { readonly refusal: ApiResponse };

export interface DialLimits {
  /** How long the server may take to answer, in milliseconds. */
  readonly answerMs: number;
  /** How often the open socket is pinged, in milliseconds; it ends where a ping isn't answered until the next. */
  readonly pingMs: number;
}

/** How long the server may take to agree to an end; then it is cut. (@types/ws doesn't know this option yet.) */
const closeTimeoutMs = 1_000;

/** Opens a WebSocket to the API server. Rejects with a system error where the server can't be reached. */
export function dial(
  server: URL,
  session: Session,
  request: SocketRequest,
  limits: DialLimits,
  signal: AbortSignal,
): Promise<Dialed> {
  const url = urlOf(server, request.path, request.query);
  url.protocol = server.protocol === 'https:' ? 'wss:' : 'ws:';
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const options: ClientOptions & { readonly closeTimeout: number } = {
      agent: session.link.socketAgent,
      headers: { 'user-agent': userAgent, ...session.headers },
      perMessageDeflate: false,
      closeTimeout: closeTimeoutMs,
    };
    const socket = new WebSocket(url, [...request.protocols], options);
    const fail = (error: unknown): void => {
      settle();
      reject(error);
      socket.terminate();
    };
    const abort = (): void => fail(signal.reason);
    const late = setTimeout(() => fail(timedOut(true)), limits.answerMs);
    const settle = (): void => {
      clearTimeout(late);
      signal.removeEventListener('abort', abort);
    };
    signal.addEventListener('abort', abort);
    // Stays: what is terminated while it connects still emits an error.
    socket.on('error', fail);
    socket.on('unexpected-response', (_, response: IncomingMessage) => {
      const refuse = async (): Promise<void> => {
        const refusal = await readRefusal({ status: response.statusCode ?? 0, lines: linesOf(response) });
        settle();
        resolve({ refusal });
        socket.terminate();
      };
      refuse().catch(fail);
    });
    socket.on('open', () => {
      settle();
      // What the server says at once would be lost before the caller listens.
      socket.pause();
      keepAlive(socket, limits.pingMs);
      resolve({ socket });
    });
  });
}

/** Ends a connection on which nobody answers: exec and port-forward may rightly be silent for hours. */
function keepAlive(socket: WebSocket, pingMs: number): void {
  let heard = true;
  const hear = (): void => {
    heard = true;
  };
  socket.on('pong', hear);
  socket.on('message', hear);
  const timer = setInterval(() => {
    // Paused, we don't hear the answers either.
    if (socket.isPaused) return;
    if (!heard) socket.terminate();
    heard = false;
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, pingMs);
  socket.on('close', () => clearInterval(timer));
}
