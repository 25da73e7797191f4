import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What went through a proxy. */
export interface Traffic {
  readonly connections: number;
  /** To the server and back, in bytes: TLS as it is on the wire. */
  readonly sent: number;
  readonly received: number;
}

/** A proxy for TCP on loopback, which counts. */
export interface CountingProxy {
  readonly port: number;
  /** What has gone through since the last time this was asked. */
  take(): Traffic;
  close(): void;
}

/** Begins to pass on to a port of this machine, on a free port. */
export async function startCountingProxy(target: number): Promise<CountingProxy> {
  let [connections, sent, received] = [0, 0, 0];
  const open = new Set<Socket>();
  const server = createServer((client) => {
    connections += 1;
    const upstream = connect(target, '127.0.0.1');
    client.on('data', (chunk) => {
      sent += chunk.length;
    });
    upstream.on('data', (chunk) => {
      received += chunk.length;
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    take() {
      const traffic = { connections, sent, received };
      [connections, sent, received] = [0, 0, 0];
      return traffic;
    },
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
