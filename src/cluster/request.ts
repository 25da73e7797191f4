import type http from 'node:http';
import { type ApiRequest, urlOf } from './api.ts';

/** After what silence a server counts as dead. */
export interface Limits {
  /** How long the beginning of the answer may take, in milliseconds. */
  readonly answerMs: number;
  /** How long the answer may then be silent, in milliseconds. */
  readonly idleMs: number;
  /** Asked after each silence: false ends the answer. Without it every silence does. */
  readonly isAlive?: () => Promise<boolean>;
}

/** One request, ready to be sent over any connection. */
export interface Call {
  readonly method: ApiRequest['method'];
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
  readonly limits: Limits;
  /** Its answer has no end of its own: it must leave room for others. */
  readonly isStream: boolean;
}

/** The answer to a call, to be read once: whole, or as it comes. Reading it rejects with a system error. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** Leaving the iteration ends the answer. */
  readonly chunks: AsyncIterable<Buffer>;
  whole(): Promise<string>;
  /** Nobody will read it. */
  drop(): void;
}

/** The connections to a server that one set of TLS options allows. */
export interface Link {
  /** Sends a call once. Rejects with a system error. */
  send(call: Call, signal: AbortSignal): Promise<Answer>;
  /** For WebSockets: a connection of HTTP/1.1 each. */
  readonly socketAgent: http.Agent;
  /** It gets no new calls: its connections may end with the answers that they carry. */
  retire(): void;
  /** Ends its connections at once. */
  close(): void;
}

/** For links with as much as they need of the limits of a transport, in milliseconds. */
export interface LinkLimits {
  /** How long a connection may take to be made. */
  readonly connectMs: number;
  /** After this silence a connection with answers underway is asked whether it lives. */
  readonly pingMs: number;
  /** How long it may take to say so. */
  readonly pongMs: number;
}

/** How a request is sent with these headers of the session. */
export function callOf(
  server: URL,
  sessionHeaders: Readonly<Record<string, string>>,
  request: ApiRequest,
  how: Pick<Call, 'limits' | 'isStream'>,
): Call {
  const body = request.body === undefined ? undefined : Buffer.from(request.body, 'utf8');
  const ofBody: Record<string, string> =
    body === undefined
      ? {}
      : { 'content-type': request.contentType ?? 'application/json', 'content-length': String(body.length) };
  return {
    method: request.method,
    url: urlOf(server, request.path, request.query),
    headers: {
      accept: request.accept ?? 'application/json',
      ...(request.etag === undefined ? {} : { 'if-none-match': request.etag }),
      'user-agent': userAgent,
      ...sessionHeaders,
      ...ofBody,
    },
    body,
    ...how,
  };
}

/** How we introduce ourselves; the audit log has it. */
export const userAgent = 'oms-deploy';

/** TCP's own question whether the other side is there (Node asks ten times, a second apart, before it gives up). */
export const tcpKeepAliveMs = 30_000;

/** The error for a server that doesn't answer; while connecting just as Node has it. */
export function timedOut(connecting: boolean): Error {
  const error = Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
  return connecting ? Object.assign(error, { syscall: 'connect' }) : error;
}

/** The error for a connection that ended before its answers did; Node's own over HTTP/1.1. */
export function cutOff(message = 'the connection was cut', cause?: unknown): Error {
  return Object.assign(new Error(message, cause === undefined ? undefined : { cause }), { code: 'ECONNRESET' });
}
