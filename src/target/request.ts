import type { Expect } from '../config/schema.ts';
import { DeployError } from '../errors.ts';
import type { SurroundingsRequest } from '../inputs/surroundings.ts';
import type { Claim, ClusterOutputs } from './outputs.ts';

/** Which cluster a command works on, from flags and configuration. */
export interface TargetRequest {
  /** `--sandbox`: the kubeconfig of the one that runs. */
  readonly sandbox?: string | undefined;
  /** Whether a sandbox runs on this machine: asked where no flag names a cluster, for who has forgotten `--sandbox`. */
  readonly sandboxRuns?: () => Promise<boolean>;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** `--cluster`: the name of an EKS cluster. */
  readonly cluster?: string | undefined;
  readonly expect: Expect;
  readonly homeDir: string;
  /** Terraform's outputs may name the cluster; AWS knows how to reach it. */
  readonly surroundings: SurroundingsRequest;
}

/** How the cluster is reached. */
export type Destination =
  | { readonly kind: 'eks'; readonly name: Claim }
  | { readonly kind: 'kubeconfig'; readonly kubeconfig?: string; readonly context?: string };

/**
 * Which of all that may name a cluster counts: flags, then Terraform's outputs, then the configuration's `expect.cluster`,
 * then the kubeconfig of the environment.
 *
 * @throws DeployError `usage` for flags that contradict each other.
 */
export function chooseDestination(request: TargetRequest, outputs: ClusterOutputs): Destination {
  const { sandbox, cluster, expect } = request;
  refuseTwo(request);
  if (sandbox !== undefined) return { kind: 'kubeconfig', kubeconfig: sandbox };
  if (request.kubeconfig !== undefined || request.context !== undefined) return kubeconfigOf(request);
  const named =
    cluster === undefined
      ? (outputs.name ?? nameIn(outputs.arn) ?? expected(expect))
      : { value: cluster, by: '--cluster' };
  return named === undefined ? kubeconfigOf(request) : { kind: 'eks', name: named };
}

/** @throws DeployError `usage` for flags that each name a cluster. */
export function refuseTwo({
  sandbox,
  kubeconfig,
  context,
  cluster,
}: Pick<TargetRequest, 'sandbox' | 'kubeconfig' | 'context' | 'cluster'>): void {
  const inKubeconfig = kubeconfig === undefined ? (context === undefined ? undefined : '--context') : '--kubeconfig';
  const given = [
    sandbox === undefined ? undefined : '--sandbox',
    inKubeconfig,
    cluster === undefined ? undefined : '--cluster',
  ].filter((flag) => flag !== undefined);
  if (given.length < 2) return;
  throw new DeployError('usage', `${given.join(' and ')} each name a cluster.`, {
    fix: 'Leave all but one out; look for OMS_DEPLOY_SANDBOX, OMS_DEPLOY_CLUSTER, OMS_DEPLOY_KUBECONFIG and OMS_DEPLOY_CONTEXT, too.',
  });
}

function kubeconfigOf({ kubeconfig, context }: TargetRequest): Destination {
  return {
    kind: 'kubeconfig',
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(context === undefined ? {} : { context }),
  };
}

function nameIn(arn: Claim | undefined): Claim | undefined {
  const [, value] = /:cluster\/(.+)$/.exec(arn?.value ?? '') ?? [];
  return arn === undefined || value === undefined ? undefined : { value, by: arn.by };
}

function expected({ cluster }: Expect): Claim | undefined {
  return cluster === undefined ? undefined : { value: cluster, by: 'expect.cluster of the configuration' };
}
