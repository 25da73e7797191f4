import type { NodeHttpHandler } from '@smithy/node-http-handler';
import type { AwsCredentialIdentityProvider, Logger } from '@smithy/types';
import type { Environment } from '../context.ts';
import { interrupted, throwIfInterrupted } from '../errors.ts';
import { orAborted } from '../model/abort.ts';
import { type Clock, createClock } from '../model/clock.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { proxyFor } from '../model/proxy.ts';
import { nonEmpty } from '../model/text.ts';
import { type AwsFailure, credentialsText, explainAwsError } from './errors.ts';
import type { defaultProvider } from './sdk/credentials.ts';

/** How AWS is called in a run. */
export interface AwsSettings {
  readonly env: Environment;
  /** `--region`. */
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** The region for when neither flag, environment nor profile name one. */
  readonly fallbackRegion?: (() => Promise<string | undefined>) | undefined;
  /** For one call, credentials included. */
  readonly timeoutMs?: number | undefined;
}

/** The SDK's chain; `forceRefresh` asks again for credentials that are still good. */
export type CredentialChain = ReturnType<typeof defaultProvider>;

/** What a client of the SDK is made with. */
export interface ClientOptions {
  readonly region: string;
  readonly credentials: AwsCredentialIdentityProvider;
  readonly maxAttempts: number;
  readonly logger: Logger;
  readonly requestHandler: NodeHttpHandler;
}

/** One call of one action. */
export interface AwsCall<T> {
  /** As messages name it: `EKS`. */
  readonly service: string;
  /** As IAM names it: `eks:DescribeCluster`. */
  readonly action: string;
  /** Another region than the session's: that of an ARN. */
  readonly region?: string | undefined;
  run(options: ClientOptions, signal: AbortSignal): Promise<T>;
}

/** What a call gave, or why it failed; `error` is what the SDK threw, for who knows better what it means. */
export type AwsReading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly finding: Finding; readonly error?: unknown };

/** AWS as one run sees it: one set of credentials, one region, one clock. Nothing is asked before the first call. */
export interface AwsSession {
  readonly settings: AwsSettings;
  /** AWS's time, as far as its answers tell. */
  readonly clock: Clock;
  /** `--region`, AWS_REGION, AWS_DEFAULT_REGION, the profile, the fallback; undefined where none of them names one. */
  region(): Promise<string | undefined>;
  /** The SDK's normal credential chain; it caches, and renews in time. */
  credentials(): Promise<CredentialChain>;
  /** Throws only DeployError('interrupted'). */
  call<T>(call: AwsCall<T>, signal: AbortSignal): Promise<AwsReading<T>>;
}

/** The SDK would write to the console by itself, for instance where a profile hides keys in the environment. */
const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A silent host (a firewall, no IMDS) costs one second, not the kernel's two minutes. */
const connectTimeoutMs = 1_000;
const requestTimeoutMs = 5_000;
const defaultTimeoutMs = 8_000;

/** Prepares a session. The SDK itself reads `process.env` and `~/.aws`. */
export function createAwsSession(settings: AwsSettings): AwsSession {
  const { env, timeoutMs = defaultTimeoutMs } = settings;
  const profile = nonEmpty(settings.profile);
  const clock = createClock();
  const handler = once(() => createHandler(clock));
  const credentials = once(() => chainOf(profile));
  const region = once(() => chooseRegion(settings));

  return {
    settings,
    clock,
    region,
    credentials,
    async call(call, signal) {
      throwIfInterrupted(signal);
      const where = call.region ?? (await region());
      if (where === undefined) return { ok: false, finding: unknownRegion() };
      const failure: AwsFailure = { env, profile, region: where, service: call.service, action: call.action };
      const limit = AbortSignal.timeout(timeoutMs);
      const either = AbortSignal.any([signal, limit]);
      try {
        const options = {
          region: where,
          credentials: await credentials(),
          maxAttempts: 2,
          logger: silentLogger,
          requestHandler: await handler(),
        };
        // The SDK's abort doesn't reach a credential helper that hangs.
        return { ok: true, value: await orAborted(call.run(options, either), either) };
      } catch (error) {
        if (signal.aborted) throw interrupted();
        if (limit.aborted) return { ok: false, finding: tooSlow(timeoutMs, failure) };
        return { ok: false, finding: explainAwsError(error, failure), error };
      }
    },
  };
}

/** Connections that all clients of a session share; what AWS says of the time is heard here. */
async function createHandler(clock: Clock): Promise<NodeHttpHandler> {
  const { NodeHttpHandler: Base } = await import('@smithy/node-http-handler');
  const limits = {
    connectionTimeout: connectTimeoutMs,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
  };
  // The SDK knows nothing of HTTPS_PROXY. Which hosts go through it, NO_PROXY says.
  const proxied = once(async (proxy: string) => {
    const { HttpsProxyAgent } = await import('hpagent');
    return new Base({ ...limits, httpsAgent: new HttpsProxyAgent({ keepAlive: true, maxSockets: 50, proxy }) });
  });
  class ListeningHandler extends Base {
    override async handle(...request: Parameters<NodeHttpHandler['handle']>): ReturnType<NodeHttpHandler['handle']> {
      const [{ protocol, hostname }] = request;
      const sentMs = Date.now();
      const proxy = protocol === 'https:' ? proxyFor(new URL(`https://${hostname}`)) : undefined;
      const answer = await (proxy === undefined ? super.handle(...request) : (await proxied(proxy)).handle(...request));
      clock.observe(answer.response.headers['date'], sentMs, Date.now());
      return answer;
    }
  }
  return new ListeningHandler(limits);
}

/** The chain of the SDK's clients, made once for all of them: a role is assumed, and an SSO session read, once. */
async function chainOf(profile: string | undefined): Promise<CredentialChain> {
  const { defaultProvider } = await import('./sdk/credentials.ts');
  return defaultProvider({ logger: silentLogger, ...(profile === undefined ? {} : { profile }) });
}

async function chooseRegion(settings: AwsSettings): Promise<string | undefined> {
  const { region, env, profile, fallbackRegion } = settings;
  const given = nonEmpty(region) ?? nonEmpty(env['AWS_REGION']) ?? nonEmpty(env['AWS_DEFAULT_REGION']);
  return given ?? (await regionOfProfile(nonEmpty(profile))) ?? nonEmpty(await fallbackRegion?.());
}

/** The SDK reads the profile's region on its own; a client without a region tells it. */
async function regionOfProfile(profile: string | undefined): Promise<string | undefined> {
  const { STSClient } = await import('./sdk/sts.ts');
  const client = new STSClient({ logger: silentLogger, ...(profile === undefined ? {} : { profile }) });
  try {
    return nonEmpty(await client.config.region());
  } catch {
    // "Region is missing": the caller has another place to look.
    return undefined;
  } finally {
    client.destroy();
  }
}

function once<T, A extends readonly unknown[]>(make: (...args: A) => Promise<T>): (...args: A) => Promise<T> {
  let made: Promise<T> | undefined;
  return (...args) => (made ??= make(...args));
}

function unknownRegion(): Finding {
  return errorFinding(
    'aws/no-region',
    "The AWS region isn't known: no flag, variable, profile or Terraform output names one.",
    'Pass --region, or set AWS_REGION.',
  );
}

function tooSlow(timeoutMs: number, failure: AwsFailure): Finding {
  return errorFinding(
    'aws/timeout',
    `AWS ${failure.service} gave no answer within ${timeoutMs / 1000} s with ${credentialsText(failure)}.`,
    'Check the network, VPN and proxy, and the credential_process of the profile if it has one.',
  );
}
