import type { Caller } from '../aws/caller.ts';
import type { EksCluster } from '../aws/eks.ts';
import type { AwsSession } from '../aws/session.ts';
import { askToken, renewAt } from '../aws/token.ts';
import { type Cluster, type ClusterIdentity, createCluster } from '../cluster/cluster.ts';
import { discoveryMemory } from '../cluster/discovery-memory.ts';
import type { ConnectionNotes } from '../cluster/errors.ts';
import type { CredentialSource } from '../cluster/session.ts';
import { DeployError } from '../errors.ts';
import type { Finding } from '../model/finding.ts';
import { shellQuoted } from '../model/text.ts';

/**
 * Prepares the connection to an EKS cluster: its own CA alone is trusted, and tokens are minted here. Sends nothing;
 * `cache` is the user's cache folder.
 */
export function connectEks(
  eks: EksCluster,
  caller: Caller,
  identity: ClusterIdentity,
  session: AwsSession,
  cache: string,
): Cluster {
  const tls = { ca: Buffer.from(eks.ca, 'base64') };
  const credentials: CredentialSource = async (renew, signal) => {
    const minted = await askToken(session, eks.name, caller.region, signal, renew);
    if (!minted.ok) throw refusedFor(minted.finding);
    return { headers: { authorization: `Bearer ${minted.value.token}` }, tls, renewAtMs: renewAt(minted.value) };
  };
  return createCluster({
    name: eks.name,
    server: eks.endpoint,
    identity,
    credentials,
    notes: notesOf(eks, caller),
    memory: discoveryMemory(cache, eks.endpoint),
  });
}

/** The error for a finding of AWS where it stops everything. */
export function refusedFor({ cause, evidence, fix }: Finding): DeployError {
  return new DeployError('refused', cause, { ...(evidence.length === 0 ? {} : { why: evidence.join(' ') }), fix });
}

function notesOf(eks: EksCluster, caller: Caller): ConnectionNotes {
  const principal = principalOf(caller.arn);
  const entry = `aws eks create-access-entry --cluster-name ${shellQuoted(eks.name)} --principal-arn ${principal} --region ${caller.region}`;
  const row =
    eks.authenticationMode === 'CONFIG_MAP'
      ? `add ${principal} to the ConfigMap kube-system/aws-auth`
      : `run: ${entry}, and associate an access policy or a group with it`;
  return {
    unauthorized: {
      message: `The EKS cluster ${eks.name} doesn't know ${caller.arn}.`,
      why: 'AWS accepts these credentials, but the cluster has no access entry (and no aws-auth row) for this identity.',
      fix: `Use an identity that the cluster knows (--profile), or have somebody who may ${row}.`,
    },
    unreachable: reachNotes(eks),
  };
}

function reachNotes({
  name,
  endpoint,
  isPublic,
  publicCidrs,
  vpcId = 'its VPC',
}: EksCluster): ConnectionNotes['unreachable'] {
  const message = `The EKS cluster ${name} at ${endpoint} can't be reached.`;
  if (!isPublic) {
    return {
      message,
      why: `Its endpoint is private (endpointPublicAccess is false): it answers only inside ${vpcId}.`,
      fix: 'Connect a VPN or a bastion into that VPC, or run this on a machine, or a CI runner, inside it.',
    };
  }
  if (publicCidrs.every((cidr) => cidr !== '0.0.0.0/0')) {
    return {
      message,
      why: `Its public endpoint answers only these addresses: ${publicCidrs.join(', ') || 'none'} (publicAccessCidrs).`,
      fix: 'Come from one of them (VPN, the runner with the fixed address), or add the address of this machine to them.',
    };
  }
  return {
    message,
    why: 'Its endpoint is public, so that something between here and there stops the connection.',
    fix: 'Check the network, VPN, proxy and firewall of this machine.',
  };
}

/** An assumed role is known to the cluster by the ARN of the role (which has no path there). */
function principalOf(arn: string): string {
  const [, partition, account, role] = /^arn:([a-z-]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn) ?? [];
  return role === undefined ? arn : `arn:${partition ?? ''}:iam::${account ?? ''}:role/${role}`;
}
