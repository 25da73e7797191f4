import { ecrRegistryOf } from '../model/ecr.ts';
import type { ConfigDraft, Told } from './draft.ts';
import type { DeploymentEvidence, ManifestEvidence } from './evidence.ts';

/** What is known for sure of the target: where all that names it says the same. */
export function expectations(
  { images }: Pick<ManifestEvidence, 'images'>,
  { account, cluster, region }: DeploymentEvidence,
): ConfigDraft['expect'] {
  const registries = images.flatMap(({ repository }) => ecrRegistryOf(`${repository}:x`) ?? []);
  const accounts = new Set([...registries.map((one) => one.account), ...(account === undefined ? [] : [account])]);
  const regions = new Set([...registries.map((one) => one.region), ...(region === undefined ? [] : [region])]);
  const only = (values: ReadonlySet<string>, isToday: boolean): Told<string> | undefined => {
    const [value, ...others] = values;
    if (value === undefined || others.length > 0) return undefined;
    return { value, reason: isToday ? 'where it is deployed today' : 'of the ECR registry in the manifests' };
  };
  const [accountTold, regionTold] = [only(accounts, account !== undefined), only(regions, region !== undefined)];
  return {
    ...(accountTold === undefined ? {} : { account: accountTold }),
    ...(cluster === undefined ? {} : { cluster: { value: cluster, reason: 'where it is deployed today' } }),
    ...(regionTold === undefined ? {} : { region: regionTold }),
  };
}
