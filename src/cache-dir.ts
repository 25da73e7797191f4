import { isAbsolute, join } from 'node:path';
import type { Context } from './context.ts';

/** The cache folder of the user: `$XDG_CACHE_HOME/oms-deploy`, else `~/.cache/oms-deploy`. */
export function cacheDir({ env, homeDir }: Pick<Context, 'env' | 'homeDir'>): string {
  const xdg = env.XDG_CACHE_HOME;
  // The XDG specification says to ignore a relative path.
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homeDir, '.cache');
  return join(base, 'oms-deploy');
}
