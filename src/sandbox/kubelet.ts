import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request as httpsRequest, type Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import type { Json } from '../model/json.ts';
import type { ApiClient } from './api.ts';
import type { AppServer } from './app-server.ts';
import type { Controls } from './controls.ts';
import { refuse, respondWithMetrics } from './metrics-server.ts';
import { podFinder } from './pod-finder.ts';
import { answerLogs, type LogRequest } from './pod-log-answer.ts';
import { channelProtocol, forwardPorts } from './port-forward.ts';

export interface KubeletParts {
  readonly api: ApiClient;
  readonly controls: Controls;
  readonly app: AppServer;
  readonly appPort: number;
  readonly kwokPort: number;
  readonly tls: { readonly cert: string; readonly key: string };
}

/**
 * The kubelet of every node, and the metrics server, as the API server calls them. kwok's own server knows neither which
 * pod's log it reads nor for which pod it forwards (its rules select by exact names), so we answer logs and
 * WebSocket port-forwards ourselves and hand all else (exec, attach, SPDY port-forwards) on to kwok.
 * Nothing here or in kwok asks who calls: exec runs commands on this machine for anyone who reaches the loopback port.
 */
export function createKubelet(parts: KubeletParts): Server {
  const find = podFinder(parts.api);
  const server = createServer(parts.tls, (request, response) => {
    handle(request, response, parts, find).catch((error: unknown) => refuse(response, error));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    upgrade(request, socket, head, parts, find).catch(() => socket.destroy());
  });
  return server;
}

type FindPod = (namespace: string, name: string) => Promise<Json | undefined>;

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  parts: KubeletParts,
  find: FindPod,
): Promise<void> {
  const url = urlOf(request);
  const logs = /^\/containerLogs\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(url.pathname);
  if (logs !== null) {
    const [, namespace = '', pod = '', container = ''] = logs;
    const asked: LogRequest = { namespace, pod, container, query: url.searchParams };
    await answerLogs(asked, response, find);
  } else if (url.pathname.startsWith('/apis')) {
    await respondWithMetrics(url, parts, response);
  } else if (url.pathname.startsWith('/openapi')) {
    response.writeHead(404).end();
  } else {
    passOn(request, response, parts.kwokPort);
  }
}

async function upgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  parts: KubeletParts,
  find: FindPod,
): Promise<void> {
  const url = urlOf(request);
  const match = /^\/portForward\/([^/]+)\/([^/]+)/.exec(url.pathname);
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (match === null || !protocols.includes(channelProtocol)) {
    tunnel(request, socket, head, parts.kwokPort);
    return;
  }
  const [, namespace = '', pod = ''] = match;
  const found = await find(namespace, pod);
  const ports = url.searchParams
    .getAll('port')
    .concat(url.searchParams.getAll('ports'))
    .flatMap((text) => text.split(','));
  forwardPorts(request, socket, head, { namespace, pod, found, ports: ports.map(Number) }, parts);
}

function passOn(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url, headers } = request;
  const options = { host: '127.0.0.1', port, method, path: url, headers, rejectUnauthorized: false };
  const onward = httpsRequest(options, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', (error) => {
    if (response.headersSent) response.destroy();
    else response.writeHead(502).end(error.message);
  });
  request.pipe(onward);
}

/** Repeats the upgrade request to kwok byte for byte and joins the two connections. */
function tunnel(request: IncomingMessage, socket: Duplex, head: Buffer, port: number): void {
  const onward = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] }, () => {
    const { rawHeaders } = request;
    const pairs = rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1] ?? ''}`] : [],
    );
    onward.write(`${[`${request.method} ${request.url} HTTP/1.1`, ...pairs].join('\r\n')}\r\n\r\n`);
    onward.write(head);
    onward.pipe(socket);
    socket.pipe(onward);
  });
  onward.on('error', () => socket.destroy());
  onward.on('close', () => socket.destroy());
  socket.on('close', () => onward.destroy());
}

function urlOf(request: IncomingMessage): URL {
  return new URL(request.url ?? '/', 'https://127.0.0.1');
}
