import type { Caller, CallerReading } from '../aws/caller.ts';
import type { Finding } from '../model/finding.ts';
import type { Given } from './given.ts';
import { regionByHand } from './known-region.ts';
import type { InputSpecs } from './specs.ts';
import type { Surroundings } from './surroundings.ts';

/** AWS's answer, asked for lazily. */
export interface CallerOnce {
  readonly ask: () => Promise<Caller | undefined>;
  readonly caller: () => Caller | undefined;
  readonly findings: () => readonly Finding[];
}

/** Who calls, as the inputs see it: an input for the region that was given by hand counts like the flag. */
export function callerOnce(specs: InputSpecs, given: Given, surroundings: Surroundings): CallerOnce {
  const region = surroundings.aws.settings.region === undefined ? regionByHand(specs, given) : undefined;
  let reading: CallerReading | undefined;
  const ask = async (): Promise<Caller | undefined> => {
    reading ??= await surroundings.caller(region);
    return reading.caller;
  };
  return { ask, caller: () => reading?.caller, findings: () => reading?.findings ?? [] };
}
