import { createHash, createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { at, type Json, stringOf } from '../../../src/model/json.ts';

/** What the authenticator of one cluster knows. It changes while a test runs. */
export interface AuthenticatorSettings {
  /** The cluster's name, which a token must be made for. */
  cluster: string;
  /** Where STS answers: moto. */
  stsUrl: string;
  /** The secret keys by access key: moto doesn't verify signatures, so that is done here. */
  readonly secretKeys: Record<string, string>;
  /** The Kubernetes groups of an ARN; an ARN without an entry is unknown to the cluster. */
  groups: Record<string, readonly string[]>;
  /** How long a token is good after its date: 15 minutes, as aws-iam-authenticator has it. */
  lifetimeMs: number;
}

export interface Authenticator {
  readonly url: string;
  readonly settings: AuthenticatorSettings;
  /** The tokens that were asked about, in their order. */
  readonly tokens: readonly string[];
  /** Why tokens were refused, in their order. */
  readonly refusals: readonly string[];
  close(): Promise<void>;
}

const parameters = ['Action', 'Version', 'X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Expires'];
const allowed = new Set(
  [...parameters, 'X-Amz-Security-Token', 'X-Amz-Signature', 'X-Amz-SignedHeaders'].map((name) => name.toLowerCase()),
);

/**
 * A TokenReview webhook that judges tokens as aws-iam-authenticator does on the server's side: it checks the presigned URL,
 * recomputes its signature with the name of its own cluster, replays it against STS, and maps the ARN.
 */
export async function startAuthenticator(settings: AuthenticatorSettings): Promise<Authenticator> {
  const tokens: string[] = [];
  const refusals: string[] = [];
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const review: Json = JSON.parse(await text(request));
      const token = stringOf(at(review, 'spec', 'token')) ?? '';
      tokens.push(token);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ ...(review as object), status: await statusOf(token, settings, refusals) }));
    };
    answer().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  const url = await listening(server);
  return { url, settings, tokens, refusals, close: () => closed(server) };
}

/** Resolves once the server listens on a port of its own choice on 127.0.0.1. */
export async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

export async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
}

async function statusOf(token: string, settings: AuthenticatorSettings, refusals: string[]): Promise<Json> {
  try {
    const arn = await identify(token, settings);
    const groups = settings.groups[arn];
    if (groups === undefined) throw new Error(`ARN is not mapped: ${arn}`);
    return { authenticated: true, user: { username: arn, groups: [...groups] } };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    refusals.push(why);
    return { authenticated: false, error: why };
  }
}

async function identify(token: string, settings: AuthenticatorSettings): Promise<string> {
  if (token.length > 4096) throw new Error('token is too large');
  if (!token.startsWith('k8s-aws-v1.')) throw new Error('token is missing the prefix');
  const url = new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString('utf8'));
  if (url.protocol !== 'https:' || url.pathname !== '/') throw new Error('unexpected scheme or path in pre-signed URL');
  if (!/^sts(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$/.test(url.host)) throw new Error(`unexpected host ${url.host}`);
  for (const name of url.searchParams.keys()) {
    if (!allowed.has(name.toLowerCase())) throw new Error(`non-whitelisted query parameter ${name}`);
    if (url.searchParams.getAll(name).length !== 1) throw new Error(`query parameter with multiple values ${name}`);
  }
  const value = (name: string): string => url.searchParams.get(name) ?? '';
  if (value('Action') !== 'GetCallerIdentity') throw new Error('unexpected action parameter in pre-signed URL');
  if (!value('X-Amz-SignedHeaders').split(';').includes('x-k8s-aws-id')) throw new Error('x-k8s-aws-id is not signed');
  if (Number(value('X-Amz-Expires')) > 900) throw new Error('invalid X-Amz-Expires parameter');
  const age = Date.now() - dateOf(value('X-Amz-Date'));
  if (age > settings.lifetimeMs || age < -300_000) throw new Error(`X-Amz-Date parameter is expired (${age} ms)`);
  const [accessKey = '', ...scope] = value('X-Amz-Credential').split('/');
  const secretKey = settings.secretKeys[accessKey];
  if (secretKey === undefined) throw new Error('InvalidClientTokenId');
  if (signatureOf(url, settings.cluster, secretKey, scope) !== value('X-Amz-Signature')) {
    throw new Error('SignatureDoesNotMatch');
  }
  return askSts(url, settings);
}

/** moto takes a presigned URL for one of S3: with such a header it answers as STS. */
async function askSts(url: URL, { stsUrl }: AuthenticatorSettings): Promise<string> {
  const credential = url.searchParams.get('X-Amz-Credential') ?? '';
  const session = url.searchParams.get('X-Amz-Security-Token');
  const answer = await fetch(`${stsUrl}/${url.search}`, {
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`,
      ...(session === null ? {} : { 'x-amz-security-token': session }),
    },
  });
  const body = await answer.text();
  const arn = /<Arn>([^<]+)<\/Arn>/.exec(body)?.[1];
  if (arn === undefined) throw new Error(`STS answered ${answer.status}: ${body.slice(0, 200)}`);
  return arn;
}

/** `20261126T120000Z`. */
function dateOf(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

/** AWS Signature Version 4 of a query, from the URL alone: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html */
function signatureOf(url: URL, cluster: string, secretKey: string, scope: readonly string[]): string {
  const encode = (value: string): string =>
    encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const canonical = [
    ...['GET', '/', query, `host:${url.host}`, `x-k8s-aws-id:${cluster}`, ''],
    ...['host;x-k8s-aws-id', sha256('')],
  ].join('\n');
  const date = url.searchParams.get('X-Amz-Date') ?? '';
  const toSign = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n');
  const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretKey}`);
  return hmac(key, toSign).toString('hex');
}

function sha256(data: string): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
