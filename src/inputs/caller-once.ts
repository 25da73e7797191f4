import type { Host } from '../events.ts';
import type { Finding } from '../model/finding.ts';
import { type Caller, type CallerReading, type CallerRequest, identifyCaller } from './aws.ts';
import type { Given } from './given.ts';
import { outputNamesOf } from './sources.ts';
import type { InputSpecs } from './specs.ts';
import type { OutputsReading } from './terraform.ts';

type CallerOnceRequest = Pick<CallerRequest, 'env' | 'region' | 'profile'> & { readonly specs: InputSpecs };

/** AWS's answer, asked for lazily. */
export interface CallerOnce {
  readonly ask: () => Promise<Caller | undefined>;
  readonly caller: () => Caller | undefined;
  readonly findings: () => readonly Finding[];
}

/** STS is asked at the first need, and once. */
export function callerOnce(
  request: CallerOnceRequest,
  given: Given,
  terraform: OutputsReading,
  host: Host,
  signal: AbortSignal,
): CallerOnce {
  let reading: CallerReading | undefined;
  const ask = async (): Promise<Caller | undefined> => {
    if (reading === undefined) {
      host.emit({ type: 'step', name: 'inputs', message: 'Asking AWS who is calling' });
      reading = await identifyCaller(
        { ...request, ...regionsFor(request.specs, given, terraform, request.region) },
        signal,
      );
    }
    return reading.caller;
  };
  return { ask, caller: () => reading?.caller, findings: () => reading?.findings ?? [] };
}

/** An input for the region that was given by hand counts like the flag; Terraform's region is the last resort. */
function regionsFor(
  specs: InputSpecs,
  given: Given,
  { outputs }: OutputsReading,
  flag: string | undefined,
): { readonly region: string | undefined; readonly fallbackRegion: string | undefined } {
  const regionInputs = Object.entries(specs).filter(([, { sources }]) =>
    sources.some((source) => 'aws' in source && source.aws === 'region'),
  );
  const byHand = regionInputs.map(([name]) => given.values.get(name)?.value).find((value) => value !== undefined);
  const names = [...regionInputs.flatMap(([, { sources }]) => sources.flatMap(outputNamesOf)), 'aws_region', 'region'];
  const fallback = names
    .map((name) => outputs.get(name)?.value)
    .find((value) => typeof value === 'string' && value !== '');
  return {
    region: flag ?? (byHand === undefined ? undefined : String(byHand)),
    fallbackRegion: typeof fallback === 'string' ? fallback : undefined,
  };
}
