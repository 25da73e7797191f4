/** A private ECR registry, by its host. */
export interface EcrRegistry {
  /** `123456789012.dkr.ecr.us-east-1.amazonaws.com`. */
  readonly host: string;
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-cn`, ...; undefined for one of a partition that isn't known. */
  readonly partition: string | undefined;
}

/** The partitions by the end of their host names, as in botocore's partitions.json. */
const partitions: readonly (readonly [suffix: string, partition: string])[] = [
  ['amazonaws.com.cn', 'aws-cn'],
  ['amazonaws.com', 'aws'],
  ['c2s.ic.gov', 'aws-iso'],
  ['sc2s.sgov.gov', 'aws-iso-b'],
  ['cloud.adc-e.uk', 'aws-iso-e'],
  ['csp.hci.ic.gov', 'aws-iso-f'],
  ['amazonaws.eu', 'aws-eusc'],
];

/** The ECR registry of an image; undefined for one from elsewhere. */
export function ecrRegistryOf(image: string): EcrRegistry | undefined {
  const [host, account, region, suffix] =
    /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.([a-z0-9.-]+)(?=\/)/.exec(image) ?? [];
  if (host === undefined || account === undefined || region === undefined) return undefined;
  const known = partitions.find(([end]) => end === suffix)?.[1];
  // GovCloud has the host names of the public partition.
  return { host, account, region, partition: known === 'aws' && region.startsWith('us-gov-') ? 'aws-us-gov' : known };
}
