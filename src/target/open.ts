import { accountAlias } from '../aws/alias.ts';
import type { Caller, CallerReading } from '../aws/caller.ts';
import { describeCluster, type EksCluster } from '../aws/eks.ts';
import { type Cluster, type ClusterIdentity, unknownIdentity } from '../cluster/cluster.ts';
import { type Kubeconfig, readKubeconfig } from '../cluster/connect.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../events.ts';
import { createSurroundings, type Surroundings } from '../inputs/surroundings.ts';
import { errorFinding, errorsOf, type Finding } from '../model/finding.ts';
import { skewFindings } from './clock.ts';
import { type ContextFacts, contextFacts } from './context-facts.ts';
import { connectEks } from './eks.ts';
import { type GuardFacts, guard } from './guard.ts';
import { type ClusterOutputs, clusterOutputs } from './outputs.ts';
import { chooseDestination, type Destination, type TargetRequest } from './request.ts';

/** The alias is only shown: it isn't waited for. */
const aliasTimeoutMs = 1_500;

/**
 * Finds the cluster that a command works on, and checks that everything speaks of the same one. Nothing is asked of the
 * cluster itself. What is odd about it, and stops nothing, is told at once. The caller closes it.
 *
 * @throws DeployError `refused` with all that contradicts itself, or why AWS can't say where the cluster is; `usage`,
 *   `invalid` for flags and outputs that can't be read.
 */
export async function openCluster(request: TargetRequest, host: Host, signal: AbortSignal): Promise<Cluster> {
  const cluster = await openTarget(request, createSurroundings(request.surroundings, host, signal), signal);
  for (const finding of cluster.identity.warnings) host.emit({ type: 'finding', finding });
  return cluster;
}

/** The same for who reads Terraform and AWS for more than that; the warnings are in the cluster's identity. */
export async function openTarget(
  request: TargetRequest,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Cluster> {
  const { homeDir } = request;
  const { destination, common } = await readRequest(request, surroundings);
  if (destination.kind === 'eks') return openEks(destination.name.value, common, surroundings, signal);
  const { env } = request.surroundings;
  return openKubeconfig(readKubeconfig({ ...destination, env, homeDir }), common, surroundings);
}

type Common = Pick<GuardFacts, 'outputs' | 'expect' | 'flags'>;

/**
 * Which cluster is meant, and all that was said of it beforehand.
 *
 * @throws DeployError `invalid` for outputs that can't be read, `usage` for flags that contradict each other.
 */
export async function readRequest(
  request: TargetRequest,
  surroundings: Surroundings,
): Promise<{ readonly destination: Destination; readonly common: Common }> {
  const reading = await surroundings.outputs();
  if (errorsOf(reading.findings).length > 0) {
    throw new DeployError('invalid', "Terraform's outputs can't be read.", { findings: reading.findings });
  }
  const outputs = clusterOutputs(reading);
  const { expect, cluster } = request;
  const flags = { region: surroundings.aws.settings.region, cluster };
  return { destination: chooseDestination(request, outputs), common: { outputs, expect, flags } };
}

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
  name: string,
  common: Common,
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
  const failed = oncePerId([...asked.findings, ...described.findings]);
  if (caller === undefined || eks === undefined) throw stopped(failed);
  const findings = [
    ...guard({ ...common, caller, eks }),
    ...statusFindings(eks),
    ...skewFindings(aws.clock.now() - Date.now()),
  ];
  if (errorsOf(findings).length > 0) throw stopped(findings);
  return { eks, caller, alias, warnings: findings };
}

async function openEks(
  name: string,
  common: Common,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<Cluster> {
  const { eks, caller, alias, warnings } = await inspectEks(name, common, surroundings, signal);
  const identity: ClusterIdentity = {
    ...unknownIdentity,
    connection: 'eks',
    ...identityOf(caller, common, warnings),
    clusterArn: eks.arn,
    ...(alias === undefined ? {} : { alias }),
  };
  return connectEks(eks, caller, identity, surroundings.aws);
}

async function openKubeconfig(
  { facts, connect }: Kubeconfig,
  common: Common,
  surroundings: Surroundings,
): Promise<Cluster> {
  const context = contextFacts(facts);
  if (context.isSandbox) return connect({ ...unknownIdentity, isSandbox: true });
  const isAws = isOfAws(context) || common.expect.account !== undefined;
  const { caller, findings: unknown }: CallerReading = isAws ? await surroundings.caller() : { findings: [] };
  const { context: name, server, tlsServerName } = facts;
  const kubeconfig = { ...context, context: name, server, ...(tlsServerName === undefined ? {} : { tlsServerName }) };
  const findings = [
    ...guard({ ...common, kubeconfig, ...(caller === undefined ? {} : { caller }) }),
    // The cluster may be reached without AWS: a token in the kubeconfig, another profile in it.
    ...unknown.map((finding): Finding => ({ ...finding, severity: 'warning' })),
    ...otherProfile(context, surroundings),
    ...unchecked(context, common.outputs, name),
  ];
  if (errorsOf(findings).length > 0) throw stopped(findings);
  const known = caller === undefined ? {} : identityOf(caller, common, []);
  const { arn: clusterArn, region } = context;
  return connect({
    ...unknownIdentity,
    registries: common.expect.registries,
    ...known,
    ...(region === undefined ? {} : { region }),
    ...(clusterArn === undefined ? {} : { clusterArn }),
    warnings: findings,
  });
}

function isOfAws({ arn, name, region }: ContextFacts): boolean {
  return arn !== undefined || name !== undefined || region !== undefined;
}

function identityOf(
  caller: Caller,
  { expect }: Common,
  warnings: readonly Finding[],
): Omit<ClusterIdentity, 'connection' | 'isSandbox'> {
  const { account, arn, region, partition } = caller;
  return { account, arn, region, partition, registries: expect.registries, warnings };
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

/** `aws eks update-kubeconfig` keeps AWS_PROFILE where it was set: the cluster then sees another identity than AWS. */
function otherProfile({ profile }: ContextFacts, { aws }: Surroundings): readonly Finding[] {
  const ours = aws.settings.profile ?? aws.settings.env['AWS_PROFILE'];
  if (profile === undefined || profile === ours) return [];
  return [
    {
      id: 'target/other-profile',
      severity: 'warning',
      cause: `The kubeconfig's program uses the AWS profile ${profile}, and everything else here uses ${ours ?? 'the default credentials'}.`,
      evidence: [],
      fix: `Use the same one: --profile ${profile}; or leave the kubeconfig out: --cluster.`,
    },
  ];
}

/** Terraform names a cluster by its name alone, and the kubeconfig doesn't tell the name of its own. */
function unchecked(context: ContextFacts, { name, endpoint }: ClusterOutputs, label: string): readonly Finding[] {
  if (name === undefined || endpoint !== undefined || context.name !== undefined) return [];
  return [
    {
      id: 'target/unchecked',
      severity: 'warning',
      cause: `Whether the kubeconfig context ${label} is the cluster ${name.value} (${name.by}) can't be told.`,
      evidence: [],
      fix: 'Add the output eks_cluster_endpoint, or connect by --cluster.',
    },
  ];
}

/** Two calls that fail for the same reason are one problem. */
function oncePerId(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((finding) => [finding.id, finding])).values()];
}

function stopped(findings: readonly Finding[]): DeployError {
  const errors = errorsOf(findings).length;
  const count = errors === 1 ? '1 problem' : `${errors} problems`;
  return new DeployError('refused', `${count} with the target. Nothing was changed.`, { findings });
}
