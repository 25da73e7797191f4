import type { Config } from '../../config/schema.ts';
import type { Context } from '../../context.ts';
import { configRequest } from '../choose-config.ts';
import type { Command, Options } from '../command.ts';
import { withEnvironment } from '../from-environment.ts';
import { text, texts } from '../options.ts';
import type { Candidate, Lookup } from './wanted.ts';

interface Search {
  readonly lookup: Lookup;
  readonly command: Command;
  readonly given: Options;
}

/**
 * Looks names up, as the command with these flags would. It runs no Terraform, asks nobody, and waits for a cluster no
 * longer than `inTime` does.
 *
 * @throws whatever is in the way: who completes a line shows nothing then.
 */
export async function lookUp({ lookup, command, given }: Search, context: Context): Promise<readonly Candidate[]> {
  const { merged: options } = withEnvironment(given, command, context.env);
  switch (lookup) {
    case 'contexts': {
      const { contextNames } = await import('../../cluster/context-names.ts');
      return plain(await contextNames(text(options, 'kubeconfig'), context));
    }
    case 'environments': {
      const { environmentNames } = await import('../../config/environment-names.ts');
      return plain(await environmentNames(text(options, 'config'), context.cwd));
    }
    case 'checks': {
      const { preflightIds } = await import('../../deploy/preflight/preflight.ts');
      return plain(['all', ...preflightIds]);
    }
    case 'workloads':
    case 'releases': {
      const { releasesOf, workloadsOf } = await import('./deployed.ts');
      const request = { options, config: await readConfig(options, context), context };
      return lookup === 'releases' ? releasesOf(request) : workloadsOf(request);
    }
    case 'inputs':
    case 'assignments': {
      if (texts(options, 'manifests').length === 0) return ofConfig(lookup, await readConfig(options, context));
      const { placeholdersOf } = await import('./placeholders.ts');
      return placeholdersOf(lookup, options, context);
    }
    case 'namespaces':
      return ofConfig(lookup, await readConfig(options, context));
    case 'addons': {
      const { allAddons, withKnownAddons } = await import('../../config/addons/with-addons.ts');
      const { addons } = await withKnownAddons(await readConfig(options, context), []);
      const known = Object.entries(addons).map(([value, { description }]) => described(value, description));
      return [...known, described(allAddons, 'every add-on that there is')];
    }
  }
}

function ofConfig(
  lookup: Extract<Lookup, 'namespaces' | 'inputs' | 'assignments'>,
  { homes, inputs }: Config,
): readonly Candidate[] {
  switch (lookup) {
    case 'namespaces':
      return plain(homes);
    case 'inputs':
      return Object.entries(inputs).map(([value, { description }]) => described(value, description));
    case 'assignments':
      // One that is secret is refused there.
      return Object.entries(inputs)
        .filter(([, { secret }]) => secret !== true)
        .map(([name, { description }]) => described(`${name}=`, description));
  }
}

function described(value: string, about: string | undefined): Candidate {
  return about === undefined ? { value } : { value, about };
}

function plain(names: readonly string[]): readonly Candidate[] {
  return [...new Set(names)].map((value) => ({ value }));
}

async function readConfig(options: Options, context: Context): Promise<Config> {
  const { loadConfig } = await import('../../config/load.ts');
  return loadConfig(configRequest(options, context));
}
