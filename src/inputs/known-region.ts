import type { Environment } from '../context.ts';
import { dnsSuffixOf, partitionOfRegion } from '../model/partitions.ts';
import { nonEmpty } from '../model/text.ts';
import type { Found, Given } from './given.ts';
import type { InputSpec, InputSpecs } from './specs.ts';

/** Where the region may stand without a call to AWS. */
interface RegionRequest {
  /** `--region`. */
  readonly region?: string | undefined;
  readonly env: Environment;
  readonly specs: InputSpecs;
}

/**
 * What needs no call to AWS where the region is known, for an input whose first source is `aws`: the region itself, and
 * its partition and domain, which follow from its name. So it works without credentials, too.
 */
export function knownByRegion(spec: InputSpec, { region, env, specs }: RegionRequest, given: Given): Found | undefined {
  const [first] = spec.sources;
  if (first === undefined || !('aws' in first)) return undefined;
  const named = regionOfFlagOrVariable(region, env);
  if (first.aws === 'region') return named;
  const known = regionByHand(specs, given) ?? named?.value;
  const partition = known === undefined ? undefined : partitionOfRegion(String(known));
  if (partition === undefined || first.aws === 'account') return undefined;
  const value = first.aws === 'partition' ? partition : dnsSuffixOf(partition);
  return { value, source: { kind: 'aws', detail: `${first.aws} of the region ${known}` } };
}

/** The value that was given by hand to an input for the region. */
export function regionByHand(specs: InputSpecs, { values }: Given): string | undefined {
  const [given] = Object.keys(specs).flatMap((name) => {
    const isRegion = specs[name]?.sources.some((source) => 'aws' in source && source.aws === 'region');
    return isRegion === true ? (values.get(name)?.value ?? []) : [];
  });
  return given === undefined ? undefined : String(given);
}

function regionOfFlagOrVariable(region: string | undefined, env: Environment): Found | undefined {
  const flag = nonEmpty(region);
  if (flag !== undefined) return { value: flag, source: { kind: 'flag', detail: '--region' } };
  const variable = ['AWS_REGION', 'AWS_DEFAULT_REGION'].find((name) => nonEmpty(env[name]) !== undefined);
  return variable === undefined ? undefined : { value: env[variable] ?? '', source: { kind: 'env', detail: variable } };
}
