import { accountAlias } from '../aws/alias.ts';
import type { Caller } from '../aws/caller.ts';
import { describeCluster, type EksCluster } from '../aws/eks.ts';
import type { Surroundings } from '../inputs/surroundings.ts';
import { errorFinding, errorsOf, type Finding } from '../model/finding.ts';
import { skewFindings } from './clock.ts';
import { guard } from './guard.ts';
import type { Claim } from './outputs.ts';
import { type Beforehand, refusedTarget } from './read-request.ts';

/** The alias is only shown: it isn't waited for. */
const aliasTimeoutMs = 1_500;

/** An EKS cluster that everything agrees on, and who calls. */
export interface InspectedEks {
  readonly eks: EksCluster;
  readonly caller: Caller;
  readonly alias: string | undefined;
  readonly warnings: readonly Finding[];
}

/**
 * Asks AWS about an EKS cluster, and checks that everything agrees.
 *
 * @throws DeployError `refused` with all that contradicts itself, or why AWS can't say where the cluster is.
 */
export async function inspectEks(
  { value: name, by }: Claim,
  beforehand: Beforehand,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<InspectedEks> {
  const { aws } = surroundings;
  const asking = surroundings.caller();
  const [asked, described, alias] = await Promise.all([
    asking,
    describeCluster(aws, name, asking, signal),
    accountAlias(aws, AbortSignal.any([signal, AbortSignal.timeout(aliasTimeoutMs)])).catch(() => undefined),
  ]);
  const { caller } = asked;
  const eks = described.cluster;
  const need = `Needed for: cluster ${name} (${by})`;
  const failed = oncePerId([...asked.findings, ...described.findings]).map((finding) =>
    finding.id.startsWith('aws/') ? { ...finding, evidence: [...finding.evidence, need] } : finding,
  );
  if (caller === undefined || eks === undefined) throw refusedTarget(failed);
  const findings = [
    ...guard({ ...beforehand, caller, eks }),
    ...statusFindings(eks),
    ...skewFindings(aws.clock.now() - Date.now()),
  ];
  if (errorsOf(findings).length > 0) throw refusedTarget(findings);
  return { eks, caller, alias, warnings: findings };
}

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html: while it is UPDATING it works. */
function statusFindings({ name, status, issues }: EksCluster): readonly Finding[] {
  if (status !== 'ACTIVE' && status !== 'UPDATING') {
    const fix = 'Wait until it is ACTIVE, or name another cluster: --cluster.';
    return [errorFinding('target/cluster-status', `The EKS cluster ${name} is ${status}.`, fix)];
  }
  if (issues.length === 0) return [];
  const cause = `EKS says that the cluster ${name} is not healthy.`;
  const fix = 'Look at it in the AWS console, or with: aws eks describe-cluster.';
  return [{ id: 'target/health', severity: 'warning', cause, evidence: issues, fix }];
}

/** Two calls that fail for the same reason are one problem. */
function oncePerId(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [finding.id, finding])).values()];
}
