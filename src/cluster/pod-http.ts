import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { DeployError, interrupted, messageOf, systemCodeOf } from '../errors.ts';
import { formatPod, type PodName } from './api.ts';
import type { Cluster } from './cluster.ts';

export interface PodHttpOptions {
  /** With `https` the certificate is not verified: it is the pod's own business, as for a kubelet's probe. */
  readonly scheme: 'http' | 'https';
  readonly headers?: Readonly<Record<string, string>>;
  /** For the request itself, once the way to the pod is open, in milliseconds. */
  readonly timeoutMs: number;
}

/** What a pod answered. `elapsedMs` counts from the request to the end of the answer. */
export interface PodAnswer {
  readonly status: number;
  /** The first 2 KiB. */
  readonly body: string;
  readonly elapsedMs: number;
}

/** How a pod answered to a WebSocket: 101 where it opened. */
export type UpgradeAnswer = Pick<PodAnswer, 'status' | 'elapsedMs'>;

const maxBodyBytes = 2_048;

/**
 * Asks a pod over a port-forward. Redirects are answers like others.
 *
 * @throws DeployError `refused` where the cluster refuses the forward, or the pod gives no answer (in time).
 */
export async function httpGet(
  cluster: Pick<Cluster, 'forward'>,
  pod: PodName,
  port: number,
  path: string,
  options: PodHttpOptions,
  signal: AbortSignal,
): Promise<PodAnswer> {
  return ask(cluster, pod, port, options, signal, async (connection) => {
    const response = await answerOf(request(connection, pod, port, path, options, {}));
    const body = await readBody(response);
    return { status: response.statusCode ?? 0, body };
  });
}

/**
 * Tries to open a WebSocket to a pod over a port-forward, and closes it again.
 *
 * @throws DeployError `refused` where the cluster refuses the forward, or the pod gives no answer, or a wrong one.
 */
export async function websocketUpgrade(
  cluster: Pick<Cluster, 'forward'>,
  pod: PodName,
  port: number,
  path: string,
  options: PodHttpOptions,
  signal: AbortSignal,
): Promise<UpgradeAnswer> {
  const key = randomBytes(16).toString('base64');
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': key,
  };
  return ask(cluster, pod, port, options, signal, async (connection) => {
    const { statusCode = 0, headers } = await answerOf(request(connection, pod, port, path, options, upgrade));
    // RFC 6455, 4.1: the answer of a server that has just passed the headers on is none.
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    if (statusCode === 101 && headers['sec-websocket-accept'] !== accept) {
      throw new Error('its answer to the upgrade lacks the right Sec-WebSocket-Accept');
    }
    return { status: statusCode };
  });
}

/** Opens the way to the pod, talks, and closes it; puts the time on the answer and a name on every failure. */
async function ask<T extends object>(
  cluster: Pick<Cluster, 'forward'>,
  pod: PodName,
  port: number,
  { timeoutMs }: PodHttpOptions,
  signal: AbortSignal,
  talk: (connection: Duplex) => Promise<T>,
): Promise<T & { readonly elapsedMs: number }> {
  const connection = await cluster.forward(pod, port, signal);
  const startedMs = performance.now();
  const broken = new Promise<never>((_, reject) => {
    connection.on('error', reject);
  });
  const late = setTimeout(() => connection.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  try {
    const answer = await Promise.race([talk(connection), broken]);
    return { ...answer, elapsedMs: Math.round(performance.now() - startedMs) };
  } catch (error) {
    if (signal.aborted) throw interrupted();
    throw new DeployError('refused', `${formatPod(pod)} gives no answer on port ${port}.`, {
      why: whyOf(error),
      transient: true,
      cause: error,
    });
  } finally {
    clearTimeout(late);
    connection.destroy();
  }
}

function whyOf(error: unknown): string {
  if (systemCodeOf(error) === 'ECONNRESET') return 'It closed the connection without an answer.';
  // OpenSSL's messages name lines of its source code; one part is for people.
  const tls = /:SSL routines:[^:]*:([^:]+):/.exec(messageOf(error))?.[1];
  return tls === undefined ? messageOf(error) : `The TLS handshake failed: ${tls}.`;
}

function request(
  connection: Duplex,
  pod: PodName,
  port: number,
  path: string,
  { scheme, headers }: PodHttpOptions,
  more: Readonly<Record<string, string>>,
): http.ClientRequest {
  const stream = scheme === 'https' ? connectTls({ socket: connection, rejectUnauthorized: false }) : connection;
  // The request listens only while it lasts; what the way itself has to say is told by `broken`.
  stream.on('error', () => undefined);
  return http.request({
    createConnection: () => stream,
    path,
    headers: { host: `${pod.name}:${port}`, 'user-agent': 'oms-deploy', connection: 'close', ...more, ...headers },
  });
}

/** The beginning of the answer, be it an upgrade or not. */
function answerOf(sent: http.ClientRequest): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.on('response', resolve);
    sent.on('upgrade', resolve);
    sent.on('error', reject);
    sent.end();
  });
}

async function readBody(response: http.IncomingMessage): Promise<string> {
  const kept: Buffer[] = [];
  let length = 0;
  const chunks: AsyncIterable<Buffer> = response;
  for await (const chunk of chunks) {
    kept.push(chunk);
    length += chunk.length;
    if (length >= maxBodyBytes) break;
  }
  return Buffer.concat(kept).subarray(0, maxBodyBytes).toString('utf8');
}
