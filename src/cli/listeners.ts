import { resolve } from 'node:path';
import type { Context, Environment } from '../context.ts';
import { nonEmpty } from '../model/text.ts';
import type { ListenerFactory } from '../ui/listener.ts';
import { text } from './options.ts';
import type { Run } from './program.ts';

/** Commands whose outcome belongs on the page of a workflow run. */
const summarized: ReadonlySet<string> = new Set([
  ...['up', 'plan', 'rollback', 'rollout', 'cleanup'],
  ...['verify', 'doctor', 'lint'],
]);

/** What listeners are made from, beside the flags. */
export type Around = Pick<Context, 'env' | 'cwd' | 'version'>;

/**
 * Who wants to hear of a run, from its flags and the environment: each is loaded only where it is wanted.
 *
 * @throws DeployError `usage` for what can't be had: before anything runs.
 */
export async function listenersOf(run: Run, around: Around): Promise<readonly ListenerFactory[]> {
  const { env } = around;
  const made = [report(run, around), junit(run, around), workflowRun(run.command.name, around), traces(run, env)];
  return (await Promise.all(made)).flat();
}

async function report(run: Run, around: Around): Promise<readonly ListenerFactory[]> {
  const file = text(run.options, 'report');
  return file === undefined ? [] : [await (await import('./report.ts')).reportFactory(file, run, around)];
}

async function junit({ options }: Run, { cwd }: Around): Promise<readonly ListenerFactory[]> {
  const file = text(options, 'junit');
  if (file === undefined) return [];
  const path = resolve(cwd, file);
  await (await import('./written-file.ts')).requireWritable('--junit', path);
  return [(await import('../ui/junit-listener.ts')).junitListener(path, file)];
}

/**
 * The workflow that a command line is a step of: it wants its outputs and its summary also of a line that came to no run.
 * `command` is the word that stands where commands do.
 */
export async function workflowRun(
  command: string,
  { env, cwd }: Pick<Around, 'env' | 'cwd'>,
): Promise<readonly ListenerFactory[]> {
  if (env.GITHUB_ACTIONS !== 'true' || !summarized.has(command)) return [];
  const { githubListener } = await import('../ui/github/listener.ts');
  const files = { summary: env.GITHUB_STEP_SUMMARY, output: env.GITHUB_OUTPUT };
  return [githubListener(files, { cwd, workspace: env.GITHUB_WORKSPACE })];
}

/** kubectl waits for `token` again and again, and what is hidden runs beside a command that is seen. */
async function traces({ command }: Run, env: Environment): Promise<readonly ListenerFactory[]> {
  const endpoint = nonEmpty(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) ?? nonEmpty(env.OTEL_EXPORTER_OTLP_ENDPOINT);
  const isOff = env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none';
  if (endpoint === undefined || isOff || command.hidden === true || command.name === 'token') return [];
  const { traceTo } = await import('../ui/trace/trace.ts');
  return [traceTo(endpoint, command.name, env)];
}
