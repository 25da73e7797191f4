import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { sandboxContext } from '../model/sandbox.ts';
import { controlPlaneFiles, type SandboxPorts } from './control-plane.ts';
import { nodeName } from './node/settings.ts';
import type { StateFiles } from './state.ts';

/** The components that talk to the API server, and our own supervisor: each has a user of its own in the audit log. */
const systemUsers = ['kube-controller-manager', 'kube-scheduler', 'kwok', 'supervisor', 'coredns'] as const;
type SystemUser = (typeof systemUsers)[number];

/** The users of a real node's parts, whose names and groups Kubernetes itself gives rights to. */
const nodeUsers = {
  kubelet: { user: `system:node:${nodeName}`, group: 'system:nodes' },
  'kube-proxy': { user: 'system:kube-proxy', group: 'system:node-proxier' },
};

/** The bearer tokens of a sandbox. `admin` is the one in the user's kubeconfig. */
export type Tokens = Readonly<Record<SystemUser | keyof typeof nodeUsers | 'admin', string>>;

/** Writes all that the API server needs before it starts: keys, tokens, audit policy. Nothing is readable by others. */
export async function writeServerFiles(files: StateFiles): Promise<Tokens> {
  const own = controlPlaneFiles(files);
  for (const dir of [files.logs, files.pki, files.etcd]) await mkdir(dir, { recursive: true, mode: 0o700 });
  const tokens = createTokens();
  const keys = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
  });
  await writePrivate(own.serviceAccountKey, keys.privateKey);
  await writePrivate(own.serviceAccountPublicKey, keys.publicKey);
  await writePrivate(own.tokens, tokenFile(tokens));
  await writePrivate(own.auditPolicy, stringify(auditPolicy()));
  return tokens;
}

/** Writes the kubeconfigs, as soon as the API server has made its certificate. */
export async function writeKubeconfigs(files: StateFiles, ports: SandboxPorts, tokens: Tokens): Promise<void> {
  const own = controlPlaneFiles(files);
  const certificate = await readFile(own.cert);
  const server = serverUrl(ports);
  const components = ['kube-controller-manager', 'kube-scheduler', 'kwok', 'coredns', 'kubelet', 'kube-proxy'] as const;
  for (const name of components) {
    await writePrivate(own.kubeconfigOf(name), kubeconfig(server, certificate, tokens[name]));
  }
  await writePrivate(files.kubeconfig, kubeconfig(server, certificate, tokens.admin));
}

/** The API server's address. */
export function serverUrl(ports: SandboxPorts): string {
  return `https://127.0.0.1:${ports.apiServer}`;
}

/** Writes a file that only its owner can read. */
export async function writePrivate(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
}

function createTokens(): Tokens {
  const token = (): string => randomBytes(24).toString('base64url');
  return {
    admin: token(),
    'kube-controller-manager': token(),
    'kube-scheduler': token(),
    kwok: token(),
    supervisor: token(),
    coredns: token(),
    kubelet: token(),
    'kube-proxy': token(),
  };
}

function tokenFile(tokens: Tokens): string {
  const line = (name: string, id: string, group: string, token: string): string =>
    `${token},${name},${id},"${group}"\n`;
  const masters = [...systemUsers, 'admin' as const].map((user) =>
    line(`sandbox:${user}`, user, 'system:masters', tokens[user]),
  );
  const { kubelet, 'kube-proxy': proxy } = nodeUsers;
  return [
    ...masters,
    line(kubelet.user, 'kubelet', kubelet.group, tokens.kubelet),
    line(proxy.user, 'kube-proxy', proxy.group, tokens['kube-proxy']),
  ].join('');
}

/**
 * The audit log holds each request of a client of the sandbox once, when it is answered, without bodies (they hold
 * secrets). What the sandbox itself asks would bury them.
 */
function auditPolicy(): unknown {
  return {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived', 'ResponseStarted', 'Panic'],
    rules: [
      { level: 'None', users: ['system:apiserver', ...systemUsers.map((user) => `sandbox:${user}`)] },
      { level: 'None', users: Object.values(nodeUsers).map(({ user }) => user) },
      { level: 'None', userGroups: ['system:serviceaccounts:kube-system'] },
      { level: 'None', nonResourceURLs: ['/readyz*', '/livez*', '/healthz*'] },
      { level: 'Metadata' },
    ],
  };
}

function kubeconfig(server: string, certificate: Buffer, token: string): string {
  const name = sandboxContext;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': certificate.toString('base64') } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  });
}
