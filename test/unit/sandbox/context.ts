import type { Context, Environment } from '../../../src/context.ts';
import type { DeployEvent } from '../../../src/events.ts';

/** A context that records what is emitted; nothing is asked. */
export function recordingContext(env: Environment, homeDir: string): { context: Context; events: DeployEvent[] } {
  const events: DeployEvent[] = [];
  const refuse = (): Promise<never> => Promise.reject(new Error('nothing may be asked'));
  const context: Context = {
    host: {
      canAsk: false,
      emit: (event) => events.push(event),
      protect: () => undefined,
      place: () => undefined,
      confirm: refuse,
      text: refuse,
      choose: refuse,
    },
    env,
    cwd: homeDir,
    homeDir,
    readStdin: () => Promise.resolve(''),
    signal: new AbortController().signal,
    programPath: '/nonexistent/main.js',
    execPath: process.execPath,
    pid: process.pid,
    version: '0.0.0',
  };
  return { context, events };
}
