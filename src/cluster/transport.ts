import { once } from 'node:events';
import type { Agent, IncomingMessage } from 'node:http';
import { interrupted } from '../errors.ts';
import { createClock } from '../model/clock.ts';
import type { ApiRequest, ApiResponse, ApiStream, SocketRequest, StreamRequest } from './api.ts';
import { type ConnectionNotes, failureOf, unauthorized, unreachable } from './errors.ts';
import { linesOf } from './lines.ts';
import { type Limits, sendOnce } from './request.ts';
import { pause, pauseBefore } from './retry.ts';
import { type CredentialSource, createSessions, type Session } from './session.ts';
import type { Dialed } from './websocket.ts';

/** After what silence, in milliseconds, the server counts as dead. */
export interface Timeouts {
  /** For a connection to be made. */
  readonly connectMs: number;
  /** For requests, and for the beginning of every answer. */
  readonly requestMs: number;
  /** For watches: the API server sends a bookmark about every minute. */
  readonly watchMs: number;
  /** For streams that may be quiet: then it is asked whether it lives, which may take `requestMs`. */
  readonly quietMs: number;
  /** WebSockets are pinged this often, and end where a ping isn't answered until the next is due. */
  readonly pingMs: number;
}

export interface TransportOptions {
  readonly server: string;
  readonly credentials: CredentialSource;
  /** Others than the default ones: 6 s, 30 s, 75 s, 60 s and 30 s. */
  readonly timeouts?: Partial<Timeouts>;
  /** What to say where the server can't be reached, or doesn't know us. */
  readonly notes?: ConnectionNotes | undefined;
}

/** Requests to one API server over kept-alive connections, with retries for what goes away by itself. */
export interface Transport {
  /** Tries again what is worth it. */
  send(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse>;
  /** A response that is read line by line as it comes. The caller ends it by the signal, or by leaving the iteration. */
  stream(request: StreamRequest, signal: AbortSignal): Promise<ApiStream>;
  /** An open WebSocket, paused; or the refusal. The caller ends it. */
  socket(request: SocketRequest, signal: AbortSignal): Promise<Dialed>;
  /** The API server's time, milliseconds, as far as its answers tell. */
  now(): number;
  close(): void;
}

/** A private endpoint's address answers nothing outside its VPC: that is to be known in seconds. */
const defaults: Timeouts = { connectMs: 6_000, requestMs: 30_000, watchMs: 75_000, quietMs: 60_000, pingMs: 30_000 };

/** Makes a transport; nothing is sent before the first request. */
export function createTransport(options: TransportOptions): Transport {
  const server = new URL(options.server);
  const timeouts: Timeouts = { ...defaults, ...options.timeouts };
  const clock = createClock();
  const sessions = createSessions(server, options.credentials);

  const start = (
    request: ApiRequest,
    choose: (session: Session) => Agent,
    limits: Limits,
    signal: AbortSignal,
  ): Promise<IncomingMessage> =>
    sessions.ask(
      async (session) => {
        const sentMs = Date.now();
        const connection = { headers: session.headers, agent: choose(session) };
        const answer = await sendOnce(server, connection, request, limits, signal);
        clock.observe(answer.headers.date, sentMs, Date.now());
        return answer;
      },
      { isRefused: ({ statusCode }) => statusCode === 401, drop: (answer) => void answer.resume() },
      signal,
    );
  const { connectMs, requestMs } = timeouts;
  const requestLimits: Limits = { connectMs, answerMs: requestMs, idleMs: requestMs };
  const ask = (request: ApiRequest, signal: AbortSignal): Promise<IncomingMessage> =>
    start(request, ({ agent }) => agent, requestLimits, signal);
  const limitsOf = ({ quiet = false }: StreamRequest, signal: AbortSignal): Limits => {
    if (!quiet) return { connectMs, answerMs: requestMs, idleMs: timeouts.watchMs };
    const isAlive = async (): Promise<boolean> => {
      (await ask({ method: 'GET', path: '/version' }, signal)).resume();
      return true;
    };
    return { connectMs, answerMs: requestMs, idleMs: timeouts.quietMs, isAlive };
  };
  const reach = async <T>(connect: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    try {
      return await connect();
    } catch (error) {
      if (signal.aborted) throw interrupted();
      throw unreachable(options.server, error, options.notes);
    }
  };

  return {
    async send(request, signal) {
      const startedMs = performance.now();
      for (let tries = 1; ; tries += 1) {
        const outcome = await trySend(() => ask(request, signal), signal);
        const leftMs = (request.patienceMs ?? 0) - (performance.now() - startedMs);
        const pauseMs = pauseBefore(outcome, tries, leftMs);
        if (pauseMs !== undefined) await pause(pauseMs, signal);
        else if ('error' in outcome) throw unreachable(options.server, outcome.error, options.notes);
        else if (outcome.status === 401) throw unauthorized(failureOf(outcome), options.notes);
        else return outcome;
      }
    },
    async stream(request, signal) {
      const limits = limitsOf(request, signal);
      const answer = await reach(() => start(request, ({ streamAgent }) => streamAgent, limits, signal), signal);
      return { status: answer.statusCode ?? 0, lines: linesOf(answer) };
    },
    socket: (request, signal) =>
      reach(async () => {
        const { dial } = await import('./websocket.ts');
        return sessions.ask(
          (session) =>
            dial(server, session, request, { answerMs: timeouts.requestMs, pingMs: timeouts.pingMs }, signal),
          { isRefused: (dialed) => 'refusal' in dialed && dialed.refusal.status === 401, drop: () => undefined },
          signal,
        );
      }, signal),
    now: () => clock.now(),
    close: () => sessions.close(),
  };
}

type SendOutcome = (ApiResponse & { readonly retryAfterMs?: number }) | { readonly error: unknown };

async function trySend(start: () => Promise<IncomingMessage>, signal: AbortSignal): Promise<SendOutcome> {
  try {
    const response = await start();
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(response, 'end');
    const retryAfter = Number(response.headers['retry-after']);
    return {
      status: response.statusCode ?? 0,
      text: Buffer.concat(chunks).toString('utf8'),
      warnings: warningTexts(response.headersDistinct.warning ?? []),
      ...(retryAfter > 0 ? { retryAfterMs: Math.min(retryAfter, 10) * 1000 } : {}),
    };
  } catch (error) {
    if (signal.aborted) throw interrupted();
    return { error };
  }
}

/** `299 - "text"`, as RFC 9110's predecessor and the API server write it. */
function warningTexts(headers: readonly string[]): readonly string[] {
  return headers.flatMap((header) =>
    [...header.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replace(/\\(.)/g, '$1')),
  );
}
