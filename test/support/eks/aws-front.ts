import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { at, isObject, type Json, type JsonObject } from '../../../src/model/json.ts';
import { closed, listening } from './authenticator.ts';

/** What stands before moto: it answers for a cluster as EKS would, where moto makes things up. */
export interface AwsFront {
  readonly url: string;
  /** What DescribeCluster answers instead of moto's own fields: the endpoint, the CA, the VPC. */
  readonly cluster: Record<string, Json>;
  /** Answers a request itself; undefined leaves it to moto. The newest is asked first. */
  readonly overrides: ((request: FrontRequest) => FrontAnswer | undefined)[];
  /** What was asked, as `eks GET /clusters/x`, `sts POST / GetCallerIdentity`. */
  readonly asked: string[];
  /** How far the Date of every answer is off, in milliseconds. */
  dateOffsetMs: number;
  close(): Promise<void>;
}

export interface FrontRequest {
  /** `sts`, `eks`, `ecr`: from the credential scope. */
  readonly service: string;
  readonly region: string;
  readonly method: string;
  readonly path: string;
  /** `GetCallerIdentity`: from the body or the X-Amz-Target header. */
  readonly action: string;
  readonly body: string;
}

export interface FrontAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Starts it. */
export async function startAwsFront(motoUrl: string): Promise<AwsFront> {
  const overrides: AwsFront['overrides'] = [];
  const cluster: AwsFront['cluster'] = {};
  const asked: string[] = [];
  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const seen = describe(request, body.toString('utf8'));
    asked.push(`${seen.service} ${seen.method} ${seen.path}${seen.action === '' ? '' : ` ${seen.action}`}`);
    const own = overrides.toReversed().reduce<FrontAnswer | undefined>((found, ask) => found ?? ask(seen), undefined);
    const answer = own ?? (await forward(motoUrl, request, body));
    const isCluster = own === undefined && seen.service === 'eks' && /^\/clusters\/[^/]+$/.test(seen.path);
    const text = isCluster && answer.status === 200 ? withCluster(answer.body, cluster) : answer.body;
    response.sendDate = false;
    response
      .writeHead(answer.status, { ...answer.headers, date: new Date(Date.now() + front.dateOffsetMs).toUTCString() })
      .end(text);
  };
  const url = await listening(server);
  const front: AwsFront = { url, cluster, overrides, asked, dateOffsetMs: 0, close: () => closed(server) };
  return front;
}

function describe(request: IncomingMessage, body: string): FrontRequest {
  const [, region = '', service = ''] =
    /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? '') ?? [];
  const target =
    String(request.headers['x-amz-target'] ?? '')
      .split('.')
      .at(-1) ?? '';
  const action = target === '' ? (/(?:^|&)Action=(\w+)/.exec(body)?.[1] ?? '') : target;
  return { service, region, method: request.method ?? '', path: request.url ?? '', action, body };
}

function forward(motoUrl: string, request: IncomingMessage, body: Buffer): Promise<FrontAnswer> {
  return new Promise((resolve, reject) => {
    const { method, headers, url = '/' } = request;
    const sent = httpRequest(new URL(url, motoUrl), { method, headers }, (answer) => {
      const { statusCode: status = 0, headers: received } = answer;
      const read = async (): Promise<FrontAnswer> => {
        const body = (await buffer(answer)).toString('utf8');
        const type = received['x-amzn-errortype'];
        const headers = { 'content-type': received['content-type'] ?? 'application/json' };
        return { status, body, headers: typeof type === 'string' ? { ...headers, 'x-amzn-errortype': type } : headers };
      };
      read().then(resolve, reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function withCluster(body: string, changes: JsonObject): string {
  const answer: Json = JSON.parse(body);
  const cluster = at(answer, 'cluster');
  if (!isObject(cluster)) return body;
  return JSON.stringify({ cluster: { ...cluster, ...changes } });
}
