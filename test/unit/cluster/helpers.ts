import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { type Credentials, createTransport, type Transport } from '../../../src/cluster/transport.ts';

export interface Served {
  readonly url: string;
  /** `METHOD /path?query` in the order of arrival. */
  readonly requests: string[];
  readonly sockets: Socket[];
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
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests, sockets };
}

/** A transport to `url`; it ends with the test. */
export function transportTo(
  t: TestContext,
  url: string,
  credentials?: (renew: boolean) => Promise<Credentials>,
): Transport {
  const transport = createTransport({
    server: url,
    credentials: credentials ?? (() => Promise.resolve({ headers: {}, tls: {} })),
  });
  t.after(() => transport.close());
  return transport;
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

export const never = new AbortController().signal;
