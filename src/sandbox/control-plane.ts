import { join } from 'node:path';
import type { StateFiles } from './state.ts';

/** The TCP ports of one sandbox, all on 127.0.0.1. */
export interface SandboxPorts {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly apiServer: number;
  /** kwok's own server: exec, attach and SPDY port-forward. */
  readonly kwok: number;
}

/** The components that are built from the control plane's module; kwok plays its nodes. */
export const controlPlaneNames = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
] as const;
export type ControlPlaneName = (typeof controlPlaneNames)[number];

/** All that a sandbox may run: in the place of kwok a real node, and the registry that it pulls from. */
export type ComponentName = ControlPlaneName | 'registry' | 'node';

/** The executable of each component: `go install` calls etcd's by the last part of its package, `server`. */
export const binaryNames: Readonly<Record<ControlPlaneName, string>> = {
  etcd: 'server',
  'kube-apiserver': 'kube-apiserver',
  'kube-controller-manager': 'kube-controller-manager',
  'kube-scheduler': 'kube-scheduler',
  kwok: 'kwok',
};

/** Files that the components read; see setup.ts for who writes them. */
export interface ControlPlaneFiles {
  readonly certDir: string;
  /** The API server makes this self-signed pair at its first start. kwok and our servers use it too. */
  readonly cert: string;
  readonly key: string;
  readonly serviceAccountKey: string;
  readonly serviceAccountPublicKey: string;
  readonly tokens: string;
  readonly auditPolicy: string;
  readonly kwokConfig: string;
  /** The kubeconfig of a component. */
  readonly kubeconfigOf: (name: string) => string;
  /** For a real node: the certificate with which the API server calls its kubelet, and the way into its network. */
  readonly kubeletCert: string;
  readonly kubeletKey: string;
  readonly egress: string;
}

/** The places of the components' files below the state folder. */
export function controlPlaneFiles(files: StateFiles): ControlPlaneFiles {
  const at = (name: string): string => join(files.pki, name);
  return {
    certDir: files.pki,
    cert: at('apiserver.crt'),
    key: at('apiserver.key'),
    serviceAccountKey: at('service-account.key'),
    serviceAccountPublicKey: at('service-account.pub'),
    tokens: at('tokens.csv'),
    auditPolicy: at('audit-policy.yaml'),
    kwokConfig: join(files.dir, 'kwok.yaml'),
    kubeconfigOf: (name) => at(`${name}.kubeconfig`),
    kubeletCert: at('kubelet-client.crt'),
    kubeletKey: at('kubelet-client.key'),
    egress: at('egress.yaml'),
  };
}

/** What single components need beside that. */
export interface ComponentOptions {
  /** For kwok: where our kubelet listens (see kubelet.ts). */
  readonly kubeletPort?: number;
  /** For the API server: the kubeconfig of a webhook that it asks about tokens it doesn't know (TokenReview). */
  readonly tokenWebhook?: string | undefined;
  /** For the API server: whether there is a real node. */
  readonly realNode?: boolean;
}

/** The arguments of a component. */
export function argumentsOf(
  name: ControlPlaneName,
  files: StateFiles,
  ports: SandboxPorts,
  { kubeletPort = 0, tokenWebhook, realNode = false }: ComponentOptions = {},
): readonly string[] {
  const own = controlPlaneFiles(files);
  switch (name) {
    case 'etcd':
      return etcdArguments(files, ports);
    case 'kube-apiserver':
      return [
        ...apiServerArguments(files, own, ports),
        ...webhookArguments(tokenWebhook),
        ...(realNode ? nodeArguments(own) : []),
      ];
    case 'kube-controller-manager':
      return controllerManagerArguments(own);
    case 'kube-scheduler':
      return ['--kubeconfig', own.kubeconfigOf(name), '--leader-elect=false', '--secure-port=0', ...highRate];
    case 'kwok':
      return kwokArguments(own, ports, kubeletPort);
    default:
      return name satisfies never;
  }
}

