import type { Environment } from '../context.ts';
import { messageOf, systemCodeOf } from '../errors.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { nonEmpty } from '../model/text.ts';

/** What a failed call is explained with. */
export interface AwsFailure {
  readonly env: Environment;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  /** As messages name it: `EKS`. */
  readonly service: string;
  /** As IAM names it: `eks:DescribeCluster`. */
  readonly action: string;
}

interface Rule {
  readonly id: string;
  /** Tested against `<name> <code> <message>` of the error and of what caused it. */
  readonly pattern: RegExp;
  readonly when?: (failure: AwsFailure) => boolean;
  /** `said` is what AWS, or the SDK, said. */
  readonly cause: (failure: AwsFailure, said: string) => string;
  readonly fix: (failure: AwsFailure, said: string) => string;
}

/** What AWS and its SDK say when a call fails, the most special first (aws-cli#7361 for SSO). */
const rules: readonly Rule[] = [
  {
    id: 'aws/sso-expired',
    pattern: /sso session|sso login|sso token|token is expired. to refresh/i,
    cause: ({ profile, env }) => `The AWS SSO session of ${profileText(profile, env)} has expired, or never began.`,
    fix: ({ profile, env }) => `Run: aws sso login${profileFlag(profile, env)}`,
  },
  {
    id: 'aws/no-profile',
    // The SDK tries the rest of the chain behind a profile that isn't there, and then speaks of "any providers".
    pattern: /profile .*could not be found|could not (resolve|load|find) (credentials|profile)/i,
    when: ({ profile, env }) => (profile ?? env['AWS_PROFILE'] ?? '') !== '',
    cause: ({ profile, env }) => `AWS's configuration files have no credentials for ${profileText(profile, env)}.`,
    fix: () => 'Correct --profile or AWS_PROFILE; `aws configure list-profiles` shows the names.',
  },
  {
    id: 'aws/clock-skew',
    pattern: /requesttimetooskewed|signature (expired|not yet current)/i,
    cause: () => "This machine's clock differs too much from that of AWS.",
    fix: () => 'Set the clock (NTP), then run the command again.',
  },
  {
    id: 'aws/signing-region',
    pattern: /scoped to a valid region|authorizationheadermalformed/i,
    cause: ({ service, region, env }) =>
      `The signature is for ${region ?? 'another region'}, but AWS ${service} was asked at a host of another region${endpointText(env)}.`,
    fix: () =>
      "Make --region and the endpoint agree: look at AWS_REGION, AWS_ENDPOINT_URL and the profile's endpoint_url.",
  },
  {
    id: 'aws/expired-credentials',
    pattern: /expiredtoken|requestexpired|security token .*expired/i,
    cause: (failure) => `The AWS credentials from ${credentialsText(failure)} have expired.`,
    fix: () => 'Get new ones (log in again, or restart the CI job), then run the command again.',
  },
  {
    id: 'aws/invalid-credentials',
    pattern:
      /invalidclienttokenid|unrecognizedclient|invalidaccesskeyid|signaturedoesnotmatch|incompletesignature|security token .*invalid/i,
    cause: (failure) => `AWS doesn't accept the credentials from ${credentialsText(failure)}.`,
    fix: () =>
      'Check that key, secret and session token belong together, are active, and are for this partition (aws, aws-cn, aws-us-gov) and region.',
  },
  {
    id: 'aws/kms',
    // The words of Secrets Manager, then those of Parameter Store.
    pattern:
      /access to kms is not allowed|decryptionfailure|ciphertext refers to a customer master key|invalidkeyid|kms\w*(invalidstate|disabled)/i,
    cause: (failure) =>
      `AWS ${failure.service} can't decrypt this: its KMS key is disabled, gone, or not for the identity of ${credentialsText(failure)}.`,
    fix: () =>
      "Allow kms:Decrypt on the key to this identity, in the key's policy too, and see that the key is enabled.",
  },
  {
    id: 'aws/denied',
    pattern: /accessdenied|access denied|not authorized/i,
    cause: deniedCause,
    fix: (failure, said) =>
      `Allow ${deniedAction(failure, said)} to this identity (the README lists the rights), or use another one: --profile.`,
  },
  {
    id: 'aws/no-credentials',
    pattern: /could not load credentials|credentialsprovidererror|resolved credential object is not valid/i,
    cause: () => 'There are no AWS credentials.',
    fix: () =>
      'Log in (aws sso login, aws configure), name a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; in CI assume a role by OIDC.',
  },
  {
    id: 'aws/unreachable',
    pattern:
      /enotfound|eai_again|etimedout|econnrefused|econnreset|ehostunreach|enetunreach|epipe|timeouterror|certificate|socket hang up/i,
    cause: ({ service, region, env }) =>
      `AWS ${service}${region === undefined ? '' : ` in ${region}`} can't be reached${endpointText(env)}.`,
    fix: ({ env }) =>
      `Check the network, VPN and proxy, and ${endpointText(env) === '' ? 'the spelling of the region' : 'that address'}.`,
  },
];

