import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { cacheDir } from '../cache-dir.ts';
import type { Environment } from '../context.ts';
import { DeployError, messageOf } from '../errors.ts';
import { type Cluster, type ClusterIdentity, createCluster } from './cluster.ts';
import { discoveryMemory } from './discovery-memory.ts';
import { askKubeconfig } from './kubeconfig-credentials.ts';

export interface KubeconfigRequest {
  /** A kubeconfig file; else KUBECONFIG, `~/.kube/config`, or the pod's service account. */
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly env: Environment;
  readonly homeDir: string;
  /** A sandbox runs on this machine: who names no cluster may mean that one. */
  readonly hasSandbox?: boolean;
}

/** What a kubeconfig says of the cluster that it names: for the check of the target. */
export interface KubeconfigFacts {
  readonly context: string;
  readonly server: string;
  /** The name in its certificate, where that isn't the server's: behind a tunnel. */
  readonly tlsServerName?: string;
  /** `aws eks update-kubeconfig` names clusters by their ARN. */
  readonly entry: string;
  /** The program that gives the credentials, as `aws eks get-token --cluster-name shop --region eu-west-1`. */
  readonly exec?: { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };
}

/** A kubeconfig that was read: nothing is asked of its cluster yet. */
export interface Kubeconfig {
  readonly facts: KubeconfigFacts;
  readonly connect: (identity: ClusterIdentity) => Cluster;
}

const waysToName = '--cluster <name>, Terraform outputs with eks_cluster_name, or --kubeconfig <file>';

/**
 * Reads which cluster a kubeconfig, or a pod's service account, names. Sends nothing, writes nothing.
 *
 * @throws DeployError `refused` where no kubeconfig is found, it can't be read, or the context isn't in it.
 */
export function readKubeconfig(request: KubeconfigRequest): Kubeconfig {
  const config = load(request);
  const cluster = config.getCurrentCluster();
  // Without any kubeconfig the library falls back to http://localhost:8080, as old kubectl did: nobody means that.
  if (
    cluster === null ||
    (cluster.server === 'http://localhost:8080' && config.getCurrentContext() === 'loaded-context')
  ) {
    throw new DeployError('refused', 'There is no cluster to work on: no EKS cluster is named, and no kubeconfig.', {
      why: `Looked for --cluster, the Terraform output eks_cluster_name, and ${placeOf(request) || 'no file: KUBECONFIG is empty'}.`,
      fix:
        request.hasSandbox === true
          ? `A sandbox runs on this machine: add --sandbox. Or name another cluster: ${waysToName}.`
          : `Name it: ${waysToName}. Or try \`oms-deploy sandbox start\` and --sandbox.`,
    });
  }
  const context = config.getCurrentContext();
  const exec: ExecConfig | null | undefined = config.getCurrentUser()?.exec;
  const { server } = cluster;
  return {
    connect: (identity) =>
      createCluster({
        name: context,
        server,
        identity,
        credentials: askKubeconfig(config, () => load(request)),
        memory: discoveryMemory(cacheDir(request), server),
      }),
    facts: {
      context,
      server,
      entry: cluster.name,
      ...(cluster.tlsServerName === undefined ? {} : { tlsServerName: cluster.tlsServerName }),
      ...(exec === null || exec === undefined ? {} : { exec: execOf(exec) }),
    },
  };
}

interface ExecConfig {
  readonly command?: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
}

function execOf({ args, env }: ExecConfig): NonNullable<KubeconfigFacts['exec']> {
  return {
    args: args ?? [],
    env: Object.fromEntries((env ?? []).map(({ name, value }): [string, string] => [name, value])),
  };
}

function placeOf({ kubeconfig, env, homeDir }: KubeconfigRequest): string {
  return kubeconfig ?? env.KUBECONFIG ?? join(homeDir, '.kube', 'config');
}

function load(request: KubeconfigRequest): KubeConfig {
  const config = new KubeConfig();
  const source = placeOf(request);
  try {
    if (request.kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(request.kubeconfig);
  } catch (error) {
    throw new DeployError('refused', `The kubeconfig ${source} can't be read.`, {
      why: messageOf(error),
      fix: 'Name a readable one with --kubeconfig, or none: with --cluster <name> no kubeconfig is needed.',
    });
  }
  if (request.context !== undefined) selectContext(config, request.context, source);
  return config;
}

interface ContextConfig {
  getContexts(): readonly { readonly name: string }[];
  setCurrentContext(name: string): void;
}

function selectContext(config: ContextConfig, name: string, source: string): void {
  const names = config.getContexts().map((context) => context.name);
  if (!names.includes(name)) {
    throw new DeployError('refused', `The kubeconfig ${source} has no context ${name}.`, {
      why: names.length === 0 ? 'It has none at all.' : `It has: ${names.join(', ')}.`,
      fix: 'Choose one of them with --context.',
    });
  }
  config.setCurrentContext(name);
}
