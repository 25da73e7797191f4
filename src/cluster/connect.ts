import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { Environment } from '../context.ts';
import { DeployError, messageOf } from '../errors.ts';
import { type Cluster, createCluster } from './cluster.ts';
import type { Credentials } from './session.ts';

export interface ConnectOptions {
  /** A kubeconfig file; else KUBECONFIG, `~/.kube/config`, or the pod's service account. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly env: Environment;
  readonly homeDir: string;
}

/**
 * Prepares the connection to the cluster that a kubeconfig names. Sends nothing, writes nothing.
 *
 * @throws DeployError `refused` where no kubeconfig is found, it can't be read, or the context isn't in it.
 */
export async function connect(options: ConnectOptions): Promise<Cluster> {
  const config = new KubeConfig();
  const source = options.kubeconfig ?? options.env.KUBECONFIG ?? join(options.homeDir, '.kube', 'config');
  try {
    if (options.kubeconfig === undefined) config.loadFromDefault();
    else config.loadFromFile(options.kubeconfig);
  } catch (error) {
    throw new DeployError('refused', `The kubeconfig ${source} can't be read.`, {
      why: messageOf(error),
      fix: 'Name a readable one with --kubeconfig, or make one: aws eks update-kubeconfig --name <cluster>.',
    });
  }
  if (options.context !== undefined) selectContext(config, options.context, source);
  const cluster = config.getCurrentCluster();
  // Without any kubeconfig the library falls back to http://localhost:8080, as old kubectl did: nobody means that.
  if (
    cluster === null ||
    (cluster.server === 'http://localhost:8080' && config.getCurrentContext() === 'loaded-context')
  ) {
    throw new DeployError('refused', 'There is no kubeconfig with a current context: no cluster to deploy to.', {
      why: `Looked at ${source || 'no file: KUBECONFIG is empty'}.`,
      fix: 'Run `aws eks update-kubeconfig --name <cluster>`, name one with --kubeconfig, or try `oms-deploy sandbox start` and --sandbox.',
    });
  }
  const credentials = async (): Promise<Credentials> => {
    const request: https.RequestOptions = { headers: {} };
    await config.applyToHTTPSOptions(request);
    return toCredentials(request);
  };
  return createCluster({ name: config.getCurrentContext(), server: cluster.server, credentials });
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

function toCredentials(request: https.RequestOptions): Credentials {
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized, agent, auth } = request;
  const set = { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized };
  const tls = Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined && value !== null));
  const basic = typeof auth === 'string' ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
  const headers = Object.fromEntries(
    Object.entries(request.headers ?? {}).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  );
  // A proxy (the kubeconfig's proxy-url or HTTPS_PROXY) comes as an agent of another class, with the TLS options in it.
  const isPlainAgent =
    agent instanceof Object && (agent.constructor === https.Agent || agent.constructor === http.Agent);
  return {
    tls,
    headers: { ...headers, ...basic },
    ...(agent instanceof http.Agent && !isPlainAgent ? { proxyAgent: agent } : {}),
  };
}
