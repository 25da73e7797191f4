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
    answerMetrics(url, source).then(
      (body) => {
        response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }));
      },
      (error: unknown) => {
        response.writeHead(500, { 'content-type': 'text/plain' }).end(messageOf(error));
      },
    );
  });
}
