import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ApiRequest } from '../../../src/cluster/api.ts';
import type { Credentials } from '../../../src/cluster/session.ts';
import { createTransport, type Timeouts, type Transport } from '../../../src/cluster/transport.ts';

export interface Served {
  readonly url: string;
  /** `METHOD /path?query` in the order of arrival. */
  readonly requests: string[];
  readonly sockets: Socket[];
  readonly server: http.Server;
}

type Answer = (request: http.IncomingMessage, response: http.ServerResponse, count: number) => void;

/** A server on a free port; it ends with the test. `count` counts the requests from 1. */
export async function serve(t: TestContext, answer: Answer): Promise<Served> {
  const requests: string[] = [];
  const sockets: Socket[] = [];
  const server = http.createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response, requests.length);
  });
  server.on('connection', (socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests, sockets, server };
}

type Talk = (socket: WebSocket, request: http.IncomingMessage) => void;

/** A server that opens every WebSocket, with the first protocol that `known` has, too. */
export async function serveSockets(t: TestContext, known: readonly string[], talk: Talk): Promise<Served> {
  const served = await serve(t, (_, response) => json(response, 404, {}));
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => [...offered].find((protocol) => known.includes(protocol)) ?? false,
  });
  served.server.on('upgrade', (request, socket, head) => {
    served.requests.push(`${request.method} ${request.url}`);
    sockets.handleUpgrade(request, socket, head, (opened) => talk(opened, request));
  });
  t.after(() => {
    for (const client of sockets.clients) client.terminate();
  });
  return served;
}

/** Resolves when the socket is closed. */
export function closed(socket: Pick<Socket, 'closed' | 'once'> | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (socket === undefined) reject(new Error('no connection was made'));
    else if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

/** All of what is iterated over. */
export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A transport to `url`; it ends with the test. */
export function transportTo(
  t: TestContext,
  url: string,
  credentials?: (renew: boolean) => Promise<Credentials>,
  timeouts: Partial<Timeouts> = {},
): Transport {
  const transport = createTransport({
    server: url,
    credentials: credentials ?? (() => Promise.resolve({ headers: {}, tls: {} })),
    timeouts,
  });
  t.after(() => transport.close());
  return transport;
}

/** Reads a stream that may be quiet until it is lost as it should be; `heard` is told how many lines have come. */
export async function readUntilLost(
  transport: Transport,
  heard: (count: number) => void,
  loss: { readonly code: string } | { readonly message: string },
): Promise<readonly string[]> {
  const { lines } = await transport.stream({ ...get, quiet: true }, never);
  const read: string[] = [];
  await assert.rejects(async () => {
    for await (const line of lines) {
      read.push(line);
      heard(read.length);
    }
  }, loss);
  return read;
}

export function json(
  response: http.ServerResponse,
  status: number,
  body: unknown,
  headers: http.OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** A request like any other. */
export const get: ApiRequest = { method: 'GET', path: '/x' };

export const never = new AbortController().signal;