/** The default client rates (20 to 50 requests a second) would pace a deploy of many objects, not the machine. */
const highRate = ['--kube-api-qps=500', '--kube-api-burst=1000'];

function etcdArguments(files: StateFiles, ports: SandboxPorts): readonly string[] {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    ...['--name', 'sandbox', '--data-dir', files.etcd, '--log-level', 'warn'],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `sandbox=${peer}`],
    // Nothing of a sandbox outlives it: no need to wait for the disk.
    '--unsafe-no-fsync',
  ];
}

function apiServerArguments(files: StateFiles, own: ControlPlaneFiles, ports: SandboxPorts): readonly string[] {
  return [
    ...['--etcd-servers', `http://127.0.0.1:${ports.etcd}`],
    ...['--bind-address=127.0.0.1', '--advertise-address=127.0.0.1', '--secure-port', String(ports.apiServer)],
    ...['--cert-dir', own.certDir],
    ...['--service-account-key-file', own.serviceAccountPublicKey],
    ...['--service-account-signing-key-file', own.serviceAccountKey],
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=Node,RBAC',
    ...['--token-auth-file', own.tokens],
    '--allow-privileged',
    // Blocking: a request's line is in the file when the client has the answer, so tests can count.
    ...['--audit-log-path', files.auditLog, '--audit-log-mode=blocking', '--audit-log-format=json'],
    ...['--audit-policy-file', own.auditPolicy],
    // A loopback address as the kubernetes Service's endpoint is refused by the endpoint reconciler.
    '--endpoint-reconciler-type=none',
  ];
}

/** A real node is in a network of its own, which the launcher's proxy leads into; its kubelet asks who calls. */
function nodeArguments(own: ControlPlaneFiles): readonly string[] {
  return [
    ...['--egress-selector-config-file', own.egress],
    ...['--kubelet-client-certificate', own.kubeletCert, '--kubelet-client-key', own.kubeletKey],
    '--kubelet-preferred-address-types=InternalIP',
  ];
}

/** Each token is asked about each time: one that has expired is refused at once, as in a test of its end. */
function webhookArguments(file: string | undefined): readonly string[] {
  if (file === undefined) return [];
  return ['--authentication-token-webhook-config-file', file, '--authentication-token-webhook-cache-ttl=0s'];
}

function controllerManagerArguments(own: ControlPlaneFiles): readonly string[] {
  return [
    ...['--kubeconfig', own.kubeconfigOf('kube-controller-manager'), '--leader-elect=false', '--secure-port=0'],
    ...['--service-account-private-key-file', own.serviceAccountKey, '--root-ca-file', own.cert],
    '--use-service-account-credentials',
    // Leases may come late on a machine that is busy with other things; a pod that has once been called unready for its
    // node stays so here, as no kubelet reports it again.
    '--node-monitor-grace-period=10m',
    // An HPA has its target in seconds instead of minutes.
    '--horizontal-pod-autoscaler-sync-period=2s',
    '--horizontal-pod-autoscaler-initial-readiness-delay=1s',
    '--horizontal-pod-autoscaler-cpu-initialization-period=1s',
    ...highRate,
  ];
}

function kwokArguments(own: ControlPlaneFiles, ports: SandboxPorts, kubeletPort: number): readonly string[] {
  return [
    ...['--kubeconfig', own.kubeconfigOf('kwok'), '--config', own.kwokConfig, '--manage-all-nodes'],
    // Without leases the nodes turn NotReady after 50 s.
    '--node-lease-duration-seconds=40',
    // The nodes' kubelet is ours; it hands on to kwok's server what it doesn't answer itself.
    ...['--node-ip=127.0.0.1', '--node-port', String(kubeletPort)],
    ...['--server-address', `127.0.0.1:${ports.kwok}`],
    ...['--tls-cert-file', own.cert, '--tls-private-key-file', own.key],
  ];
}
