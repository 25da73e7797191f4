/** One Deployment for a test. */
export interface DeploymentOptions {
  /** Chooses how its pods behave in the sandbox. */
  readonly tag: string;
  readonly replicas?: number;
  readonly probe?: boolean;
  /** More lines of `spec`, each as YAML in flow style: `progressDeadlineSeconds: 3`. */
  readonly spec?: readonly string[];
  /** More of the pod's spec, in the same way. */
  readonly pod?: readonly string[];
  readonly annotations?: string;
}

/** A Deployment as a YAML document; with `probe` its pods have a readiness probe, so that no soak is needed. */
export function deploymentYaml(name: string, options: DeploymentOptions): string {
  const { tag, replicas = 1, probe = true, spec = [], pod = [], annotations = '{}' } = options;
  return [
    '---',
    'apiVersion: apps/v1',
    'kind: Deployment',
    `metadata: {name: ${name}, annotations: ${annotations}}`,
    'spec:',
    `  replicas: ${replicas}`,
    ...spec.map((line) => `  ${line}`),
    `  selector: {matchLabels: {app: ${name}}}`,
    '  template:',
    `    metadata: {labels: {app: ${name}}}`,
    '    spec:',
    ...pod.map((line) => `      ${line}`),
    '      containers:',
    `        - name: ${name}`,
    `          image: example.com/${name}:${tag}`,
    '          ports: [{name: http, containerPort: 80}]',
    ...(probe
      ? ['          readinessProbe: {httpGet: {path: /ready, port: http}, periodSeconds: 1, failureThreshold: 2}']
      : []),
    '',
  ].join('\n');
}

/** A configuration without inputs for the documents of k8s/. */
export const bareConfig = 'application: web\nnamespace: web\nmanifests: [k8s]\n';

/** A Service for the Deployment of the same name. */
export function serviceYaml(name: string, more = ''): string {
  return `---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec: {selector: {app: ${name}}, ports: [{name: http, port: 80, targetPort: http}]${more}}
`;
}
