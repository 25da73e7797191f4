import type { Environment } from '../context.ts';
import type { ListenerFactory } from '../ui/listener.ts';
import type { Invocation } from './program.ts';

/** A command line that runs a command. */
export type Run = Extract<Invocation, { type: 'run' }>;

/** Who wants to hear of a run, from its flags and the environment: each is loaded only where it is wanted. */
export async function listenersOf(_run: Run, _env: Environment): Promise<readonly ListenerFactory[]> {
  return [];
}
