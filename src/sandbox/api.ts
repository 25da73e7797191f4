import { Agent, request } from 'node:https';
import type { Json } from '../model/json.ts';

/** A small client for the sandbox's own API server: JSON in, JSON out. */
export interface ApiClient {
  /** Sends a request; resolves with any status. Rejects only where there is no answer. */
  call(method: string, path: string, body?: Json): Promise<ApiResponse>;
  close(): void;
}

interface ApiResponse {
  readonly status: number;
  readonly body: Json;
}

/** Connects with a bearer token and the server's self-signed certificate as the CA. */
export function createApiClient(server: string, ca: string, token: string): ApiClient {
  const agent = new Agent({ ca, keepAlive: true, maxSockets: 16 });
  const call = (method: string, path: string, body?: Json): Promise<ApiResponse> =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      const headers = {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(text === '' ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      };
      const sent = request(`${server}${path}`, { agent, method, headers, timeout: 10_000 }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const received = Buffer.concat(chunks).toString('utf8');
          resolve({ status: answer.statusCode ?? 0, body: parse(received) });
        });
      });
      sent.on('error', reject);
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path} was not answered within 10 s`)));
      sent.end(text);
    });
  return {
    call,
    close: () => {
      agent.destroy();
    },
  };
}

function parse(text: string): Json {
  try {
    const json: Json = JSON.parse(text);
    return json;
  } catch {
    // /readyz answers plain text.
    return text;
  }
}
