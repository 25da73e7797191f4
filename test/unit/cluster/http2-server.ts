import { once } from 'node:events';
import http2 from 'node:http2';
import https from 'node:https';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { Credentials } from '../../../src/cluster/session.ts';
import type { Timeouts, Transport } from '../../../src/cluster/transport.ts';
import { transportTo } from './helpers.ts';
import { tlsPair } from './tls-pair.ts';

export interface Http2Served {
  readonly url: string;
  /** `METHOD /path?query` in the order of arrival. */
  readonly requests: string[];
  /** TCP connections, in the order of arrival. */
  readonly sockets: Socket[];
  readonly server: Server;
}

type Answer = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders, count: number) => void;

/** A server that speaks HTTP/2 alone, on a free port; it ends with the test. `count` counts the requests from 1. */
export async function serveHttp2(
  t: TestContext,
  answer: Answer,
  options: http2.SecureServerOptions = {},
): Promise<Http2Served> {
  const requests: string[] = [];
  const server = http2.createSecureServer({ ...tlsPair, ...options });
  server.on('sessionError', () => undefined);
  server.on('stream', (stream, headers) => {
    requests.push(`${headers[':method']} ${headers[':path']}`);
    stream.on('error', () => undefined);
    answer(stream, headers, requests.length);
  });
  const { url, sockets } = await listen(t, server);
  return { url, requests, sockets, server };
}

/** A TLS server that knows HTTP/1.1 alone. */
export async function serveHttp1(t: TestContext, answer: https.ServerOptions & { readonly on: Http1Answer }) {
  const requests: string[] = [];
  const { on, ...options } = answer;
  const server = https.createServer({ ...tlsPair, ...options }, (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    on(request, response);
  });
  const { url, sockets } = await listen(t, server);
  return { url, requests, sockets, server };
}

type Http1Answer = NonNullable<Parameters<typeof https.createServer>[1]>;

/** Listens on a free port until the test ends. */
export async function listen(
  t: TestContext,
  server: Server,
): Promise<{ readonly url: string; readonly sockets: Socket[] }> {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

/** A network between the client and a server that can forget a connection: bytes go nowhere, and nobody is told. */
export async function startNetwork(t: TestContext, target: string) {
  let isLost = false;
  const open: { lose(): void }[] = [];
  const server = net.createServer((client) => {
    const upstream = net.connect(Number(new URL(target).port), '127.0.0.1');
    let lost = false;
    open.push({
      lose: () => {
        lost = true;
      },
    });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('data', (chunk) => {
        if (!lost && !isLost) to.write(chunk);
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        if (!lost && !isLost) to.destroy();
      });
      t.after(() => from.destroy());
    }
  });
  const { url, sockets } = await listen(t, server);
  return {
    url,
    sockets,
    /** All connections that there are. */
    lose: () => {
      for (const one of open) one.lose();
    },
    /** Also those to come. */
    loseAll: () => {
      isLost = true;
    },
  };
}

/** A transport that knows the CA of these servers; it ends with the test. */
export function secureTransport(
  t: TestContext,
  url: string,
  timeouts: Partial<Timeouts> = {},
  credentials: (renew: boolean) => Promise<Credentials> = () =>
    Promise.resolve({ headers: {}, tls: { ca: tlsPair.cert } }),
): Transport {
  return transportTo(t, url, credentials, timeouts);
}

/** Answers with JSON. */
export function reply(
  stream: http2.ServerHttp2Stream,
  status: number,
  body: unknown = {},
  headers: http2.OutgoingHttpHeaders = {},
): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': status, 'content-type': 'application/json', ...headers });
  stream.end(JSON.stringify(body));
}
