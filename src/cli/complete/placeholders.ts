import type { Context } from '../../context.ts';
import { readWanted } from '../../deploy/read-wanted.ts';
import { chooseConfig } from '../choose-config.ts';
import type { Options } from '../command.ts';
import { texts } from '../options.ts';
import type { Candidate } from './wanted.ts';

/** The inputs that manifests given with `-f` have placeholders for; of assignments, those that aren't secret. */
export async function placeholdersOf(
  lookup: 'inputs' | 'assignments',
  options: Options,
  context: Context,
): Promise<readonly Candidate[]> {
  const { cwd, env, readStdin, signal } = context;
  const config = await chooseConfig(options, context, 'judgement');
  const request = {
    config,
    addons: texts(options, 'with'),
    manifests: texts(options, 'manifests'),
    resolve: { cwd, env, readStdin, set: [] },
  };
  const { used, specs } = await readWanted(request, signal);
  const isAssignment = lookup === 'assignments';
  return [...used]
    .filter((name) => name in specs && !(isAssignment && specs[name]?.secret === true))
    .map((name) => {
      const about = specs[name]?.description;
      return { value: isAssignment ? `${name}=` : name, ...(about === undefined ? {} : { about }) };
    });
}
