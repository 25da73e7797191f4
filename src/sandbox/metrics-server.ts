import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { messageOf } from '../errors.ts';
import { answerMetrics, type MetricsSource } from './metrics-api.ts';

/** The metrics API alone, for a sandbox whose kubelet is a real one. */
export function createMetricsServer(
  source: MetricsSource,
  tls: { readonly cert: string; readonly key: string },
): Server {
  return createServer(tls, (request, response) => {
    const url = new URL(request.url ?? '/', 'https://127.0.0.1');
    respondWithMetrics(url, source, response).catch((error: unknown) => refuse(response, error));
  });
}

/** What is answered where the answer itself has failed. */
export function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { 'content-type': 'text/plain' }).end(messageOf(error));
}

/** Answers one request for the metrics API. */
export async function respondWithMetrics(url: URL, source: MetricsSource, response: ServerResponse): Promise<void> {
  const body = await answerMetrics(url, source);
  response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }));
}
