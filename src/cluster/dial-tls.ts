import { isIP, type TcpNetConnectOpts } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { startLimit } from './limit.ts';
import { cutOff, tcpKeepAliveMs, timedOut } from './request.ts';

/** A TLS connection that is being made. */
export interface Dialing {
  readonly socket: TLSSocket;
  /** The same, once it is made; or the system error, as node:https has it. */
  readonly made: Promise<TLSSocket>;
}

/**
 * Connects to an https server and asks which protocol it speaks (ALPN, RFC 7301): `alpnProtocol` is the answer, false
 * where the server doesn't know the question.
 */
export function dialTls(server: URL, tls: ConnectionOptions, connectMs: number): Dialing {
  const host = server.hostname.replace(/^\[|\]$/g, '');
  const options: ConnectionOptions & Pick<TcpNetConnectOpts, 'noDelay' | 'keepAlive' | 'keepAliveInitialDelay'> = {
    host,
    port: server.port === '' ? 443 : Number(server.port),
    // An address is no server name (RFC 6066, 3); the certificate is checked against `host` then.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: tcpKeepAliveMs,
    ...tls,
    ALPNProtocols: ['h2', 'http/1.1'],
  };
  const socket = connect(options);
  const made = new Promise<TLSSocket>((resolve, reject) => {
    const stop = startLimit(connectMs, () => socket.destroy(timedOut(true)));
    socket.once('secureConnect', () => resolve(socket));
    socket.once('secureConnect', stop);
    // Stays: a connection that nobody uses yet can break, too.
    socket.on('error', reject);
    socket.once('close', () => {
      stop();
      reject(cutOff());
    });
  });
  return { socket, made };
}
