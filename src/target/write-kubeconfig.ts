import { readFile, realpath } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { DeployError, messageOf, systemCodeOf } from '../errors.ts';
import type { Host } from '../events.ts';
import { createSurroundings } from '../inputs/surroundings.ts';
import { formatYaml } from '../model/yaml.ts';
import { writeWhole } from '../whole-file.ts';
import { eksName } from './exec-credential.ts';
import { inspectEks } from './inspect-eks.ts';
import { readRequest } from './read-request.ts';
import type { TargetRequest } from './request.ts';

export interface KubeconfigFile {
  /** Where to write it, relative to the working directory. */
  readonly path: string;
  /** The namespace of its context. */
  readonly namespace: string;
  /** The program that gives kubectl its tokens: the aws CLI, or this one. */
  readonly exec: 'aws' | 'oms-deploy';
  /** How this program is started. */
  readonly self: readonly string[];
}

export interface WrittenKubeconfig {
  readonly path: string;
  readonly context: string;
  readonly server: string;
}

const firstLine = '# Written by `oms-deploy kubeconfig`, which writes it again.';

/**
 * Writes a kubeconfig of its own for an EKS cluster; no token is in it. That of the user is never touched.
 *
 * @throws DeployError `usage` for a file that isn't ours, `refused` as `openCluster`.
 */
export async function writeKubeconfig(
  file: KubeconfigFile,
  request: TargetRequest,
  host: Host,
  signal: AbortSignal,
): Promise<WrittenKubeconfig> {
  if (file.path === '-') {
    throw new DeployError('usage', 'A kubeconfig is written to a file, not to standard output.', {
      fix: 'Name it: --out <file>.',
    });
  }
  const path = resolve(request.surroundings.cwd, file.path);
  await refuseForeign(path, request);
  const surroundings = createSurroundings(request.surroundings, host, signal);
  const { destination, beforehand } = await readRequest(request, surroundings);
  const { name, claim, region } = await eksName(destination, surroundings);
  const { eks, warnings } = await inspectEks(claim, beforehand, surroundings, signal);
  for (const finding of warnings) host.emit({ type: 'finding', finding });
  const { settings } = surroundings.aws;
  const profile = settings.profile ?? settings.env['AWS_PROFILE'];
  const text = formatYaml({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': eks.arn,
    clusters: [{ name: eks.arn, cluster: { server: eks.endpoint, 'certificate-authority-data': eks.ca } }],
    contexts: [{ name: eks.arn, context: { cluster: eks.arn, user: eks.arn, namespace: file.namespace } }],
    users: [{ name: eks.arn, user: { exec: execOf(file, { name, region, profile }) } }],
  });
  await write(path, `${firstLine}\n${text}`);
  return { path: file.path, context: eks.arn, server: eks.endpoint };
}

interface TokenFor {
  readonly name: string;
  readonly region: string;
  readonly profile: string | undefined;
}

/** The profile is pinned: a shell with other credentials would be another identity (aws-cli stores it for that, too). */
function execOf(
  { exec, self }: KubeconfigFile,
  { name, region, profile }: TokenFor,
): Record<string, string | string[] | { name: string; value: string }[]> {
  const [command = '', ...first] = exec === 'aws' ? ['aws'] : self;
  const args =
    exec === 'aws'
      ? ['--region', region, 'eks', 'get-token', '--cluster-name', name, '--output', 'json']
      : [...first, 'token', '--cluster', name, '--region', region, '--output', 'plain', '--quiet'];
  return {
    apiVersion: exec === 'aws' ? 'client.authentication.k8s.io/v1beta1' : 'client.authentication.k8s.io/v1',
    command,
    args,
    ...(profile === undefined ? {} : { env: [{ name: 'AWS_PROFILE', value: profile }] }),
    interactiveMode: 'IfAvailable',
  };
}

/** The files that kubectl reads by itself are the user's, whatever is in them. */
async function refuseForeign(path: string, { homeDir, surroundings }: TargetRequest): Promise<void> {
  const named = surroundings.env.KUBECONFIG ?? '';
  const own = [...named.split(delimiter).filter((one) => one !== ''), join(homeDir, '.kube', 'config')];
  const real = (one: string): Promise<string> => realpath(one).catch(() => one);
  const owned = await Promise.all(own.map((one) => real(resolve(surroundings.cwd, one))));
  const current = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw unwritable(path, error);
  });
  const isOurs = current === undefined || current.startsWith(firstLine);
  if (isOurs && !owned.includes(await real(path))) return;
  const why = isOurs
    ? 'kubectl reads it by itself, so it is yours.'
    : 'It is there already, and oms-deploy has not written it.';
  throw new DeployError('usage', `${path} is not written over.`, {
    why,
    fix: 'Name a file that does not exist yet: --out <file>.',
  });
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeWhole(path, text, 0o600);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): DeployError {
  return new DeployError('usage', `${path} can't be written.`, {
    why: messageOf(error),
    fix: 'Name another file: --out <file>.',
  });
}
