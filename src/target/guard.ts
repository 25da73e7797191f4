import type { Caller } from '../aws/caller.ts';
import type { EksCluster } from '../aws/eks.ts';
import type { Expect } from '../config/schema.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { type ContextFacts, hostOf } from './context-facts.ts';
import type { Claim, ClusterOutputs } from './outputs.ts';

/** All that says something of the target, from wherever it comes. */
export interface GuardFacts {
  readonly caller?: Caller;
  /** What DescribeCluster says; else what the kubeconfig says. */
  readonly eks?: EksCluster;
  readonly kubeconfig?: ContextFacts & {
    readonly context: string;
    readonly server: string;
    readonly tlsServerName?: string;
  };
  readonly outputs: ClusterOutputs;
  /** `--region`, and `--cluster`. */
  readonly flags: { readonly region?: string | undefined; readonly cluster?: string | undefined };
  readonly expect: Expect;
}

/** A property of the target of which all that know it must say the same. */
interface Property {
  readonly id: string;
  readonly what: string;
  readonly claims: readonly (Claim | undefined)[];
  /** What the configuration pins it to. */
  readonly pinned?: Claim | undefined;
  readonly fix: string;
}

/**
 * Whether everything speaks of the same cluster: the caller, the cluster, Terraform's outputs, the flags, and what the
 * configuration expects. Every contradiction is an error; nothing skips this. What the configuration pins must be proven.
 */
export function guard(facts: GuardFacts): readonly Finding[] {
  return propertiesOf(facts).flatMap((property) => [...contradiction(property, facts), ...unproven(property)]);
}

function propertiesOf(facts: GuardFacts): readonly Property[] {
  const { caller, eks, kubeconfig, outputs, flags, expect } = facts;
  const arn = eks === undefined ? kubeconfig?.arn : eks.arn;
  const cluster: Claim | undefined = arn === undefined ? undefined : { value: arn, by: `the cluster (${arn})` };
  const who = caller === undefined ? '' : `the AWS credentials (${caller.arn})`;
  const pin = (value: string | undefined, name: string): Claim | undefined =>
    value === undefined ? undefined : { value, by: `expect.${name} of the configuration` };
  const flag = (value: string | undefined, name: string): Claim | undefined =>
    value === undefined ? undefined : { value, by: name };
  const endpoint = eks === undefined ? serverOf(facts) : { value: hostOf(eks.endpoint), by: `the cluster ${eks.name}` };
  const name = eks?.name ?? kubeconfig?.name;
  return [
    {
      id: 'target/account',
      what: 'AWS account',
      claims: [
        caller === undefined ? undefined : { value: caller.account, by: who },
        arnClaim(cluster, 4),
        arnClaim(outputs.arn, 4),
      ],
      pinned: pin(expect.account, 'account'),
      fix: 'Use the credentials of the account that is meant (--profile), or correct what names the other one.',
    },
    {
      id: 'target/partition',
      what: 'AWS partition',
      claims: [
        caller === undefined ? undefined : { value: caller.partition, by: who },
        arnClaim(cluster, 1),
        arnClaim(outputs.arn, 1),
      ],
      fix: 'Use credentials of the same partition (aws, aws-cn, aws-us-gov) as the cluster: --profile.',
    },
    {
      id: 'target/region',
      what: 'AWS region',
      claims: [
        arnClaim(cluster, 3) ?? flag(kubeconfig?.region, contextLabel(kubeconfig?.context ?? '')),
        arnClaim(outputs.arn, 3),
        flag(flags.region, '--region'),
      ],
      pinned: pin(expect.region, 'region'),
      fix: 'Name the region that is meant: --region, or AWS_REGION.',
    },
    {
      id: 'target/cluster',
      what: 'cluster',
      claims: [
        name === undefined
          ? undefined
          : { value: name, by: eks === undefined ? contextLabel(kubeconfig?.context ?? '') : 'EKS' },
        outputs.name,
        flag(flags.cluster, '--cluster'),
      ],
      pinned: pin(expect.cluster, 'cluster'),
      fix: 'Name the cluster that is meant: by --cluster alone, or by another --context; or take the outputs of its own Terraform.',
    },
    {
      id: 'target/endpoint',
      what: "cluster's endpoint",
      claims: [
        endpoint,
        outputs.endpoint === undefined ? undefined : { ...outputs.endpoint, value: hostOf(outputs.endpoint.value) },
      ],
      fix: 'Name the cluster that is meant: by --cluster alone, or by another --context; or take the outputs of its own Terraform.',
    },
    {
      id: 'target/vpc',
      what: 'VPC',
      claims: [
        eks?.vpcId === undefined ? undefined : { value: eks.vpcId, by: `the cluster ${eks.name}` },
        outputs.vpcId,
      ],
      fix: "Take the outputs of the cluster's own Terraform, or name the cluster that is meant: --cluster.",
    },
  ];
}

function contextLabel(context: string): string {
  return `the kubeconfig context ${context}`;
}

/** Behind a tunnel the name in the certificate says which cluster it is. */
function serverOf({ kubeconfig, outputs }: GuardFacts): Claim | undefined {
  if (kubeconfig === undefined) return undefined;
  const { context, server, tlsServerName } = kubeconfig;
  const wanted = outputs.endpoint === undefined ? undefined : hostOf(outputs.endpoint.value);
  const isTunnel = wanted !== undefined && tlsServerName?.toLowerCase() === wanted;
  return { value: isTunnel ? wanted : hostOf(server), by: contextLabel(context) };
}

/** A part of an ARN: 1 is the partition, 3 the region, 4 the account. */
function arnClaim(arn: Claim | undefined, part: 1 | 3 | 4): Claim | undefined {
  const value = arn?.value.split(':')[part];
  return arn === undefined || value === undefined || value === '' ? undefined : { value, by: arn.by };
}

function contradiction({ id, what, claims, pinned, fix }: Property, { kubeconfig }: GuardFacts): readonly Finding[] {
  const known = [...claims, pinned].filter((claim) => claim !== undefined);
  const values = [...new Set(known.map(({ value }) => value))];
  if (values.length < 2) return [];
  const evidence = known.map(({ value, by }) => `${value}: ${by}`);
  const said = values.join(' or ');
  const label = contextLabel(kubeconfig?.context ?? '');
  const context =
    kubeconfig !== undefined &&
    (id === 'target/endpoint' || id === 'target/cluster') &&
    known.some(({ by }) => by === label)
      ? ` The kubeconfig context ${kubeconfig.context} points to another cluster than the one that is named.`
      : '';
  return [errorFinding(id, `It isn't clear which ${what} is meant: ${said}.${context}`, fix, { evidence })];
}

/** A pin that nothing confirms holds nothing: a kubeconfig of another provider, no AWS identity. */
function unproven({ what, claims, pinned }: Property): readonly Finding[] {
  if (pinned === undefined || claims.some((claim) => claim !== undefined)) return [];
  return [
    errorFinding(
      'target/unproven',
      `The configuration expects the ${what} ${pinned.value}, and nothing here proves it.`,
      'Connect by --cluster <name> with AWS credentials, or take the line out of the configuration.',
      { evidence: [pinned.by] },
    ),
  ];
}
