import assert from 'node:assert/strict';
import { after, before, describe, type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { arrayOf, at, type Json, numberOf, stringOf } from '../../src/model/json.ts';
import { type CliResult, findingIds, makeFolder, resultOf, runCli } from '../support/cli.ts';
import { nodeOfFile } from '../support/node.ts';
import { startOwnSandbox, type TestSandbox } from '../support/sandbox.ts';
import { bareConfig } from '../support/workloads.ts';

const missingTag = 'not-pushed';

/** A way to fail that a kubelet reports. */
interface Failure {
  readonly name: string;
  /** The tag of the image on the real node, and the word of the same behaviour where kwok plays it. */
  readonly tag: string;
  readonly played?: string;
  /** More of the pod's and of the container's spec, as YAML in flow style. */
  readonly pod?: string;
  readonly container?: string;
  readonly spec?: string;
  /** What the findings are, and what their cause must say. */
  readonly finding: string;
  readonly cause: RegExp;
  /** What the container itself says of it, on the real node. */
  readonly log?: RegExp;
  /** True once the cluster shows the certain signal (facts of readiness.md) in a pod's status. */
  readonly isCertain: (pod: Json) => boolean;
  /** The failure is certain by time alone. */
  readonly isHeld?: true;
}

const statusOf = (pod: Json, list = 'containerStatuses'): Json | undefined => arrayOf(at(pod, 'status', list))[0];
const waitsFor = (reason: string) => (pod: Json) => at(statusOf(pod), 'state', 'waiting', 'reason') === reason;
/** The third run has ended, with the same code as the ones before. */
const crashed = (list?: string) => (pod: Json) => {
  const status = statusOf(pod, list);
  return numberOf(at(status, 'restartCount'), 0) >= 2 && at(status, 'state', 'running') === undefined;
};
const killedTwice = (pod: Json): boolean => {
  const status = statusOf(pod);
  const ends = [at(status, 'state', 'terminated', 'reason'), at(status, 'lastState', 'terminated', 'reason')];
  return (
    numberOf(at(status, 'restartCount'), 0) >= 1 &&
    ends.includes('OOMKilled') &&
    at(status, 'state', 'running') === undefined
  );
};

const failures: readonly Failure[] = [
  {
    name: 'a crash at the start',
    tag: 'crash',
    finding: 'container/crash',
    cause: /the container ends with exit code 1/,
    isCertain: crashed(),
  },
  {
    name: 'a crash of an init container',
    tag: '1.0',
    played: 'init-crash',
    pod: 'initContainers: [{name: migrate, image: "example.com/web:INIT"}]',
    finding: 'container/crash',
    cause: /the init container ends with exit code 1/,
    isCertain: crashed('initContainerStatuses'),
  },
  {
    name: 'more memory than the limit',
    tag: 'oom',
    container: 'resources: {limits: {memory: 64Mi}}',
    finding: 'container/oom',
    cause: /limit of 64Mi/,
    isCertain: killedTwice,
  },
  {
    name: 'a readiness probe that never passes',
    tag: 'never-ready',
    spec: 'progressDeadlineSeconds: 10',
    finding: 'pod/not-ready',
    cause: /its readiness probe \(GET \/ready on port 8080\) fails/,
    // Certain only when the Deployment's own deadline is over, which no pod shows.
    isCertain: () => false,
    isHeld: true,
  },
  {
    name: 'a liveness probe that fails',
    tag: '1.0',
    played: 'crash',
    // It is ready meanwhile: without this a deploy would be over before the first restart.
    spec: 'minReadySeconds: 30',
    container:
      'startupProbe: {tcpSocket: {port: 8080}}\n          livenessProbe: {tcpSocket: {port: 9}, periodSeconds: 1, failureThreshold: 1, initialDelaySeconds: 1}',
    finding: 'container/crash',
    cause: /the kubelet restarts the container: its liveness probe fails/,
    isCertain: crashed(),
  },
  {
    name: 'a key that a ConfigMap lacks',
    tag: '1.0',
    played: 'missing-config-key',
    container: 'env: [{name: LEVEL, valueFrom: {configMapKeyRef: {name: settings, key: level}}}]',
    finding: 'config/missing',
    cause: /ConfigMap \S+\/settings has no key level/,
    isCertain: waitsFor('CreateContainerConfigError'),
  },
  {
    name: 'an image that is not there',
    tag: missingTag,
    played: 'image-not-found',
    finding: 'image/not-found',
    cause: /does not exist/,
    isCertain: waitsFor('ErrImagePull'),
  },
  {
    name: 'a program that is not in the image',
    tag: 'start-error',
    finding: 'container/start',
    cause: /the container can't be started: .* is not in its image/,
    isCertain: (pod) => numberOf(at(statusOf(pod), 'restartCount'), 0) >= 1,
  },
  {
    name: 'a port below 1024 for a user other than root, without the sysctl',
    tag: '1.0',
    played: 'crash',
    container: 'env: [{name: ASPNETCORE_URLS, value: "http://+:80"}]',
    finding: 'container/crash',
    cause: /the container ends with exit code 1: it may not listen on its port/,
    log: /listen tcp :80: bind: permission denied/,
    isCertain: crashed(),
  },
  {
    name: 'a root file system that is read-only',
    tag: 'writes-root',
    played: 'crash',
    container: 'securityContext: {readOnlyRootFilesystem: true}',
    finding: 'container/crash',
    cause: /the container ends with exit code 1: it writes to a file system that is read-only/,
    log: /read-only file system/,
    isCertain: crashed(),
  },
];

function manifest({ tag, played, pod = '', container = '', spec = '' }: Failure, isReal: boolean): string {
  const env = container.includes('env:') ? '' : 'env: [{name: ASPNETCORE_URLS, value: "http://+:8080"}]';
  const own = isReal ? tag : (played ?? tag);
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  ${spec}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      ${pod.replace('INIT', isReal ? 'crash' : 'init-crash')}
      containers:
        - name: web
          image: example.com/web:${own === 'init-crash' ? '1.0' : own}
          ${env}
          ${container}
          readinessProbe: {httpGet: {path: /ready, port: 8080}, periodSeconds: 1, failureThreshold: 2}
`;
}

const { skip, node } = await nodeOfFile();
const played = skip === false ? await startOwnSandbox({ after }) : undefined;
before(async () => {
  if (skip !== false) return;
  const tags = new Set(['1.0', 'crash', ...failures.map(({ tag }) => tag)]);
  tags.delete(missingTag);
  await node().publish([...tags].map((tag) => `web:${tag}`));
});

interface Observed {
  readonly run: CliResult;
  /** From the certain signal to the word of the failure; undefined where there was no such signal. */
  readonly lagMs: number | undefined;
}

/** Deploys in a namespace of its own, and looks at the pods meanwhile, as often as a person can't. */
async function observe(t: TestContext, sandbox: TestSandbox, failure: Failure, isReal: boolean): Promise<Observed> {
  const namespace = await sandbox.createNamespace('fails', t);
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { other: 'key' } };
  await sandbox.request('POST', `/api/v1/namespaces/${namespace}/configmaps`, settings);
  const folder = await makeFolder(t, { 'oms-deploy.yaml': bareConfig, 'k8s/web.yaml': manifest(failure, isReal) });
  let failingAt: number | undefined;
  let certainAt: number | undefined;
  const over = new AbortController();
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted && certainAt === undefined) {
      const { body } = await sandbox.request('GET', `/api/v1/namespaces/${namespace}/pods`);
      if (arrayOf(at(body, 'items')).some(failure.isCertain)) certainAt = Date.now();
      else await setTimeout(50);
    }
  };
  const watching = watch();
  const place = ['--kubeconfig', sandbox.kubeconfig, '-n', namespace];
  const run = await runCli(['up', ...place, '--yes', '--output', 'json', '--timeout', '90s'], {
    cwd: folder,
    onOutput: (printed) => {
      if (failingAt === undefined && printed.includes('"type":"failing"')) failingAt = Date.now();
    },
  });
  over.abort();
  await watching;
  return { run, lagMs: certainAt === undefined || failingAt === undefined ? undefined : failingAt - certainAt };
}

/** What a user is told, without the names of the run. */
function told({ run }: Observed): { readonly code: number | null; readonly findings: readonly string[] } {
  return { code: run.code, findings: findingIds(run) };
}

const longestLagMs = 15_000;

describe('what a kubelet reports is explained, and the same where kwok plays it', { skip, concurrency: 3 }, () => {
  for (const failure of failures) {
    test(failure.name, async (t) => {
      assert.ok(played !== undefined);
      const [real, simulated] = await Promise.all([
        observe(t, node(), failure, true),
        observe(t, played, failure, false),
      ]);
      assert.deepEqual(told(real), { code: 5, findings: [failure.finding] }, real.run.stdout);
      assert.deepEqual(told(simulated), told(real), simulated.run.stdout);
      const [finding] = arrayOf(resultOf(real.run)['findings']);
      assert.match(stringOf(at(finding, 'cause')) ?? '', failure.cause);
      if (failure.log !== undefined) assert.match(JSON.stringify(finding), failure.log);
      t.diagnostic(`${real.lagMs ?? 'no'} ms after the signal`);
      if (!failure.isHeld) assert.ok(real.lagMs !== undefined && real.lagMs < longestLagMs, `${real.lagMs} ms`);
    });
  }
});
