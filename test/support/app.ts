import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import { at, type Json, type JsonObject, objectOf } from '../../src/model/json.ts';
import { type CliOptions, type CliResult, findingIds, makeFolder, runCli } from './cli.ts';
import { getSandbox, type TestSandbox } from './sandbox.ts';

/** A configuration for the small application below. */
export const config = `application: web
namespace: web
manifests: [k8s]
inputs:
  endpoint: {default: cache.example}
  level: {default: Information}
  password: {secret: true, prompt: Password}
`;

/** A ConfigMap, a Secret, a Service, and two Deployments of which one reads the ConfigMap's level. */
export const manifests = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  endpoint: \${endpoint}
  level: \${level}
---
apiVersion: v1
kind: Secret
metadata: {name: credentials}
stringData: {password: "\${password}"}
---
apiVersion: v1
kind: Service
metadata: {name: reader}
spec:
  selector: {app: reader}
  ports: [{name: http, port: 80}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: reader}
spec:
  replicas: 2
  selector: {matchLabels: {app: reader}}
  template:
    metadata: {labels: {app: reader}}
    spec:
      containers:
        - name: reader
          image: example.com/reader:1
          resources: {requests: {cpu: 100m}}
          readinessProbe: {httpGet: {path: /ready, port: 80}}
          env:
            - {name: LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: level}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: other}
spec:
  replicas: 1
  selector: {matchLabels: {app: other}}
  template:
    metadata: {labels: {app: other}}
    spec:
      containers:
        - name: other
          image: example.com/other:1
          readinessProbe: {httpGet: {path: /ready, port: 80}}
          env:
            - {name: PASSWORD, valueFrom: {secretKeyRef: {name: credentials, key: password}}}
`;

/** An HPA for the Deployment `reader`. */
export const autoscaler = `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: reader}
spec:
  minReplicas: 3
  maxReplicas: 9
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: reader}
  metrics:
    - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}
`;

/** An application in a folder, and the sandbox to deploy it to, in a namespace of the test's own. */
export interface TestApp {
  readonly sandbox: TestSandbox;
  readonly namespace: string;
  readonly folder: string;
  /** Runs a command on the application with `--output json`. */
  run(command: string, args?: readonly string[], options?: CliOptions): Promise<CliResult>;
  get(
    kind: 'configmaps' | 'secrets' | 'services' | 'pods' | 'deployments' | 'horizontalpodautoscalers',
    name: string,
  ): Promise<JsonObject>;
  /** The uids of the running pods of one `app` label. */
  podsOf(app: string): Promise<readonly string[]>;
  /** The requests that changed something in the namespace, dry runs left out: `patch /apis/...`. */
  writes(): Promise<readonly string[]>;
  /** Applies as `kubectl apply` does: client-side, with its record of what it applied. */
  kubectlApply(object: JsonObject): Promise<void>;
}

export interface AppOptions {
  /** False: the namespace doesn't exist yet, and is deleted when the test ends. */
  readonly createNamespace?: boolean;
  readonly files?: Readonly<Record<string, string>>;
  /** One of the test's own; else the one that all share. */
  readonly sandbox?: TestSandbox;
}

const groups: Readonly<Record<string, string>> = {
  configmaps: '/api/v1',
  secrets: '/api/v1',
  services: '/api/v1',
  pods: '/api/v1',
  deployments: '/apis/apps/v1',
  horizontalpodautoscalers: '/apis/autoscaling/v2',
};

/** The ids of what a run found, but for the password that every application here is given, and not each has use for. */
export function idsIn(run: CliResult): readonly string[] {
  return findingIds(run).filter((id) => id !== 'inputs/unknown');
}

/** Lays out the small application, or `files` over it. */
export async function makeApp(t: TestContext, options: AppOptions = {}): Promise<TestApp> {
  const sandbox = options.sandbox ?? (await getSandbox());
  const files = { 'oms-deploy.yaml': config, 'k8s/app.yaml': manifests, ...options.files };
  const folder = await makeFolder(t, files);
  const namespace =
    options.createNamespace === false ? `up-${randomBytes(4).toString('hex')}` : await sandbox.createNamespace('up', t);
  if (options.createNamespace === false) t.after(() => sandbox.request('DELETE', `/api/v1/namespaces/${namespace}`));
  const path = (kind: string, name: string): string => `${groups[kind] ?? ''}/namespaces/${namespace}/${kind}/${name}`;
  return {
    sandbox,
    namespace,
    folder,
    run: (command, args = [], cli = {}) =>
      runCli([command, '--kubeconfig', sandbox.kubeconfig, '--namespace', namespace, '--output', 'json', ...args], {
        cwd: folder,
        ...cli,
        env: { OMS_INPUT_PASSWORD: 'correct-horse', ...cli.env },
      }),
    async get(kind, name) {
      const { status, body } = await sandbox.request('GET', path(kind, name));
      if (status !== 200) throw new Error(`GET ${kind}/${name}: ${status}`);
      return objectOf(body);
    },
    async podsOf(app) {
      const { body } = await sandbox.request('GET', `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${app}`);
      const items = objectOf(body).items as readonly Json[];
      const alive = items.filter((pod) => at(pod, 'metadata', 'deletionTimestamp') === undefined);
      return alive.map((pod) => String(at(pod, 'metadata', 'uid'))).sort();
    },
    async writes() {
      const events = await sandbox.auditEvents(
        ({ verb, userAgent, requestURI, namespace: of }) =>
          userAgent === 'oms-deploy' &&
          !['get', 'list', 'watch'].includes(verb) &&
          !requestURI.includes('dryRun=All') &&
          (of === namespace || requestURI.includes(`/namespaces/${namespace}`)),
      );
      return events.map(({ verb, requestURI }) => `${verb} ${requestURI}`);
    },
    async kubectlApply(object) {
      const record = { 'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(object)}\n` };
      const metadata = { ...objectOf(object.metadata), namespace, annotations: record };
      const resource = `${String(object.kind).toLowerCase()}s`;
      const { status, body } = await sandbox.request(
        'POST',
        `${groups[resource] ?? ''}/namespaces/${namespace}/${resource}?fieldManager=kubectl-client-side-apply`,
        { ...object, metadata },
      );
      if (status !== 201) throw new Error(JSON.stringify(body));
    },
  };
}
