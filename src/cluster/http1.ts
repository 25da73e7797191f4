import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { startLimit } from './limit.ts';
import { type Answer, type Call, type Limits, tcpKeepAliveMs, timedOut } from './request.ts';

/**
 * Sends one call, once, over a connection of the agent. Rejects with a system error (`ETIMEDOUT` where a limit is
 * passed), and so does reading the answer.
 *
 * @param connectMs how long a connection may take to be made
 */
export function sendOverHttp1(
  agent: http.Agent,
  { method, url, headers, body, limits }: Call,
  connectMs: number,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === 'https:' ? https : http).request(url, { method, headers, agent, signal });
    let stop = (): void => undefined;
    const begin = (): void => {
      stop = startLimit(limits.answerMs, () => sent.destroy(timedOut(sent.socket?.connecting ?? true)));
    };
    // An agent with a limit lets requests wait for a connection: the server has no part in that time.
    if (agent.maxSockets === Infinity) begin();
    else sent.on('socket', begin);
    sent.on('socket', (socket) => limitConnecting(socket, connectMs, sent));
    sent.on('response', (response) => {
      stop();
      watchSilence(response, limits);
      resolve(answerOf(response));
    });
    sent.on('error', reject);
    sent.on('close', () => stop());
    sent.end(body);
  });
}

function answerOf(response: http.IncomingMessage): Answer {
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    chunks: response,
    async whole() {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      await once(response, 'end');
      return Buffer.concat(chunks).toString('utf8');
    },
    // Read to its end its connection can be used again.
    drop: () => void response.resume(),
  };
}

/** TCP and TLS alike: a host that drops packets, or a proxy that accepts and says nothing. */
function limitConnecting(socket: Socket, connectMs: number, sent: http.ClientRequest): void {
  if (!socket.connecting) return;
  const done = startLimit(connectMs, () => sent.destroy(timedOut(true)));
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
