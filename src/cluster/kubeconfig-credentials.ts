import http from 'node:http';
import https from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { DeployError, interrupted, messageOf, systemCodeOf } from '../errors.ts';
import { orAborted } from '../model/abort.ts';
import { shellQuoted } from '../model/text.ts';
import type { CredentialSource, Credentials } from './session.ts';

/** A login in a browser takes its time; a program that asks for what nobody types takes for ever. */
const pluginTimeoutMs = 60_000;

/**
 * The credentials that a kubeconfig gives: a token, a certificate, or what its program says. One that was refused isn't
 * used again: the library would keep a program's answer until it expires, so the kubeconfig is loaded anew.
 */
export function askKubeconfig(first: KubeConfig, reload: () => KubeConfig): CredentialSource {
  let config = first;
  return async (renew, signal) => {
    if (renew) config = reload();
    const request: https.RequestOptions = { headers: {} };
    const limit = AbortSignal.timeout(pluginTimeoutMs);
    try {
      // The program runs on where it must: a first signal reaches it by the terminal.
      await orAborted(config.applyToHTTPSOptions(request), AbortSignal.any([signal, limit]));
    } catch (error) {
      if (signal.aborted) throw interrupted();
      const why = limit.aborted ? `it gave no answer within ${pluginTimeoutMs / 1000} s` : messageOf(error);
      throw hasProgram(config) ? pluginFailed(config, error, why) : unusable(config, error);
    }
    return toCredentials(request);
  };
}

function hasProgram(config: KubeConfig): boolean {
  const { exec } = config.getCurrentUser() ?? {};
  return exec !== undefined && exec !== null;
}

/** No program was run: the library refuses what the kubeconfig says. */
function unusable(config: KubeConfig, error: unknown): DeployError {
  const { server = '' } = config.getCurrentCluster() ?? {};
  const isPlain = server.startsWith('http:');
  return new DeployError('refused', "What the kubeconfig says of the cluster and its user can't be used.", {
    why: isPlain ? `${server} is not https: credentials would be sent in clear.` : firstLines(messageOf(error)),
    fix: isPlain
      ? 'Name the server with https; of a proxy on this machine say insecure-skip-tls-verify: true.'
      : 'Correct the kubeconfig, or leave it out: --cluster <name>.',
    cause: error,
  });
}

function pluginFailed(config: KubeConfig, error: unknown, why: string): DeployError {
  const exec: { readonly command?: string; readonly args?: readonly string[] | null } =
    config.getCurrentUser()?.exec ?? {};
  const command = [exec.command ?? 'no command', ...(exec.args ?? [])].map(shellQuoted).join(' ');
  const isMissing = systemCodeOf(error) === 'ENOENT';
  const profile = /--profile[= ](\S+)/.exec(command)?.[1];
  const login = `Log in again: aws sso login${profile === undefined ? '' : ` --profile ${profile}`}.`;
  const fix = isMissing
    ? `Install ${exec.command ?? 'it'}, or leave the kubeconfig out: with --cluster <name> oms-deploy makes its own tokens.`
    : /\bsso\b|token has expired/i.test(why)
      ? login
      : 'Run it yourself to see what is wrong, or leave the kubeconfig out: --cluster <name>.';
  return new DeployError('refused', `The program of the kubeconfig that gives the credentials failed: ${command}`, {
    why: isMissing ? 'There is no such program.' : firstLines(why),
    fix,
    cause: error,
  });
}

function firstLines(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .slice(0, 3)
    .join(' ')
    .slice(0, 500);
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
