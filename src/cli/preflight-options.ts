import { type PreflightOptions, preflightIds } from '../deploy/preflight/preflight.ts';
import { DeployError } from '../errors.ts';
import { didYouMean } from '../model/suggest.ts';
import type { Options } from './command.ts';

/**
 * What the preflight leaves out, from the flag: with `true` or `all` everything.
 *
 * @throws DeployError `usage` for a check that there isn't.
 */
export function preflightOptions({ skipPreflight: given }: Options): { readonly preflight: PreflightOptions } {
  if (given === undefined || given === false) return { preflight: { skip: [] } };
  const names = typeof given === 'string' ? given.split(',').map((name) => name.trim()) : ['all'];
  const skip = names.filter((name) => name !== '');
  if (skip.includes('all')) return { preflight: { skip: preflightIds } };
  const unknown = skip.find((name) => !preflightIds.includes(name));
  if (unknown === undefined) return { preflight: { skip: preflightIds.filter((id) => skip.includes(id)) } };
  const near = didYouMean(unknown, preflightIds);
  throw new DeployError('usage', `--skip-preflight: there is no check ${JSON.stringify(unknown)}.`, {
    fix: near || `Choose from: ${preflightIds.join(', ')}; or all.`,
  });
}
