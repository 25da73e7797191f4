import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../context.ts';
import { DeployError } from '../errors.ts';
import { lastLines, type RunningComponent, startComponent, stopGraceMs } from './component.ts';
import type { ComponentName } from './control-plane.ts';
import type { SandboxState, StateFiles } from './state.ts';

/** How a component ended that nobody had stopped. */
export interface Death {
  readonly message: string;
  /** The end of the component's log. */
  readonly why: string;
}

/** The components of one sandbox: starts, restarts and stops them, and knows which end is a death. */
export interface Fleet {
  /** Resolves when a component has ended by itself. */
  readonly died: Promise<Death>;
  /** Aborted as soon as all are being stopped. */
  readonly stopping: AbortSignal;
  /** The death of a component that has ended by itself, if one has. */
  death(): Promise<Death> | undefined;
  start(name: ComponentName, args: readonly string[]): Promise<void>;
  /** Stops a component, leaves it down for `downMs` and starts it with the same arguments. One at a time per component. */
  restart(name: ComponentName, downMs: number): Promise<void>;
  logFileOf(name: ComponentName): string | undefined;
  /** Stops all, in the reverse order of their start. May be called again. */
  stop(): Promise<void>;
}

export interface FleetOptions {
  readonly files: StateFiles;
  /** The executable of a component. */
  readonly programOf: (name: ComponentName) => string;
  readonly env: Environment;
  /** Told of every start, before the component is relied on: `stop` must find each process. */
  readonly onChange: (components: SandboxState['components']) => void;
}

export function createFleet({ files, programOf, env, onChange }: FleetOptions): Fleet {
  const running = new Map<ComponentName, { readonly component: RunningComponent; readonly args: readonly string[] }>();
  const dismissed = new Set<RunningComponent>();
  const restarts = new Map<ComponentName, Promise<void>>();
  const closing = new AbortController();
  let report: (death: Death) => void = () => undefined;
  const died = new Promise<Death>((resolve) => {
    report = resolve;
  });

  const start: Fleet['start'] = async (name, args) => {
    const component = await startComponent(name, programOf(name), args, { logs: files.logs, work: files.dir }, env);
    running.set(name, { component, args });
    onChange([...running.values()].map(({ component: { name, ref } }) => ({ name, ...ref })));
    void watch(component);
  };
  const watch = async (component: RunningComponent): Promise<void> => {
    await component.ended;
    if (!dismissed.has(component)) report(await deathOf(component));
  };
  const dismiss = async (component: RunningComponent): Promise<void> => {
    dismissed.add(component);
    await component.stop(stopGraceMs(component.name));
  };
  const restartNow = async (name: ComponentName, downMs: number): Promise<void> => {
    const entry = running.get(name);
    if (entry === undefined || closing.signal.aborted) throw ending(name);
    await dismiss(entry.component);
    await sleep(downMs, undefined, { signal: closing.signal }).catch(() => undefined);
    if (closing.signal.aborted) throw ending(name);
    await start(name, entry.args);
  };
  return {
    died,
    stopping: closing.signal,
    start,
    death: () => {
      const dead = [...running.values()].find(({ component }) => component.hasEnded() && !dismissed.has(component));
      return dead === undefined ? undefined : deathOf(dead.component);
    },
    restart: (name, downMs) => {
      const before = restarts.get(name)?.catch(() => undefined) ?? Promise.resolve();
      const restart = before.then(() => restartNow(name, downMs));
      restarts.set(name, restart);
      return restart;
    },
    logFileOf: (name) => running.get(name)?.component.logFile,
    stop: async () => {
      closing.abort();
      // A component that is being restarted would come up after all are stopped.
      await Promise.allSettled(restarts.values());
      // A component that was restarted has kept its place.
      for (const { component } of [...running.values()].toReversed()) await dismiss(component);
    },
  };
}

function ending(name: ComponentName): DeployError {
  return new DeployError('failed', `The ${name} is not restarted: the sandbox is stopping.`);
}

async function deathOf(component: RunningComponent): Promise<Death> {
  const message = `The sandbox's ${component.name} ${await component.ended}.`;
  return { message, why: await lastLines(component.logFile, 10) };
}
