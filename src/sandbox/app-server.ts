import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { messageOf } from '../errors.ts';
import type { ApiClient } from './api.ts';
import { answerInCluster } from './cluster-http.ts';
import { type Controls, isHealthPath } from './controls.ts';
import { createFrameReader, encodeFrame, upgradeResponse } from './websocket.ts';

/** Which pod a connection to the application server stands for. */
interface PodIdentity {
  readonly namespace: string;
  readonly pod: string;
  readonly service: string;
}

/** The stand-in for the application in every pod: what a port-forward reaches. */
export interface AppServer {
  readonly server: Server;
  /**
   * Says which pod the connection from this local port is for. Only our own kubelet knows it (WebSocket port-forwards);
   * kwok's SPDY port-forwards all lead here without an identity, and are answered as service `unknown`.
   */
  identify(remotePort: number, identity: PodIdentity): void;
  forget(remotePort: number): void;
}

const unknownPod: PodIdentity = { namespace: '', pod: '', service: 'unknown' };

/**
 * Answers /health and /ready with the status that the controls say, /ws/... as a WebSocket, all else with 404. Requests
 * in absolute form (`GET http://risk-engine/health`) come from commands that exec runs, which have it as their proxy: to
 * them it is the network of the cluster.
 */
export function createAppServer(controls: Controls, api: ApiClient): AppServer {
  const identities = new Map<number, PodIdentity>();
  const identityOf = (socket: Socket): PodIdentity => identities.get(socket.remotePort ?? 0) ?? unknownPod;
  const server = createServer((request, response) => {
    const target = proxiedUrl(request);
    if (target === undefined) {
      answer(request, response, identityOf(request.socket), controls);
      return;
    }
    void answerProxied(target, response, api, controls);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    const { namespace, service } = identityOf(socket);
    upgrade(request, socket, controls.healthOf(namespace, service, pathOf(request)) ?? 200);
  });
  return {
    server,
    identify: (port, identity) => {
      identities.set(port, identity);
    },
    forget: (port) => {
      identities.delete(port);
    },
  };
}

/** The URL of a request to a proxy. The pod itself is no host of the cluster: localhost is the application. */
function proxiedUrl(request: IncomingMessage): URL | undefined {
  if (request.url?.startsWith('http://') !== true || !URL.canParse(request.url)) return undefined;
  const url = new URL(request.url);
  return url.hostname === 'localhost' || url.hostname === '127.0.0.1' ? undefined : url;
}

async function answerProxied(url: URL, response: ServerResponse, api: ApiClient, controls: Controls): Promise<void> {
  try {
    const { status, ...body } = await answerInCluster(url, api, controls);
    answerJson(response, status, body);
  } catch (error) {
    // The API server is down: a cluster's DNS and endpoints would live on for a while, ours don't.
    answerJson(response, 502, { message: messageOf(error) });
  }
}

function answer(request: IncomingMessage, response: ServerResponse, pod: PodIdentity, controls: Controls): void {
  const path = pathOf(request);
  const status = controls.healthOf(pod.namespace, pod.service, path) ?? (isHealthPath(path) ? 200 : 404);
  const word = status === 404 ? 'Not found' : status < 400 ? 'Healthy' : 'Unhealthy';
  answerJson(response, status, { status: word, service: pod.service, pod: pod.pod });
}

function answerJson(response: ServerResponse, status: number, body: Readonly<Record<string, string>>): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}

function upgrade(request: IncomingMessage, socket: Socket, status: number): void {
  const key = request.headers['sec-websocket-key'];
  socket.on('error', () => socket.destroy());
  if (key === undefined || !pathOf(request).startsWith('/ws/') || status >= 400) {
    const code = status >= 400 ? status : 404;
    socket.end(`HTTP/1.1 ${code} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    return;
  }
  socket.write(upgradeResponse(key));
  const read = createFrameReader();
  socket.on('data', (chunk: Buffer) => {
    for (const { opcode, payload } of read(chunk)) {
      if (opcode === 8) socket.end(encodeFrame(8, payload));
      else if (opcode === 9) socket.write(encodeFrame(10, payload));
    }
  });
}

/** The path of a request in either form, without its query. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').replace(/^http:\/\/[^/]*/, '').replace(/\?.*$/, '');
}
