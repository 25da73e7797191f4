import { createServer, type Server } from 'node:https';
import { messageOf } from '../errors.ts';
import type { ApiClient } from './api.ts';
import type { Controls } from './controls.ts';
import { answerMetrics } from './metrics-api.ts';

/** The metrics API alone, for a sandbox whose kubelet is a real one. */
export function createMetricsServer(parts: {
  readonly api: ApiClient;
  readonly controls: Controls;
  readonly tls: { readonly cert: string; readonly key: string };
}): Server {
  return createServer(parts.tls, (request, response) => {
    const url = new URL(request.url ?? '/', 'https://127.0.0.1');
    answerMetrics(url, parts.api, parts.controls).then(
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
