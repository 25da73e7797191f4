import { DeployError } from '../errors.ts';
import type { Surroundings } from '../inputs/surroundings.ts';
import { countOf } from '../model/age.ts';
import { errorsOf, type Finding } from '../model/finding.ts';
import type { GuardFacts } from './guard.ts';
import { clusterOutputs } from './outputs.ts';
import { chooseDestination, type Destination, type TargetRequest } from './request.ts';

/** What was said of the target before anybody was asked. */
export type Beforehand = Pick<GuardFacts, 'outputs' | 'expect' | 'flags'>;

/**
 * Which cluster is meant, and all that was said of it beforehand. The sandbox is compared with nothing: outputs aren't read
 * for it.
 *
 * @throws DeployError `invalid` for outputs that can't be read, `usage` for flags that contradict each other.
 */
export async function readRequest(
  request: TargetRequest,
  surroundings: Surroundings,
): Promise<{ readonly destination: Destination; readonly beforehand: Beforehand }> {
  const { expect, cluster, sandbox } = request;
  const flags = { region: surroundings.aws.settings.region, cluster };
  if (sandbox !== undefined)
    return { destination: chooseDestination(request, {}), beforehand: { outputs: {}, expect, flags } };
  const reading = await surroundings.outputs();
  if (errorsOf(reading.findings).length > 0) {
    throw new DeployError('invalid', "Terraform's outputs can't be read.", { findings: reading.findings });
  }
  const outputs = clusterOutputs(reading);
  return { destination: chooseDestination(request, outputs), beforehand: { outputs, expect, flags } };
}

/** The error for a target that can't be, or may not be, the one that is meant. */
export function refusedTarget(findings: readonly Finding[]): DeployError {
  const count = countOf(errorsOf(findings).length, 'problem');
  return new DeployError('refused', `${count} with the target. Nothing was changed.`, { findings });
}
