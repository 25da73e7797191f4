import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { TestContext } from 'node:test';
import { parse, stringify } from 'yaml';
import { arrayOf, type Json, objectOf } from '../../src/model/json.ts';
import type { TestSandbox } from './sandbox.ts';

export interface ProxiedRequest {
  /** 1 for the first that has arrived; what is never forwarded is counted, too. */
  readonly number: number;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
}

/** An answer in place of the API server's. */
export interface FaultAnswer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

type Reaction = FaultAnswer | 'cut' | undefined;

export interface ProxyOptions {
  /**
   * Called when a request has arrived whole, before it is forwarded: an answer is given instead, `cut` breaks the
   * client's connection, undefined forwards. It may take its time.
   */
  readonly before?: (request: ProxiedRequest) => Reaction | Promise<Reaction>;
  /**
   * Called when the API server's answer has been read to its end or, for a stream, has begun: what was asked for has
   * happened, the client hasn't heard of it. `drop` breaks its connection, so that it never does.
   */
  readonly answered?: (request: ProxiedRequest) => 'pass' | 'drop';
}

/** A reverse proxy before the API server of a sandbox. WebSockets don't come through. */
export interface ApiProxy {
  /** A kubeconfig that leads through the proxy, with the sandbox's token. */
  readonly kubeconfig: string;
  /** The requests that have been forwarded so far, in the order in which they arrived. */
  requests(): readonly ProxiedRequest[];
  /** Ends all connections, and resolves when the API server has no request of theirs in hand any more. */
  close(): Promise<void>;
}

/**
 * Starts a proxy on plain HTTP, with its kubeconfig in `folder`; it ends with the test. What it has forwarded is seen
 * through even if the client dies meanwhile: a kill between two requests leaves none of them half done.
 */
export async function startApiProxy(
  t: TestContext,
  sandbox: TestSandbox,
  folder: string,
  options: ProxyOptions = {},
): Promise<ApiProxy> {
  // The API server ends idle connections after 90 s: they are given up before, as in sandbox.ts.
  const agent = new Agent({ ca: sandbox.ca, keepAlive: true, timeout: 30_000 });
  const forwarded: ProxiedRequest[] = [];
  let arrived = 0;

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await buffer(incoming).catch(() => undefined);
    if (body === undefined) return;
    arrived += 1;
    const request = { number: arrived, method: incoming.method ?? '', url: incoming.url ?? '' };
    const fault = await options.before?.(request);
    if (fault === 'cut') return;
    if (fault !== undefined) {
      outgoing.writeHead(fault.status, fault.headers).end(fault.body);
      return;
    }
    forwarded.push(request);
    const answer = await forward(agent, sandbox.server, incoming, body).catch(() => undefined);
    if (answer === undefined) return;
    const whole = isStream(request.url) ? answer : await buffer(answer).catch(() => undefined);
    if (whole === undefined) return;
    if (options.answered?.(request) === 'drop') {
      answer.destroy();
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, endToEnd(answer.rawHeaders));
    if (whole instanceof Buffer) {
      outgoing.end(whole);
      return;
    }
    outgoing.flushHeaders();
    // Either side may end a stream at any time; the other one's is ended with it.
    await pipeline(whole, outgoing).catch(() => undefined);
  };

  const underway = new Set<Promise<void>>();
  const server = createServer((incoming, outgoing) => {
    const served = serve(incoming, outgoing).finally(() => {
      underway.delete(served);
      // Whatever has got no answer (an error of the API server's connection, one that a test's function throws) is cut.
      if (!outgoing.writableEnded) incoming.socket.destroy();
    });
    underway.add(served);
  });
  // By default Node ends connections that are idle for 5 s: a request could meet that end, and would come twice.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await Promise.allSettled(underway);
    agent.destroy();
  };
  t.after(close);

  const { port } = server.address() as AddressInfo;
  const kubeconfig = join(folder, `kubeconfig-${port}`);
  const text = await readFile(sandbox.kubeconfig, 'utf8');
  await writeFile(kubeconfig, leadThrough(text, `http://127.0.0.1:${port}`), { mode: 0o600 });
  return { kubeconfig, requests: () => [...forwarded], close };
}

/** Sends the request on; resolves when the answer begins. */
function forward(agent: Agent, server: string, incoming: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
  const { method, url = '' } = incoming;
  const kept = Object.entries(incoming.headers).filter(([name]) => name !== 'host' && !hopByHop.has(name));
  // A body that came in chunks has no length yet.
  const length = body.length > 0 ? { 'content-length': body.length } : {};
  const headers = { ...Object.fromEntries(kept), ...length };
  return new Promise((resolve, reject) => {
    httpsRequest(`${server}${url}`, { agent, method, headers }, resolve).on('error', reject).end(body);
  });
}

/** Answers that have no end of their own: watches, and logs that are followed. */
function isStream(url: string): boolean {
  const { searchParams } = new URL(url, 'http://proxy');
  return ['watch', 'follow'].some((name) => searchParams.get(name) === 'true');
}

/** Headers that are about one connection: each side has its own. */
const hopByHop: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** Names and values in turn, as Node has them: warnings come more than once. */
function endToEnd(rawHeaders: readonly string[]): string[] {
  const nameOf = (index: number): string => rawHeaders[index - (index % 2)] ?? '';
  return rawHeaders.filter((_, index) => !hopByHop.has(nameOf(index).toLowerCase()));
}

/** The kubeconfig with this server in it; plain HTTP is taken only from those who say that they do without TLS. */
function leadThrough(kubeconfig: string, server: string): string {
  const config = objectOf(parse(kubeconfig) as Json);
  const clusters = arrayOf(config['clusters']).map((one) => ({
    ...objectOf(one),
    cluster: { server, 'insecure-skip-tls-verify': true },
  }));
  return stringify({ ...config, clusters });
}
