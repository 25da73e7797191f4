import type { CallerReading } from '../aws/caller.ts';
import { type Cluster, unknownIdentity } from '../cluster/cluster.ts';
import type { Kubeconfig } from '../cluster/connect.ts';
import type { Surroundings } from '../inputs/surroundings.ts';
import { errorsOf, type Finding } from '../model/finding.ts';
import { type ContextFacts, contextFacts } from './context-facts.ts';
import { guard } from './guard.ts';
import { identityOf } from './identity.ts';
import type { ClusterOutputs } from './outputs.ts';
import { type Beforehand, refusedTarget } from './read-request.ts';

/**
 * The cluster of a kubeconfig, once everything agrees on it. AWS is asked who calls where the context is one of EKS.
 *
 * @throws DeployError `refused` with all that contradicts itself.
 */
export async function openKubeconfig(
  { facts, connect }: Kubeconfig,
  beforehand: Beforehand,
  surroundings: Surroundings,
): Promise<Cluster> {
  const context = contextFacts(facts);
  if (context.isSandbox) return connect({ ...unknownIdentity, isSandbox: true });
  const isAws = isOfAws(context) || beforehand.expect.account !== undefined;
  const { caller, findings: unknown }: CallerReading = isAws ? await surroundings.caller() : { findings: [] };
  const { context: name, server, tlsServerName } = facts;
  const kubeconfig = { ...context, context: name, server, ...(tlsServerName === undefined ? {} : { tlsServerName }) };
  const findings = [
    ...guard({ ...beforehand, kubeconfig, ...(caller === undefined ? {} : { caller }) }),
    // The cluster may be reached without AWS: a token in the kubeconfig, another profile in it.
    ...unknown.map((finding): Finding => ({ ...finding, severity: 'warning' })),
    ...otherProfile(context, surroundings),
    ...unchecked(context, beforehand.outputs, name),
  ];
  if (errorsOf(findings).length > 0) throw refusedTarget(findings);
  const known = caller === undefined ? {} : identityOf(caller, beforehand, []);
  const { arn: clusterArn, region } = context;
  return connect({
    ...unknownIdentity,
    registries: beforehand.expect.registries,
    ...known,
    ...(region === undefined ? {} : { region }),
    ...(clusterArn === undefined ? {} : { clusterArn }),
    warnings: findings,
  });
}

function isOfAws({ arn, name, region }: ContextFacts): boolean {
  return arn !== undefined || name !== undefined || region !== undefined;
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
