import type { Environment } from '../context.ts';
import { DeployError, restated } from '../errors.ts';
import type { Finding } from '../model/finding.ts';
import { meantOneOf, suggest } from '../model/suggest.ts';
import { commands } from './commands/index.ts';
import { globalOptions, optionVariable } from './options.ts';
import type { Run } from './program.ts';
import { otherVariables } from './topics/environment.ts';

const prefix = 'OMS_DEPLOY_';

/** A warning for each variable that looks like one of ours and is none: what was meant by it doesn't happen. */
export function unknownVariables(env: Environment): readonly Finding[] {
  const given = Object.keys(env).filter((name) => name.startsWith(prefix) && !name.startsWith(`${prefix}TEST_`));
  if (given.length === 0) return [];
  const specs = [...commands.flatMap(({ options }) => options), ...globalOptions];
  const known: ReadonlySet<string> = new Set([
    ...specs.map(({ flags }) => optionVariable(flags)),
    ...otherVariables.rows.map(([name = '']) => name),
  ]);
  return given
    .filter((name) => !known.has(name))
    .sort()
    .map((name) => ({
      id: 'environment/unknown',
      severity: 'warning',
      cause: `${name} is set, and there is no such variable: it has no effect.`,
      evidence: [],
      fix: meant(name, known) || 'Take it away, or see oms-deploy help environment.',
    }));
}

/** What all of them begin with makes no two of them alike. */
function meant(name: string, known: ReadonlySet<string>): string {
  const ours = [...known].filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
  return meantOneOf(suggest(name.slice(prefix.length), ours).map((one) => `${prefix}${one}`));
}

/** An error about a flag that nobody typed also names the variable that gave its value. */
export function namingVariables(error: unknown, { fromVariables }: Pick<Run, 'fromVariables'>): unknown {
  if (!(error instanceof DeployError) || error.code !== 'usage') return error;
  const { message } = error;
  const named = fromVariables.filter((flag) => new RegExp(`(^|\\s)${flag}(?![\\w-])`).test(message));
  if (named.length === 0) return error;
  const words = named.map((flag) => `${flag} is what the variable ${optionVariable(flag)} says.`);
  return restated(error, { why: [...(error.why === undefined ? [] : [error.why]), ...words].join(' ') });
}
