import { errorFinding, type Finding } from '../model/finding.ts';
import { dnsSuffixOf } from '../model/partitions.ts';
import type { AwsSession } from './session.ts';

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

export interface CallerReading {
  readonly caller?: Caller;
  readonly findings: readonly Finding[];
}

/**
 * Asks STS GetCallerIdentity in the session's region, or in another. What goes wrong comes back as a finding `aws/...`;
 * throws only DeployError('interrupted').
 */
export async function identifyCaller(
  session: AwsSession,
  signal: AbortSignal,
  region?: string,
): Promise<CallerReading> {
  const where = region ?? (await session.region());
  const reading = await session.call(
    {
      service: 'STS',
      action: 'sts:GetCallerIdentity',
      region: where,
      async run(options, abortSignal) {
        const { STSClient, GetCallerIdentityCommand } = await import('./sdk/sts.ts');
        return new STSClient(options).send(new GetCallerIdentityCommand({}), { abortSignal });
      },
    },
    signal,
  );
  if (!reading.ok) return { findings: [reading.finding] };
  const { Account: account, Arn: arn } = reading.value;
  const partition = arn?.split(':')[1];
  if (account === undefined || arn === undefined || partition === undefined) {
    const cause = 'The answer of GetCallerIdentity has no account or no ARN.';
    return { findings: [errorFinding('aws/failed', cause, 'Try: aws sts get-caller-identity')] };
  }
  return { caller: { account, arn, region: where ?? '', partition, dnsSuffix: dnsSuffixOf(partition) }, findings: [] };
}
