import type { OutputsReading } from '../inputs/terraform.ts';

/** A value with who says it: for messages. */
export interface Claim {
  readonly value: string;
  readonly by: string;
}

/** What Terraform's outputs say of the cluster. */
export interface ClusterOutputs {
  readonly name?: Claim;
  readonly endpoint?: Claim;
  readonly arn?: Claim;
  readonly vpcId?: Claim;
}

/**
 * Reads the outputs that name the EKS cluster. Those of the module terraform-aws-modules/eks (`cluster_name`, ...) count
 * where its `cluster_endpoint` is EKS's: other services have clusters, too.
 */
export function clusterOutputs({ outputs, describe }: OutputsReading): ClusterOutputs {
  const claim = (name: string): Claim | undefined => {
    const value = outputs.get(name)?.value;
    return typeof value === 'string' && value.trim() !== '' ? { value: value.trim(), by: describe(name) } : undefined;
  };
  const ofModule = claim('cluster_endpoint');
  const isEks = ofModule !== undefined && /\.eks\.|\.eks-/.test(ofModule.value);
  const name = claim('eks_cluster_name') ?? claim('eks_cluster_id') ?? (isEks ? claim('cluster_name') : undefined);
  const endpoint = claim('eks_cluster_endpoint') ?? (isEks ? ofModule : undefined);
  const arn = claim('eks_cluster_arn') ?? (isEks ? claim('cluster_arn') : undefined);
  const vpcId = claim('vpc_id');
  return {
    ...(name === undefined ? {} : { name }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(arn === undefined ? {} : { arn }),
    ...(vpcId === undefined ? {} : { vpcId }),
  };
}
