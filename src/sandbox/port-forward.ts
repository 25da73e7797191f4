import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { at, type Json, stringOf } from '../model/json.ts';
import type { AppServer } from './app-server.ts';
import { createFrameReader, encodeFrame, upgradeResponse } from './websocket.ts';

/** Kubernetes' WebSocket subprotocol: each frame begins with a channel; port i has data on 2i and errors on 2i + 1. */
export const channelProtocol = 'v4.channel.k8s.io';

interface Forward {
  readonly namespace: string;
  readonly pod: string;
  readonly found: Json | undefined;
  readonly ports: readonly number[];
}

/** Serves a port-forward: every port of a pod leads to the application server, which learns for which pod it answers. */
export function forwardPorts(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  forward: Forward,
  target: { readonly app: AppServer; readonly appPort: number },
): void {
  const key = request.headers['sec-websocket-key'] ?? '';
  if (forward.found === undefined) {
    socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    return;
  }
  socket.write(upgradeResponse(key, channelProtocol));
  const service = serviceOf(forward.found);
  const identity = { namespace: forward.namespace, pod: forward.pod, service };
  const lines = forward.ports.map((port, index) => openPort(port, index, socket, identity, target));
  const read = createFrameReader();
  const receive = (chunk: Buffer): void => {
    for (const { opcode, payload } of read(chunk)) {
      if (opcode === 8) socket.end(encodeFrame(8, payload));
      else if (opcode === 9) socket.write(encodeFrame(10, payload));
      else if (payload.length > 1 && payload.readUInt8(0) % 2 === 0) {
        lines[payload.readUInt8(0) / 2]?.write(payload.subarray(1));
      }
    }
  };
  receive(head);
  socket.on('data', receive);
  socket.on('close', () => {
    for (const line of lines) line.destroy();
  });
}

function openPort(
  port: number,
  index: number,
  socket: Duplex,
  identity: Parameters<AppServer['identify']>[1],
  target: { readonly app: AppServer; readonly appPort: number },
): Socket {
  // Both channels of a port begin with its number, little-endian.
  for (const channel of [2 * index, 2 * index + 1]) {
    socket.write(encodeFrame(2, Buffer.from([channel, port & 0xff, port >> 8])));
  }
  const line = connect({ host: '127.0.0.1', port: target.appPort });
  let localPort = 0;
  line.on('connect', () => {
    localPort = line.localPort ?? 0;
    target.app.identify(localPort, identity);
  });
  line.on('data', (chunk: Buffer) => socket.write(encodeFrame(2, Buffer.concat([Buffer.from([2 * index]), chunk]))));
  line.on('error', (error) =>
    socket.write(encodeFrame(2, Buffer.concat([Buffer.from([2 * index + 1]), Buffer.from(error.message)]))),
  );
  line.on('close', () => {
    target.app.forget(localPort);
    socket.end(encodeFrame(8, Buffer.from([0x03, 0xe8])));
  });
  return line;
}

function serviceOf(pod: Json): string {
  const labels = at(pod, 'metadata', 'labels');
  return stringOf(at(labels, 'app.kubernetes.io/name')) ?? stringOf(at(labels, 'app')) ?? 'unknown';
}
