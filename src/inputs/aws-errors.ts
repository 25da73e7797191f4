import type { Environment } from '../context.ts';
import { messageOf, systemCodeOf } from '../errors.ts';
import { errorFinding, type Finding } from '../model/finding.ts';

/** What a failed call is explained with. */
export interface AwsFailure {
  readonly env: Environment;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
}

interface Rule {
  readonly id: string;
  /** Tested against `<name> <code> <message>` of the error and of what caused it. */
  readonly pattern: RegExp;
  readonly when?: (failure: AwsFailure) => boolean;
  readonly cause: (failure: AwsFailure) => string;
  readonly fix: (failure: AwsFailure) => string;
}

/** The table of facts/eks.md section 1 for GetCallerIdentity, the most special first (aws-cli#7361 for SSO). */
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
    id: 'aws/denied',
    pattern: /accessdenied|access denied|not authorized/i,
    cause: (failure) => `AWS denied access to the identity of ${credentialsText(failure)}.`,
    fix: () =>
      'Check the role to assume, its trust policy, and the policies of the organisation; the message above names the action.',
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
    cause: ({ region, env }) =>
      `AWS STS${region === undefined ? '' : ` in ${region}`} can't be reached${endpointText(env)}.`,
    fix: ({ env }) =>
      `Check the network, VPN and proxy${endpointText(env) === '' ? ', and the spelling of the region' : ' and that address'}.`,
  },
];

/** The finding for a call of AWS that failed. */
export function explainAwsError(error: unknown, failure: AwsFailure): Finding {
  const evidence = [firstLine(messageOf(error))].filter((line) => line !== '');
  const text = describeChain(error);
  const rule = rules.find(({ pattern, when }) => pattern.test(text) && when?.(failure) !== false);
  if (rule !== undefined) return errorFinding(rule.id, rule.cause(failure), rule.fix(failure), { evidence });
  const cause = `AWS could not say who ${credentialsText(failure)} is.`;
  return errorFinding('aws/failed', cause, 'Try: aws sts get-caller-identity', { evidence });
}

/** Where the SDK's credential chain finds credentials first, in words. */
export function credentialsText({ env, profile }: AwsFailure): string {
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
  const endpoint = env['AWS_ENDPOINT_URL_STS'] ?? env['AWS_ENDPOINT_URL'];
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
