import type { Environment } from '../context.ts';
import { nonEmpty } from '../model/text.ts';
import type { ListenerFactory } from '../ui/listener.ts';
import type { Invocation } from './program.ts';

/** A command line that runs a command. */
export type Run = Extract<Invocation, { type: 'run' }>;

/** Who wants to hear of a run, from its flags and the environment: each is loaded only where it is wanted. */
export async function listenersOf(run: Run, env: Environment): Promise<readonly ListenerFactory[]> {
  return [...(await traces(run, env))];
}

/** kubectl waits for `token` again and again, and what is hidden runs beside a command that is seen. */
async function traces({ command }: Run, env: Environment): Promise<readonly ListenerFactory[]> {
  const endpoint = nonEmpty(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) ?? nonEmpty(env.OTEL_EXPORTER_OTLP_ENDPOINT);
  const isOff = env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none';
  if (endpoint === undefined || isOff || command.hidden === true || command.name === 'token') return [];
  const { traceTo } = await import('../ui/trace/trace.ts');
  return [traceTo(endpoint, command.name, env)];
}
