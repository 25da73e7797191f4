import type { Environment } from '../context.ts';

/** The CI system whose log a run is written to, as far as it gives that log a form. */
export type Ci =
  | {
      readonly system: 'github';
      /** The folder that files are named from. */
      readonly cwd: string;
      /** The checkout; annotations name files below it. */
      readonly workspace: string | undefined;
    }
  | { readonly system: 'gitlab' };

/**
 * Which CI system this is, by the variables that it sets:
 * https://docs.github.com/actions/reference/workflows-and-actions/variables, https://docs.gitlab.com/ci/variables/predefined_variables/
 */
export function ciOf(env: Environment, cwd: string): Ci | undefined {
  if (env.GITHUB_ACTIONS === 'true') return { system: 'github', cwd, workspace: env.GITHUB_WORKSPACE };
  return env.GITLAB_CI === 'true' ? { system: 'gitlab' } : undefined;
}
