import { createHash, createHmac } from 'node:crypto';
import type { AwsCredentialIdentity } from '@smithy/types';
import type { AwsReading, AwsSession } from './session.ts';

/** A bearer token for an EKS cluster. */
export interface EksToken {
  readonly token: string;
  /** When the server stops to accept it, milliseconds (our clock). */
  readonly expiresAtMs: number;
}

/** What a token is made of: pure, so that the same things make the same token. */
export interface TokenParts {
  /** The cluster's name: the token is of no use for another one. */
  readonly cluster: string;
  readonly region: string;
  /** The regional STS host. */
  readonly host: string;
  readonly credentials: Pick<AwsCredentialIdentity, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>;
  /** Of the signature, milliseconds (AWS's clock). */
  readonly atMs: number;
}

/** The server accepts a token for so long after its date, whatever X-Amz-Expires says (aws-iam-authenticator). */
const lifetimeMs = 15 * 60_000;
/** A token is replaced so long before its end: a request may still be under way. */
const marginMs = 60_000;
const prefix = 'k8s-aws-v1.';
/** All that aws-iam-authenticator lets through, in the order of the aws CLI: the same token, letter by letter. */
const parameterNames: readonly string[] = [
  ...['Action', 'Version', 'X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Expires'],
  ...['X-Amz-SignedHeaders', 'X-Amz-Security-Token', 'X-Amz-Signature'],
];

/**
 * Makes a token as `aws eks get-token` does: a presigned GetCallerIdentity with just the headers host and x-k8s-aws-id
 * signed, and just the query keys that aws-iam-authenticator lets through.
 */
export async function mintToken({ cluster, region, host, credentials, atMs }: TokenParts): Promise<string> {
  const { SignatureV4 } = await import('./sdk/sign.ts');
  const signer = new SignatureV4({ service: 'sts', region, credentials, sha256: Sha256 });
  const { query = {} } = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: host,
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host, 'x-k8s-aws-id': cluster },
    },
    // Left in the headers: the server puts the name of its own cluster there, and the signature fits or not.
    { expiresIn: 60, signingDate: new Date(atMs), unhoistableHeaders: new Set(['x-k8s-aws-id']) },
  );
  const parameters = parameterNames
    .filter((name) => query[name] !== undefined)
    .map((name) => `${name}=${encodeURIComponent(String(query[name]))}`)
    .join('&');
  return prefix + Buffer.from(`https://${host}/?${parameters}`).toString('base64url');
}

/** What SignatureV4 asks of a hash. */
class Sha256 {
  readonly #hash;
  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(key));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }
  reset(): void {
    throw new Error('a hash is used once');
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/**
 * A new token for a cluster from the session's credentials. It ends with them, where they end first
 * (aws-iam-authenticator#401). `isRefused`: the last one was, so that other credentials are asked for.
 *
 * @throws what the credential chain throws.
 */
export async function createToken(
  session: AwsSession,
  cluster: string,
  region: string,
  isRefused = false,
): Promise<EksToken> {
  const provider = await session.credentials();
  const [credentials, host] = await Promise.all([provider({ forceRefresh: isRefused }), stsHost(region)]);
  // A clock that is wrong makes wrong dates: signed is by that of AWS, once it is known.
  const token = await mintToken({ cluster, region, host, credentials, atMs: session.clock.now() });
  const endsAtMs = Date.now() + lifetimeMs;
  return { token, expiresAtMs: Math.min(endsAtMs, credentials.expiration?.getTime() ?? endsAtMs) };
}

/** The same with what can go wrong explained: credentials that have ended, a helper that hangs. */
export function askToken(
  session: AwsSession,
  cluster: string,
  region: string,
  signal: AbortSignal,
  isRefused = false,
): Promise<AwsReading<EksToken>> {
  const run = (): Promise<EksToken> => createToken(session, cluster, region, isRefused);
  return session.call({ service: 'STS', action: 'sts:GetCallerIdentity', region, run }, signal);
}

/** When a token is to be replaced: a minute before its end, at the latest after 14 minutes. */
export function renewAt({ expiresAtMs }: EksToken): number {
  return expiresAtMs - marginMs;
}

/** The regional STS host by the SDK's rules for partitions. An endpoint of our own (AWS_ENDPOINT_URL) is not what EKS asks. */
async function stsHost(region: string): Promise<string> {
  const { STSClient } = await import('./sdk/sts.ts');
  const { config } = new STSClient({ region });
  const { url } = config.endpointProvider({
    Region: region,
    UseFIPS: await config.useFipsEndpoint(),
    UseDualStack: false,
    UseGlobalEndpoint: false,
  });
  return url.hostname;
}
