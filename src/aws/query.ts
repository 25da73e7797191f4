import { text } from 'node:stream/consumers';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import type { HttpRequest } from '@smithy/types';
import { nonEmpty } from '../model/text.ts';
import type { AwsReading, AwsSession, ClientOptions } from './session.ts';
import { Sha256 } from './sha256.ts';

/** One call of an API with AWS's Query protocol: a form is sent, XML comes back. */
export interface QueryCall {
  /** As messages name it: `ElastiCache`. */
  readonly service: string;
  /** As hosts, signatures and IAM name it: `elasticache`. */
  readonly id: string;
  readonly version: string;
  /** `DescribeReplicationGroups`. */
  readonly action: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Another region than the session's. */
  readonly region?: string | undefined;
  /** The end of the partition's host names: `amazonaws.com`. */
  readonly dnsSuffix: string;
}

/**
 * Calls it, and gives the XML. For a single read a client of the SDK, with all actions of its API, would be a heavy package.
 */
export function askQueryApi(session: AwsSession, call: QueryCall, signal: AbortSignal): Promise<AwsReading<string>> {
  const { service, id, action, region } = call;
  return session.call(
    { service, action: `${id}:${action}`, region, run: (options, either) => send(session, call, options, either) },
    signal,
  );
}

async function send(
  { settings: { env }, clock }: AwsSession,
  { id, version, action, parameters, dnsSuffix }: QueryCall,
  { region, credentials, requestHandler }: ClientOptions,
  abortSignal: AbortSignal,
): Promise<string> {
  const { SignatureV4 } = await import('./sdk/sign.ts');
  const own = nonEmpty(env[`AWS_ENDPOINT_URL_${id.toUpperCase()}`]) ?? nonEmpty(env['AWS_ENDPOINT_URL']);
  const { protocol, hostname, port, host } = new URL(own ?? `https://${id}.${region}.${dnsSuffix}`);
  const signer = new SignatureV4({ service: id, region, credentials, sha256: Sha256 });
  const request = await signer.sign(
    {
      method: 'POST',
      protocol,
      hostname,
      ...(port === '' ? {} : { port: Number(port) }),
      path: '/',
      query: {},
      headers: { host, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: new URLSearchParams({ Action: action, Version: version, ...parameters }).toString(),
    },
    { signingDate: new Date(clock.now()) },
  );
  const { response } = await requestHandler.handle(sendable(request), { abortSignal });
  const answer = await text(response.body);
  if (response.statusCode !== 200) throw failureIn(answer, response.statusCode);
  return answer;
}

type Sendable = Parameters<NodeHttpHandler['handle']>[0];

/** The handler takes a class of the SDK, of which it uses the fields alone. */
function sendable(request: HttpRequest): Sendable {
  return { ...request, query: request.query ?? {}, clone: () => sendable(request) };
}

/** The error as a client of the SDK would throw it: its name is AWS's code. */
function failureIn(xml: string, status: number): Error {
  const error = new Error(elementIn(xml, 'Message') ?? `HTTP ${status}`);
  error.name = elementIn(xml, 'Code') ?? 'UnknownError';
  return error;
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The text of the first element of this name that holds only text. */
export function elementIn(xml: string, name: string): string | undefined {
  const [, found] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? [];
  return found?.replaceAll(/&(amp|lt|gt|quot|apos);/g, (_, entity: string) => entities[entity] ?? '');
}
