import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { interrupted, systemCodeOf } from '../errors.ts';
import type { ApiRequest, ApiResponse, ApiStream } from './api.ts';
import { unreachable } from './errors.ts';

/** What TLS and authentication a connection uses. Asked for once, and again after a 401. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  /** `ca`, `cert`, `key`, `rejectUnauthorized`, `servername`. */
  readonly tls: https.AgentOptions;
  /** An agent that goes through a proxy; then `tls` is in it already. */
  readonly proxyAgent?: http.Agent;
}

export interface TransportOptions {
  readonly server: string;
  readonly credentials: (renew: boolean, signal: AbortSignal) => Promise<Credentials>;
}

/** Requests to one API server over kept-alive connections, with retries for what goes away by itself. */
export interface Transport {
  send(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse>;
  /** A response that is read line by line as it comes. The caller ends it through the signal. */
  stream(request: ApiRequest, signal: AbortSignal): Promise<ApiStream>;
  close(): void;
}

const requestTimeoutMs = 30_000;
const maxAttempts = 5;
const firstDelayMs = 150;

/** Worth another try: overload, a server that restarts, a leader change (facts of the API, and etcd's). */
const transientStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const transientErrors: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE']);
/** A connection that nothing listens on, or a name that doesn't exist, rarely heals within seconds. */
const hopelessAfterTries: Readonly<Record<string, number>> = { ECONNREFUSED: 3, ENOTFOUND: 2 };

/** Makes a transport; nothing is sent before the first request. */
export function createTransport(options: TransportOptions): Transport {
  const base = new URL(options.server);
  const secure = base.protocol === 'https:';
  let session: Promise<Session> | undefined;

  const open = async (renew: boolean, signal: AbortSignal): Promise<Session> => {
    const credentials = await options.credentials(renew, signal);
    const pool = { keepAlive: true, maxSockets: 16, ...credentials.tls };
    const agent = credentials.proxyAgent ?? (secure ? new https.Agent(pool) : new http.Agent(pool));
    return { agent, headers: credentials.headers };
  };
  // A failure isn't kept: the next request tries again.
  const begin = (renew: boolean, signal: AbortSignal): Promise<Session> => {
    session = open(renew, signal).catch((error: unknown) => {
      session = undefined;
      throw error;
    });
    return session;
  };
  const current = (signal: AbortSignal): Promise<Session> => session ?? begin(false, signal);
  const start = async (request: ApiRequest, signal: AbortSignal): Promise<http.IncomingMessage> => {
    const used = await current(signal);
    const response = await attempt(base, used, request, signal);
    if (response.statusCode !== 401) return response;
    response.resume();
    // A token that has just expired: one new one, once. A second 401 is an answer.
    // The old connections are left to the requests that are still on them.
    if ((await current(signal)) === used) await begin(true, signal);
    return attempt(base, await current(signal), request, signal);
  };

  return {
    async send(request, signal) {
      for (let tries = 1; ; tries += 1) {
        const outcome = await trySend(() => start(request, signal), signal);
        if ('status' in outcome && !isTransient(outcome)) return outcome;
        if (tries >= maxAttempts || ('error' in outcome && !isWorthRetrying(outcome.error, tries))) {
          if ('status' in outcome) return outcome;
          throw unreachable(options.server, outcome.error);
        }
        const retryAfterMs = 'status' in outcome ? outcome.retryAfterMs : undefined;
        await pause(retryAfterMs ?? firstDelayMs * 2 ** (tries - 1) * (0.75 + Math.random() / 2), signal);
      }
    },
    async stream(request, signal) {
      try {
        const response = await start(request, signal);
        return { status: response.statusCode ?? 0, lines: createInterface({ input: response, crlfDelay: Infinity }) };
      } catch (error) {
        if (signal.aborted) throw interrupted();
        throw unreachable(options.server, error);
      }
    },
    close() {
      session?.then(({ agent }) => agent.destroy()).catch(() => undefined);
    },
  };
}

interface Session {
  readonly agent: http.Agent;
  readonly headers: Readonly<Record<string, string>>;
}

type SendOutcome = (ApiResponse & { readonly retryAfterMs?: number }) | { readonly error: unknown };

async function trySend(start: () => Promise<http.IncomingMessage>, signal: AbortSignal): Promise<SendOutcome> {
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

/** A typo in an apply patch is answered with 500, too: that one never heals. */
function isTransient({ status, text }: ApiResponse): boolean {
  return transientStatuses.has(status) && !text.includes('failed to create typed patch object');
}

function isWorthRetrying(error: unknown, tries: number): boolean {
  const code = systemCodeOf(error) ?? '';
  return transientErrors.has(code) && tries < (hopelessAfterTries[code] ?? maxAttempts);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {
    throw interrupted();
  });
}

function attempt(base: URL, session: Session, request: ApiRequest, signal: AbortSignal): Promise<http.IncomingMessage> {
  const query = new URLSearchParams(request.query).toString();
  const path = base.pathname.replace(/\/$/, '') + request.path + (query === '' ? '' : `?${query}`);
  const body = request.body === undefined ? undefined : Buffer.from(request.body, 'utf8');
  const headers = {
    accept: request.accept ?? 'application/json',
    'user-agent': 'oms-deploy',
    ...session.headers,
    ...(body === undefined
      ? {}
      : { 'content-type': request.contentType ?? 'application/json', 'content-length': body.length }),
  };
  const { hostname, port } = base;
  const options = {
    method: request.method,
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port,
    path,
    headers,
    agent: session.agent,
    signal,
  };
  return new Promise((resolve, reject) => {
    const sent = (base.protocol === 'https:' ? https : http).request(options, resolve);
    sent.setTimeout(requestTimeoutMs, () => {
      sent.destroy(Object.assign(new Error(`no answer within ${requestTimeoutMs / 1000} s`), { code: 'ETIMEDOUT' }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** `299 - "text"`, as RFC 9110's predecessor and the API server write it. */
function warningTexts(headers: readonly string[]): readonly string[] {
  return headers.flatMap((header) =>
    [...header.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replace(/\\(.)/g, '$1')),
  );
}
