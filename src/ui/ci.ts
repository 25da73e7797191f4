import type { Environment } from '../context.ts';
import type { Checkout } from './github/checkout-path.ts';

/** The CI system whose log a run is written to, as far as it gives that log a form. */
export type Ci = ({ readonly system: 'github' } & Checkout) | { readonly system: 'gitlab' };

/**
 * Which CI system this is, by the variables that it sets:
 * https://docs.github.com/actions/reference/workflows-and-actions/variables, https://docs.gitlab.com/ci/variables/predefined_variables/
 */
export function ciOf(env: Environment, cwd: string): Ci | undefined {
  if (env.GITHUB_ACTIONS === 'true') return { system: 'github', cwd, workspace: env.GITHUB_WORKSPACE };
  return env.GITLAB_CI === 'true' ? { system: 'gitlab' } : undefined;
}
