import { DeployError } from '../errors.ts';

/**
 * The number of a release, from an argument that may be left out.
 *
 * @throws DeployError `usage` for what is no number.
 */
export function releaseNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new DeployError('usage', `${JSON.stringify(text)} is not the number of a release.`, {
    fix: 'See them: oms-deploy history.',
  });
}
