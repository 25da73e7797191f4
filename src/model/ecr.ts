import { partitionOf } from './partitions.ts';

/** A private ECR registry, by its host. */
export interface EcrRegistry {
  /** `123456789012.dkr.ecr.us-east-1.amazonaws.com`. */
  readonly host: string;
  readonly account: string;
  readonly region: string;
  /** `aws`, `aws-cn`, ...; undefined for one of a partition that isn't known. */
  readonly partition: string | undefined;
}

/** The ECR registry of an image; undefined for one from elsewhere. */
export function ecrRegistryOf(image: string): EcrRegistry | undefined {
  const [host, account, region, suffix] =
    /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.([a-z0-9.-]+)(?=\/)/.exec(image) ?? [];
  if (host === undefined || account === undefined || region === undefined) return undefined;
  return { host, account, region, partition: partitionOf(suffix, region) };
}
