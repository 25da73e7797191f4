import type { GetCallerIdentityCommandOutput, STSClient } from '@aws-sdk/client-sts';
import type { Environment } from '../context.ts';
import { interrupted, throwIfInterrupted } from '../errors.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { type AwsFailure, credentialsText, explainAwsError } from './aws-errors.ts';

/** Who calls AWS, and where. */
export interface Caller {
  readonly account: string;
  readonly arn: string;
  readonly region: string;
  /** `aws`, `aws-cn`, `aws-us-gov`, ... */
  readonly partition: string;
  /** The end of the partition's host names, as in ECR's: `amazonaws.com`, `amazonaws.com.cn`. */
  readonly dnsSuffix: string;
}

export interface CallerRequest {
  readonly env: Environment;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  /** The region of Terraform's outputs: for when neither flag, environment nor profile name one. */
  readonly fallbackRegion?: string | undefined;
  /** For the whole call, credentials included. */
  readonly timeoutMs?: number;
}

export interface CallerReading {
  readonly caller?: Caller;
  readonly findings: readonly Finding[];
}

/** The SDK would write to the console by itself, for instance where a profile hides keys in the environment. */
const silentLogger = { debug() {}, info() {}, warn() {}, error() {} };

/** A silent host (a firewall, no IMDS) costs one second, not the kernel's two minutes. */
const connectTimeoutMs = 1_000;
const defaultTimeoutMs = 10_000;

/**
 * Asks STS GetCallerIdentity with the SDK's normal credential chain. The region: `--region`, AWS_REGION, AWS_DEFAULT_REGION,
 * the profile, Terraform's outputs. What goes wrong comes back as a finding `aws/...`; throws only
 * DeployError('interrupted'). The SDK itself reads `process.env` and `~/.aws`.
 */
export async function identifyCaller(request: CallerRequest, signal: AbortSignal): Promise<CallerReading> {
  throwIfInterrupted(signal);
  const { env, timeoutMs = defaultTimeoutMs } = request;
  const profile = nonEmpty(request.profile);
  const failure: AwsFailure = { env, profile };
  const region = await chooseRegion(request);
  if (region === undefined) return { findings: [unknownRegion()] };
  const { STSClient, GetCallerIdentityCommand } = await import('./sts.ts');
  const client = new STSClient({
    region,
    maxAttempts: 2,
    logger: silentLogger,
    requestHandler: { connectionTimeout: connectTimeoutMs, requestTimeout: 5_000, throwOnRequestTimeout: true },
    ...(profile === undefined ? {} : { profile }),
  });
  const limit = AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, limit]);
  try {
    const call = client.send(new GetCallerIdentityCommand({}), { abortSignal: either });
    const identity = await orAborted(call, either);
    return callerFrom(identity, region, failure);
  } catch (error) {
    if (signal.aborted) throw interrupted();
    if (limit.aborted) return { findings: [tooSlow(timeoutMs, failure)] };
    return { findings: [explainAwsError(error, { ...failure, region })] };
  } finally {
    client.destroy();
  }
}

function callerFrom(identity: GetCallerIdentityCommandOutput, region: string, failure: AwsFailure): CallerReading {
  const { Account: account, Arn: arn } = identity;
  const partition = arn?.split(':')[1];
  if (account === undefined || arn === undefined || partition === undefined) {
    const error = new Error('The answer of GetCallerIdentity has no account or no ARN.');
    return { findings: [explainAwsError(error, failure)] };
  }
  return { caller: { account, arn, region, partition, dnsSuffix: dnsSuffixOf(partition) }, findings: [] };
}

/** The partitions' DNS suffixes, as in botocore's partitions.json; the public ones keep `amazonaws.com`. */
function dnsSuffixOf(partition: string): string {
  return dnsSuffixes.get(partition) ?? 'amazonaws.com';
}

const dnsSuffixes: ReadonlyMap<string, string> = new Map([
  ['aws-cn', 'amazonaws.com.cn'],
  ['aws-iso', 'c2s.ic.gov'],
  ['aws-iso-b', 'sc2s.sgov.gov'],
  ['aws-iso-e', 'cloud.adc-e.uk'],
  ['aws-iso-f', 'csp.hci.ic.gov'],
  ['aws-eusc', 'amazonaws.eu'],
]);

async function chooseRegion(request: CallerRequest): Promise<string | undefined> {
  const { region, env, profile, fallbackRegion } = request;
  const given = nonEmpty(region) ?? nonEmpty(env['AWS_REGION']) ?? nonEmpty(env['AWS_DEFAULT_REGION']);
  return given ?? (await regionOfProfile(nonEmpty(profile))) ?? nonEmpty(fallbackRegion);
}

/** The SDK reads the profile's region on its own; a client without a region tells it. */
async function regionOfProfile(profile: string | undefined): Promise<string | undefined> {
  const { STSClient } = await import('./sts.ts');
  const client: STSClient = new STSClient({ logger: silentLogger, ...(profile === undefined ? {} : { profile }) });
  try {
    return nonEmpty(await client.config.region());
  } catch {
    // "Region is missing": the caller has another place to look.
    return undefined;
  } finally {
    client.destroy();
  }
}

/** The SDK's abort doesn't reach a credential helper that hangs. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((settle, reject) => {
    const stop = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    signal.addEventListener('abort', stop, { once: true });
    work.then(settle, reject).finally(() => signal.removeEventListener('abort', stop));
  });
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
    `AWS STS gave no answer within ${timeoutMs / 1000} s with ${credentialsText(failure)}.`,
    'Check the network, VPN and proxy, and the credential_process of the profile if it has one.',
  );
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}
