/** The partitions of AWS and the ends of their host names, as in botocore's partitions.json. */
const suffixes: readonly (readonly [partition: string, suffix: string])[] = [
  ['aws', 'amazonaws.com'],
  ['aws-cn', 'amazonaws.com.cn'],
  ['aws-iso', 'c2s.ic.gov'],
  ['aws-iso-b', 'sc2s.sgov.gov'],
  ['aws-iso-e', 'cloud.adc-e.uk'],
  ['aws-iso-f', 'csp.hci.ic.gov'],
  ['aws-eusc', 'amazonaws.eu'],
];

/** The end of a partition's host names; the public ones, GovCloud too, have `amazonaws.com`. */
export function dnsSuffixOf(partition: string): string {
  return suffixes.find(([name]) => name === partition)?.[1] ?? 'amazonaws.com';
}

/** The partition of a host by its end and its region; undefined for an end that isn't known. */
export function partitionOf(suffix: string | undefined, region: string): string | undefined {
  const known = suffixes.find(([, end]) => end === suffix)?.[0];
  return known === 'aws' && region.startsWith('us-gov-') ? 'aws-us-gov' : known;
}

/** How names of regions begin in the partitions that aren't public: botocore's `regionRegex`. */
const prefixes: readonly (readonly [prefix: string, partition: string])[] = [
  ['cn-', 'aws-cn'],
  ['us-gov-', 'aws-us-gov'],
  ['us-iso-', 'aws-iso'],
  ['us-isob-', 'aws-iso-b'],
  ['eu-isoe-', 'aws-iso-e'],
  ['us-isof-', 'aws-iso-f'],
  ['eusc-', 'aws-eusc'],
];

/** The partition of a region by its name; undefined for a name that no partition has. */
export function partitionOfRegion(region: string): string | undefined {
  const isPublic = /^(?:us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+$/.test(region);
  return isPublic ? 'aws' : prefixes.find(([prefix]) => region.startsWith(prefix))?.[1];
}
