import { errorFinding, type Finding } from '../model/finding.ts';
import { didYouMean } from '../model/suggest.ts';
import type { CallerReading } from './caller.ts';
import { credentialsText } from './errors.ts';
import type { AwsSession } from './session.ts';

/** What DescribeCluster says of a cluster, as far as we use it. Fields that it leaves out are absent. */
export interface EksCluster {
  readonly name: string;
  readonly arn: string;
  /** `CREATING`, `ACTIVE`, `DELETING`, `FAILED`, `UPDATING`, `PENDING`. */
  readonly status: string;
  readonly endpoint: string;
  /** The PEM of its CA, base64. */
  readonly ca: string;
  /** `1.33`. */
  readonly version: string;
  readonly vpcId?: string;
  readonly isPublic: boolean;
  readonly isPrivate: boolean;
  readonly publicCidrs: readonly string[];
  /** `API`, `API_AND_CONFIG_MAP`, `CONFIG_MAP`. */
  readonly authenticationMode?: string;
  readonly issues: readonly string[];
}

export interface EksReading {
  readonly cluster?: EksCluster;
  readonly findings: readonly Finding[];
}

/**
 * Asks EKS DescribeCluster. A name that isn't there is explained with what ListClusters shows: EKS has the same words for a
 * wrong region and for a wrong account (eksctl#2980), so that `who` calls is said, too. Throws only
 * DeployError('interrupted').
 */
export async function describeCluster(
  session: AwsSession,
  name: string,
  who: Promise<CallerReading>,
  signal: AbortSignal,
): Promise<EksReading> {
  const reading = await session.call(
    {
      service: 'EKS',
      action: 'eks:DescribeCluster',
      async run(options, abortSignal) {
        const { EKSClient, DescribeClusterCommand } = await import('./sdk/eks.ts');
        return new EKSClient(options).send(new DescribeClusterCommand({ name }), { abortSignal });
      },
    },
    signal,
  );
  if (!reading.ok) {
    if (!isNotFound(reading.error)) return { findings: [reading.finding] };
    return { findings: [await notFound(session, name, who, signal)] };
  }
  const found = reading.value.cluster;
  const { arn, endpoint, certificateAuthority, status = 'unknown', version = '' } = found ?? {};
  const ca = certificateAuthority?.data;
  if (arn === undefined || endpoint === undefined || ca === undefined) {
    // While it is being made, and after it has failed, a cluster has no endpoint.
    const cause = `The EKS cluster ${name} is ${status}: it has no endpoint.`;
    return { findings: [errorFinding('target/cluster-status', cause, 'Wait until it is ACTIVE, then try again.')] };
  }
  const {
    vpcId,
    endpointPublicAccess = true,
    endpointPrivateAccess = false,
    publicAccessCidrs = [],
  } = found?.resourcesVpcConfig ?? {};
  const { authenticationMode } = found?.accessConfig ?? {};
  return {
    findings: [],
    cluster: {
      name,
      arn,
      status,
      endpoint,
      ca,
      version,
      isPublic: endpointPublicAccess,
      isPrivate: endpointPrivateAccess,
      publicCidrs: publicAccessCidrs,
      issues: (found?.health?.issues ?? []).map(({ code = '', message = '' }) => `${code}: ${message}`),
      ...(vpcId === undefined ? {} : { vpcId }),
      ...(authenticationMode === undefined ? {} : { authenticationMode }),
    },
  };
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && error.name === 'ResourceNotFoundException';
}

/** At most so many names of other clusters are shown. */
const namesShown = 10;

async function notFound(
  session: AwsSession,
  name: string,
  who: Promise<CallerReading>,
  signal: AbortSignal,
): Promise<Finding> {
  const region = (await session.region()) ?? '';
  const listed = await session.call(
    {
      service: 'EKS',
      action: 'eks:ListClusters',
      async run(options, abortSignal) {
        const { EKSClient, ListClustersCommand } = await import('./sdk/eks.ts');
        return new EKSClient(options).send(new ListClustersCommand({}), { abortSignal });
      },
    },
    signal,
  );
  const names = listed.ok ? (listed.value.clusters ?? []) : undefined;
  const there =
    names === undefined
      ? "which clusters there are can't be seen: eks:ListClusters is not allowed"
      : names.length === 0
        ? `there is no EKS cluster at all in ${region}, in this account`
        : `the EKS clusters in ${region}, in this account: ${names.slice(0, namesShown).join(', ')}${names.length > namesShown ? ', ...' : ''}`;
  const near = didYouMean(name, names ?? []);
  const cause = `There is no EKS cluster ${name} in ${region} for the credentials from ${credentialsText(session.settings)}.`;
  const fix = near || 'Check region, account and profile (--region, --profile), and the name (--cluster).';
  const { caller } = await who;
  const as = caller === undefined ? [] : [`asked in account ${caller.account} as ${caller.arn}`];
  return errorFinding('target/no-cluster', cause, fix, { evidence: [...as, there] });
}
