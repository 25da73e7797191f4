import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Controls } from './controls.ts';
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

/** Answers /health and /ready with the status that the controls say, /ws/... as a WebSocket, all else with 404. */
export function createAppServer(controls: Controls): AppServer {
  const identities = new Map<number, PodIdentity>();
  const identityOf = (socket: Socket): PodIdentity => identities.get(socket.remotePort ?? 0) ?? unknownPod;
  const server = createServer((request, response) => {
    answer(request, response, identityOf(request.socket), controls);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    const { namespace, service } = identityOf(socket);
    upgrade(request, socket, controls.healthOf(namespace, service));
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

function answer(request: IncomingMessage, response: ServerResponse, pod: PodIdentity, controls: Controls): void {
  const path = pathOf(request);
  const known = path === '/health' || path === '/ready';
  const status = known ? controls.healthOf(pod.namespace, pod.service) : 404;
  const word = status === 404 ? 'Not found' : status < 400 ? 'Healthy' : 'Unhealthy';
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify({ status: word, service: pod.service, pod: pod.pod })}\n`);
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

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').replace(/\?.*$/, '');
}
