import { askToken, renewAt } from '../aws/token.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../events.ts';
import { createSurroundings, type Surroundings } from '../inputs/surroundings.ts';
import type { JsonObject } from '../model/json.ts';
import { nonEmpty } from '../model/text.ts';
import { refusedFor } from './eks.ts';
import type { Claim } from './outputs.ts';
import { readRequest } from './read-request.ts';
import type { Destination, TargetRequest } from './request.ts';

/** An EKS cluster by its name, and where. */
export interface EksName {
  readonly name: string;
  /** The name, with who says it. */
  readonly claim: Claim;
  readonly region: string;
}

/**
 * A token for kubectl, as a credential plugin prints it:
 * https://kubernetes.io/docs/reference/config-api/client-authentication.v1/ Nothing is asked but the credential chain:
 * kubectl calls this often.
 *
 * @throws DeployError `usage` where no cluster is named, `refused` without a region or credentials.
 */
export async function execCredential(request: TargetRequest, host: Host, signal: AbortSignal): Promise<JsonObject> {
  const surroundings = createSurroundings(request.surroundings, host, signal);
  const { destination } = await readRequest(request, surroundings);
  const { name, region } = await eksName(destination, surroundings);
  const minted = await askToken(surroundings.aws, name, region, signal);
  if (!minted.ok) throw refusedFor(minted.finding);
  const token = minted.value;
  return {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {},
    // Earlier than its end: kubectl keeps it until then.
    status: { expirationTimestamp: isoSeconds(renewAt(token)), token: token.token },
  };
}

/**
 * Which EKS cluster is meant, without asking AWS.
 *
 * @throws DeployError `usage` where none is named, `refused` without a region.
 */
export async function eksName(destination: Destination, surroundings: Surroundings): Promise<EksName> {
  if (destination.kind !== 'eks') {
    throw new DeployError('usage', 'Which EKS cluster?', {
      fix: 'Name it: --cluster <name>, or give Terraform outputs with eks_cluster_name.',
    });
  }
  const region = nonEmpty(await surroundings.aws.region());
  if (region === undefined) {
    throw new DeployError('refused', "The AWS region isn't known.", { fix: 'Pass --region, or set AWS_REGION.' });
  }
  return { name: destination.name.value, claim: destination.name, region };
}

/** RFC 3339 without fractions, as kubectl wants it. */
function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
