import { interrupted } from '../errors.ts';
import { createClock } from '../model/clock.ts';
import type { ApiRequest, ApiResponse, ApiStream, SocketRequest, StreamRequest } from './api.ts';
import { type ConnectionNotes, failureOf, unauthorized, unreachable } from './errors.ts';
import { createGate, type Load } from './gate.ts';
import { linesOf } from './lines.ts';
import { type Answer, type Call, callOf, type Limits } from './request.ts';
import { pause, pauseBefore } from './retry.ts';
import { type CredentialSource, createSessions } from './session.ts';
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
  /**
   * WebSockets are pinged this often, and end where a ping isn't answered until the next is due. Connections of HTTP/2
   * are pinged when nothing was heard for so long.
   */
  readonly pingMs: number;
  /** Connections of HTTP/2 end where a ping isn't answered within this time. */
  readonly pongMs: number;
}

export interface TransportOptions {
  readonly server: string;
  readonly credentials: CredentialSource;
  /** Others than the default ones: 6 s, 30 s, 75 s, 60 s, 30 s and 15 s. */
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
const defaults: Timeouts = {
  connectMs: 6_000,
  requestMs: 30_000,
  watchMs: 75_000,
  quietMs: 60_000,
  pingMs: 30_000,
  pongMs: 15_000,
};

/** Makes a transport; nothing is sent before the first request. */
export function createTransport(options: TransportOptions): Transport {
  const server = new URL(options.server);
  const timeouts: Timeouts = { ...defaults, ...options.timeouts };
  const clock = createClock();
  const { connectMs, requestMs, pingMs, pongMs } = timeouts;
  const gate = createGate();
  // A server that is slow to be connected to has no more time than for its answer.
  const limits = { connectMs: Math.min(connectMs, requestMs), pingMs, pongMs };
  const sessions = createSessions(server, options.credentials, limits);

  const start = (request: ApiRequest, how: Pick<Call, 'limits' | 'isStream'>, signal: AbortSignal): Promise<Answer> =>
    sessions.ask(
      async ({ headers, link }) => {
        const sentMs = Date.now();
        const answer = await link.send(callOf(server, headers, request, how), signal);
        clock.observe(answer.headers.date, sentMs, Date.now());
        return answer;
      },
      { isRefused: ({ status }) => status === 401, drop: (answer) => answer.drop() },
      signal,
    );
  const requestLimits: Limits = { answerMs: requestMs, idleMs: requestMs };
  const ask = (request: ApiRequest, signal: AbortSignal): Promise<Answer> =>
    start(request, { limits: requestLimits, isStream: false }, signal);
  const limitsOf = ({ quiet = false }: StreamRequest, signal: AbortSignal): Limits => {
    if (!quiet) return { answerMs: requestMs, idleMs: timeouts.watchMs };
    const isAlive = async (): Promise<boolean> => {
      (await ask({ method: 'GET', path: '/version' }, signal)).drop();
      return true;
    };
    return { answerMs: requestMs, idleMs: timeouts.quietMs, isAlive };
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
        const outcome = await gate.pass(() => trySend(() => ask(request, signal), signal), loadOf, signal);
        const leftMs = (request.patienceMs ?? 0) - (performance.now() - startedMs);
        const pauseMs = pauseBefore(outcome, tries, leftMs);
        if (pauseMs !== undefined) await pause(pauseMs, signal);
        else if ('error' in outcome) throw unreachable(options.server, outcome.error, options.notes);
        else if (outcome.status === 401) throw unauthorized(failureOf(outcome), options.notes);
        else return outcome;
      }
    },
    async stream(request, signal) {
      const how = { limits: limitsOf(request, signal), isStream: true };
      const { status, chunks } = await reach(() => start(request, how, signal), signal);
      return { status, lines: linesOf(chunks) };
    },
    socket: (request, signal) =>
      reach(async () => {
        const { dial } = await import('./websocket.ts');
        return sessions.ask(
          (session) => dial(server, session, request, { answerMs: requestMs, pingMs }, signal),
          { isRefused: (dialed) => 'refusal' in dialed && dialed.refusal.status === 401, drop: () => undefined },
          signal,
        );
      }, signal),
    now: () => clock.now(),
    close: () => sessions.close(),
  };
}

type SendOutcome = (ApiResponse & { readonly retryAfterMs?: number }) | { readonly error: unknown };

async function trySend(start: () => Promise<Answer>, signal: AbortSignal): Promise<SendOutcome> {
  try {
    const answer = await start();
    const { status, headers } = answer;
    const retryAfter = Number(headers['retry-after']);
    return {
      status,
      text: await answer.whole(),
      warnings: headers.warning === undefined ? [] : warningTexts(headers.warning),
      ...(headers.etag === undefined ? {} : { etag: headers.etag }),
      ...(retryAfter > 0 ? { retryAfterMs: Math.min(retryAfter, 10) * 1000 } : {}),
    };
  } catch (error) {
    if (signal.aborted) throw interrupted();
    return { error };
  }
}

/** 429 is API Priority and Fairness, 503 with a time to come back a server that is being started or stopped. */
function loadOf(outcome: SendOutcome): Load {
  if ('error' in outcome) return undefined;
  const { status, retryAfterMs } = outcome;
  if (status === 429 || (status === 503 && retryAfterMs !== undefined)) return 'overloaded';
  return status < 500 ? 'fine' : undefined;
}

/** `299 - "text"`, as RFC 9110's predecessor and the API server write it; several are joined by commas. */
function warningTexts(header: string): readonly string[] {
  return [...header.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replace(/\\(.)/g, '$1'));
}
