import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { cacheDir } from '../cache-dir.ts';
import type { Context } from '../context.ts';
import { DeployError, systemCodeOf } from '../errors.ts';

/** Where everything of one sandbox lives. All of it is below one folder, which `stop` removes. */
export interface StateFiles {
  readonly dir: string;
  /** Made by us when we made (or found empty) the folder: only a folder that has it is ever deleted. */
  readonly marker: string;
  readonly state: string;
  readonly kubeconfig: string;
  readonly auditLog: string;
  readonly logs: string;
  readonly pki: string;
  readonly etcd: string;
  /** All that a real node writes, and its registry's images. */
  readonly node: string;
}

/** The files below a state folder. */
export function stateFiles(dir: string): StateFiles {
  return {
    dir,
    marker: join(dir, '.oms-deploy-sandbox'),
    state: join(dir, 'state.json'),
    kubeconfig: join(dir, 'kubeconfig'),
    auditLog: join(dir, 'audit.log'),
    logs: join(dir, 'logs'),
    pki: join(dir, 'pki'),
    etcd: join(dir, 'etcd'),
    node: join(dir, 'node'),
  };
}

/** The state folder that `--state` names, else the default one in the user's cache. */
export function stateDir(context: Context, option: string | undefined): string {
  return option === undefined ? join(cacheDir(context), 'sandbox', 'default') : resolve(context.cwd, option);
}

/** The same without the flag: the folder that `--sandbox` looks in. An empty variable counts as not set. */
export function usualStateDir(context: Context): string {
  const { OMS_DEPLOY_STATE: named } = context.env;
  return stateDir(context, named === '' ? undefined : named);
}

/** What runs a sandbox's pods: kwok plays nodes; a real one has a kubelet and containers. */
export const nodeKinds = ['kwok', 'real'] as const;
export type NodeKind = (typeof nodeKinds)[number];

const processSchema = z.object({ pid: z.number().int(), startTime: z.string() });

const stateSchema = z.object({
  status: z.enum(['starting', 'ready', 'stopping', 'failed']),
  /** Why it failed, with the last lines of the component's log. */
  failure: z.object({ message: z.string(), why: z.string() }).optional(),
  supervisor: processSchema,
  components: z.array(processSchema.extend({ name: z.string() })),
  startedAt: z.string(),
  /** What runs the pods. */
  node: z.enum(nodeKinds).default('kwok'),
  version: z.string(),
  server: z.string(),
  control: z.string(),
  ports: z.record(z.string(), z.number()),
});

/** What the supervisor records: who runs, where, and since when. */
export type SandboxState = Readonly<z.infer<typeof stateSchema>>;

/** The recorded state, or undefined where there is none. Throws DeployError('usage') where the file isn't ours. */
export function readState(dir: string): SandboxState | undefined {
  const file = stateFiles(dir).state;
  try {
    return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new DeployError('usage', `The sandbox's state file ${file} can't be read.`, {
      why: 'It is damaged, or was written by another version.',
      fix: 'End its processes by hand, remove the folder and run `oms-deploy sandbox start` again.',
      cause: error,
    });
  }
}

/** Writes the state so that a reader never sees half of it. */
export function writeState(dir: string, state: SandboxState): void {
  const file = stateFiles(dir).state;
  writeFileSync(`${file}.new`, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
