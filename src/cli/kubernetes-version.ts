import { DeployError } from '../errors.ts';
import { minorOf } from '../lint/facts.ts';

/**
 * The minor version of `--kubernetes-version`.
 *
 * @throws DeployError `usage` for what is no version of Kubernetes.
 */
export function kubernetesMinor(version: string | undefined): number | undefined {
  if (version === undefined) return undefined;
  const minor = minorOf(version);
  if (minor !== undefined) return minor;
  throw new DeployError('usage', `--kubernetes-version ${JSON.stringify(version)} is no version of Kubernetes.`, {
    fix: 'Write it as 1.34.',
  });
}
