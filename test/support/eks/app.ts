import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { config, manifests } from '../app.ts';
import { type CliOptions, type CliResult, makeFolder, runCli } from '../cli.ts';
import type { EksStand } from './eks.ts';

/** The small application, for an EKS stand, in a namespace that doesn't exist yet. */
export interface EksApp {
  readonly namespace: string;
  readonly folder: string;
  /** Runs a command with `--output json`, logged in to AWS, without any kubeconfig. */
  run(command: string, args?: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** What the cluster was asked to change in the namespace, dry runs left out. */
  writes(): Promise<readonly string[]>;
}

/** Lays it out, with `files` over it. */
export async function makeEksApp(
  t: TestContext,
  stand: EksStand,
  files: Readonly<Record<string, string>> = {},
): Promise<EksApp> {
  const namespace = `eks-${randomBytes(4).toString('hex')}`;
  const folder = await makeFolder(t, { 'oms-deploy.yaml': config, 'k8s/app.yaml': manifests, ...files });
  t.after(() => stand.sandbox.request('DELETE', `/api/v1/namespaces/${namespace}`));
  // Keys of its own: two tokens of the same second would be one, and the API server remembers what it has accepted.
  const { accessKeyId, secretAccessKey } = stand.createKey();
  const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  return {
    namespace,
    folder,
    run: (command, args = [], options = {}) =>
      runCli([command, '--namespace', namespace, '--output', 'json', ...args], {
        cwd: folder,
        ...options,
        env: { ...stand.env, ...keys, OMS_INPUT_PASSWORD: 'correct-horse', ...options.env },
      }),
    async writes() {
      const events = await stand.sandbox.auditEvents(
        ({ verb, requestURI, userAgent }) =>
          userAgent === 'oms-deploy' &&
          !['get', 'list', 'watch'].includes(verb) &&
          !requestURI.includes('dryRun=All') &&
          !requestURI.includes('/selfsubject') &&
          requestURI.includes(namespace),
      );
      return events.map(({ verb, requestURI }) => `${verb} ${requestURI}`);
    },
  };
}

/** Changes what a part of the stand does, until the test ends. */
export function meanwhile<T extends object>(t: TestContext, target: T, changes: Partial<T>): void {
  const before = Object.fromEntries(Object.keys(changes).map((key) => [key, Reflect.get(target, key)]));
  Object.assign(target, changes);
  t.after(() => void Object.assign(target, before));
}

/** A kubeconfig for the stand's cluster, as somebody else may have written it. */
export async function makeKubeconfig(
  t: TestContext,
  { sandbox }: Pick<EksStand, 'sandbox'>,
  {
    context,
    cluster = {},
    user = { token: sandbox.token },
  }: { readonly context: string; readonly cluster?: object; readonly user?: object },
): Promise<string> {
  const ca = Buffer.from(sandbox.ca).toString('base64');
  const folder = await makeFolder(t, {
    kubeconfig: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': context,
      clusters: [{ name: context, cluster: { server: sandbox.server, 'certificate-authority-data': ca, ...cluster } }],
      users: [{ name: context, user }],
      contexts: [{ name: context, context: { cluster: context, user: context } }],
    }),
  });
  return join(folder, 'kubeconfig');
}
