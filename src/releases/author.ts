import { hostname, userInfo } from 'node:os';
import type { Environment } from '../context.ts';
import type { Author, Commit } from '../model/release.ts';
import { findProgram, runProgram } from '../program.ts';

/** Who deploys, and from where: the operating system's user, and the run in CI where there is one. */
export function authorOf(env: Environment): Author {
  const url = ciUrl(env);
  return { user: userName(env), host: hostname(), ...(url === undefined ? {} : { url }) };
}

function userName(env: Environment): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a uid without a name.
    return env['USER'] ?? env['LOGNAME'] ?? 'unknown';
  }
}

/** The address of the run, as the CI services name it. */
function ciUrl(env: Environment): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  if (server !== undefined && repository !== undefined && run !== undefined) {
    return `${server}/${repository}/actions/runs/${run}`;
  }
  return env['CI_JOB_URL'] ?? env['BUILD_URL'] ?? env['BUILDKITE_BUILD_URL'] ?? env['CIRCLE_BUILD_URL'];
}

const gitTimeoutMs = 3_000;

/** The git commit of a folder; undefined where there is no repository, or no git. */
export async function commitOf(folder: string, env: Environment, signal: AbortSignal): Promise<Commit | undefined> {
  const git = await gitIn(folder, env, signal);
  if (git === undefined) return undefined;
  const [hash, branch, changes] = await Promise.all([
    git('rev-parse', 'HEAD'),
    git('symbolic-ref', '--short', '--quiet', 'HEAD'),
    git('status', '--porcelain', '--', '.'),
  ]);
  if (hash === undefined) return undefined;
  return { hash, ...(branch === undefined ? {} : { branch }), dirty: changes !== '' };
}

/** The top folder of the git repository that a folder is in; undefined where there is none, or no git. */
export async function repositoryOf(folder: string, env: Environment, signal: AbortSignal): Promise<string | undefined> {
  const git = await gitIn(folder, env, signal);
  return git?.('rev-parse', '--show-toplevel');
}

type Git = (...args: readonly string[]) => Promise<string | undefined>;

async function gitIn(folder: string, env: Environment, signal: AbortSignal): Promise<Git | undefined> {
  const program = await findProgram('git', env, folder);
  if (program === undefined) return undefined;
  return async (...args) => {
    const end = await runProgram({ program, args, env, cwd: folder, timeoutMs: gitTimeoutMs }, signal);
    return end.state === 'exited' && end.code === 0 ? end.stdout.trim() : undefined;
  };
}
