import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type ApiRequest, urlOf } from './api.ts';

/** After what silence a server counts as dead. */
export interface Limits {
  /** How long a connection may take to be made, in milliseconds. */
  readonly connectMs: number;
  /** How long the beginning of the answer may take, in milliseconds. */
  readonly answerMs: number;
  /** How long the answer may then be silent, in milliseconds. */
  readonly idleMs: number;
  /** Asked after each silence: false ends the answer. Without it every silence does. */
  readonly isAlive?: () => Promise<boolean>;
}

/** TCP's own question whether the other side is there (Node asks ten times, a second apart, before it gives up). */
const tcpKeepAliveMs = 30_000;

/**
 * Sends one request, once, and hands back the answer to be read. Rejects with a system error (`ETIMEDOUT` where a limit
 * is passed), and so does reading the answer.
 */
export function sendOnce(
  server: URL,
  { headers, agent }: { readonly headers: Readonly<Record<string, string>>; readonly agent: http.Agent },
  request: ApiRequest,
  limits: Limits,
  signal: AbortSignal,
): Promise<http.IncomingMessage> {
  const body = request.body === undefined ? undefined : Buffer.from(request.body, 'utf8');
  const options: http.RequestOptions = {
    method: request.method,
    headers: {
      accept: request.accept ?? 'application/json',
      'user-agent': userAgent,
      ...headers,
      ...(body === undefined
        ? {}
        : { 'content-type': request.contentType ?? 'application/json', 'content-length': body.length }),
    },
    agent,
    signal,
  };
  return new Promise((resolve, reject) => {
    const sent = (server.protocol === 'https:' ? https : http).request(
      urlOf(server, request.path, request.query),
      options,
    );
    let late: NodeJS.Timeout | undefined;
    const begin = (): void => {
      late = setTimeout(() => sent.destroy(timedOut(sent.socket?.connecting ?? true)), limits.answerMs);
    };
    // An agent with a limit lets requests wait for a connection: the server has no part in that time.
    if (agent.maxSockets === Infinity) begin();
    else sent.on('socket', begin);
    sent.on('socket', (socket) => limitConnecting(socket, limits.connectMs, sent));
    sent.on('response', (response) => {
      clearTimeout(late);
      watchSilence(response, limits);
      resolve(response);
    });
    sent.on('error', reject);
    sent.on('close', () => clearTimeout(late));
    sent.end(body);
  });
}

/** TCP and TLS alike: a host that drops packets, or a proxy that accepts and says nothing. */
function limitConnecting(socket: Socket, connectMs: number, sent: http.ClientRequest): void {
  if (!socket.connecting) return;
  const timer = setTimeout(() => sent.destroy(timedOut(true)), connectMs);
  const done = (): void => clearTimeout(timer);
  socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', done);
  socket.once('close', done);
}

function watchSilence(response: http.IncomingMessage, limits: Limits): void {
  const { socket } = response;
  socket.setKeepAlive(true, tcpKeepAliveMs);
  socket.setTimeout(limits.idleMs);
  const end = (): void => {
    response.destroy(timedOut(false));
  };
  const judge = async (): Promise<void> => {
    if ((await limits.isAlive?.()) === true) socket.setTimeout(limits.idleMs);
    else end();
  };
  const silent = (): void => {
    judge().catch(end);
  };
  socket.on('timeout', silent);
  // The connection may be kept, for a request with limits of its own.
  response.on('close', () => socket.off('timeout', silent));
}

/** How we introduce ourselves; the audit log has it. */
export const userAgent = 'oms-deploy';

/** The error for a server that doesn't answer; while connecting just as Node has it. */
export function timedOut(connecting: boolean): Error {
  const error = Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
  return connecting ? Object.assign(error, { syscall: 'connect' }) : error;
}