/** The finding for a call of AWS that failed. */
export function explainAwsError(error: unknown, failure: AwsFailure): Finding {
  const evidence = [firstLine(messageOf(error))].filter((line) => line !== '');
  const text = describeChain(error);
  const rule = rules.find(({ pattern, when }) => pattern.test(text) && when?.(failure) !== false);
  if (rule !== undefined)
    return errorFinding(rule.id, rule.cause(failure, text), rule.fix(failure, text), { evidence });
  const cause = `${failure.action} failed with ${credentialsText(failure)}.`;
  const fix = `Try the same with the aws CLI: aws ${commandOf(failure.action)}`;
  return errorFinding('aws/failed', cause, fix, { evidence });
}

/** `User: arn:aws:sts::1:assumed-role/ci/run is not authorized to perform: eks:DescribeCluster on resource: arn:...` */
function deniedCause(failure: AwsFailure, said: string): string {
  const [, arn] = /User: (arn:\S+)/.exec(said) ?? [];
  const [, resource] = /on resource: (arn:\S+?)[.,]?(?:\s|$)/.exec(said) ?? [];
  const who = arn ?? `The identity of ${credentialsText(failure)}`;
  return `${who} may not call ${deniedAction(failure, said)}${resource === undefined ? '' : ` on ${resource}`}.`;
}

/** Not always the one that was called: reading an encrypted secret needs kms:Decrypt. */
function deniedAction({ action }: AwsFailure, said: string): string {
  return /perform: ([a-z0-9-]+:[A-Za-z0-9]+)/.exec(said)?.[1] ?? action;
}

/** `eks:DescribeCluster` -> `eks describe-cluster`. */
function commandOf(action: string): string {
  const [service = '', name = ''] = action.split(':');
  return `${service} ${name.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase()}`;
}

/** Where the SDK's credential chain finds credentials first, in words. */
export function credentialsText({ env, profile }: Pick<AwsFailure, 'env' | 'profile'>): string {
  if (profile !== undefined) return `--profile ${profile}`;
  if (env['AWS_PROFILE'] !== undefined && env['AWS_PROFILE'] !== '') return `AWS_PROFILE=${env['AWS_PROFILE']}`;
  if (env['AWS_ACCESS_KEY_ID'] !== undefined) return 'AWS_ACCESS_KEY_ID of the environment';
  if (env['AWS_WEB_IDENTITY_TOKEN_FILE'] !== undefined) return 'AWS_WEB_IDENTITY_TOKEN_FILE of the environment';
  if (env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] !== undefined) return "the container's credentials";
  return 'the default profile or the instance';
}

function profileText(profile: string | undefined, env: Environment): string {
  const name = profile ?? env['AWS_PROFILE'];
  return name === undefined || name === '' ? 'the default profile' : `profile ${name}`;
}

function profileFlag(profile: string | undefined, env: Environment): string {
  const name = profile ?? env['AWS_PROFILE'];
  return name === undefined || name === '' ? '' : ` --profile ${name}`;
}

function endpointText(env: Environment): string {
  const endpoint = nonEmpty(env['AWS_ENDPOINT_URL_STS']) ?? nonEmpty(env['AWS_ENDPOINT_URL']);
  return endpoint === undefined ? '' : ` at ${endpoint} (AWS_ENDPOINT_URL)`;
}

/** The SDK wraps: the reason can be in `cause`, in `errors` of an AggregateError, or in `code` alone. */
function describeChain(error: unknown, depth = 0): string {
  if (!(error instanceof Error) || depth > 5) return String(error);
  const inner = 'errors' in error && Array.isArray(error.errors) ? (error.errors as readonly unknown[]) : [];
  const parts = [...(error.cause === undefined ? [] : [error.cause]), ...inner];
  return [
    error.name,
    systemCodeOf(error) ?? '',
    error.message,
    ...parts.map((part) => describeChain(part, depth + 1)),
  ].join(' ');
}

function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n');
  return line.length > 300 ? `${line.slice(0, 300)}...` : line;
}
