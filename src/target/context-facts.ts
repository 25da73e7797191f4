import type { KubeconfigFacts } from '../cluster/connect.ts';
import { sandboxContext } from '../model/sandbox.ts';

/** What a kubeconfig's context tells of an EKS cluster, without asking anybody. */
export interface ContextFacts {
  readonly isSandbox: boolean;
  readonly name?: string;
  readonly arn?: string;
  readonly region?: string;
  /** The profile with which its program calls AWS. */
  readonly profile?: string;
}

const clusterArn = /^arn:[a-z-]+:eks:([a-z0-9-]+):\d{12}:cluster\/(.+)$/;

/**
 * Reads a context as `aws eks update-kubeconfig` and eksctl write it: an ARN as the cluster's name, `--cluster-name` and
 * `--region` in the arguments of the program that gives the token.
 */
export function contextFacts({ context, entry, server, exec }: KubeconfigFacts): ContextFacts {
  const arn = [entry, context].find((name) => clusterArn.test(name));
  const [, arnRegion, arnName] = clusterArn.exec(arn ?? '') ?? [];
  const args = exec?.args ?? [];
  const name = arnName ?? argument(args, '--cluster-name', '--cluster-id', '-i');
  const region = arnRegion ?? argument(args, '--region') ?? /\.([a-z0-9-]+)\.eks\./.exec(hostOf(server))?.[1];
  const profile = argument(args, '--profile') ?? exec?.env['AWS_PROFILE'];
  return {
    isSandbox: context === sandboxContext && isLoopback(hostOf(server)),
    ...(arn === undefined ? {} : { arn }),
    ...(name === undefined ? {} : { name }),
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
  };
}

/** The host of an address, in lower case; the address itself where it is none. */
export function hostOf(address: string): string {
  try {
    return new URL(address).hostname.toLowerCase();
  } catch {
    return address.toLowerCase();
  }
}

function argument(args: readonly string[], ...names: readonly string[]): string | undefined {
  for (const [index, arg] of args.entries()) {
    const [name = '', value] = arg.split('=', 2);
    if (names.includes(name)) return value ?? args[index + 1];
  }
  return undefined;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}
