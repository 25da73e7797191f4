import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { arrayOf, at, type Json, numberOf, stringOf } from '../../src/model/json.ts';
import { makeFolder, runCli } from '../support/cli.ts';
import { nodeOfFile } from '../support/node.ts';
import { isReady } from '../support/sandbox-pods.ts';
import { bareConfig } from '../support/workloads.ts';

/** How many runs the test ends: 50 have been, a few are enough to notice one that doesn't converge. */
const kills = Number(process.env['OMS_DEPLOY_TEST_KILLS'] ?? 8);

/** A run of `up` takes about this long, until it has nothing more to do. */
const runMs = 3_500;

const { skip, node } = await nodeOfFile();
before(async () => {
  if (skip === false) await node().publish(['steady:1', 'changing:1', 'changing:2']);
});

function deployment(name: string, version: number): string {
  return `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: 2
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      terminationGracePeriodSeconds: 2
      containers:
        - name: ${name}
          image: example.com/${name}:${version}
          env:
            - {name: ASPNETCORE_URLS, value: "http://+:8080"}
            - {name: SETTINGS, valueFrom: {configMapKeyRef: {name: ${name}, key: version}}}
          readinessProbe: {httpGet: {path: /ready, port: 8080}, periodSeconds: 1}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}}
data: {version: "${version}"}
`;
}

/** The pods of a workload that aren't on their way out. */
async function podsOf(namespace: string, name: string): Promise<readonly Json[]> {
  const { body } = await node().request('GET', `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${name}`);
  return arrayOf(at(body, 'items')).filter((pod) => at(pod, 'metadata', 'deletionTimestamp') === undefined);
}

/** Which pods they are, and how often their containers were started anew. */
function identities(pods: readonly Json[]): readonly string[] {
  return pods
    .map((pod) => {
      const restarts = numberOf(at(arrayOf(at(pod, 'status', 'containerStatuses'))[0], 'restartCount'), -1);
      return `${stringOf(at(pod, 'metadata', 'uid'))} ${restarts}`;
    })
    .sort();
}

test(`${kills} runs of up that are killed, each followed by one that converges`, { skip }, async (t) => {
  const namespace = await node().createNamespace('killed', t);
  const versions = await Promise.all(
    [1, 2].map((version) =>
      makeFolder(t, {
        'oms-deploy.yaml': bareConfig,
        'k8s/app.yaml': deployment('steady', 1) + deployment('changing', version),
      }),
    ),
  );
  const place = ['--kubeconfig', node().kubeconfig, '-n', namespace, '--lock-duration', '1s'];
  const up = (version: number, onStart?: (kill: (signal: NodeJS.Signals) => void) => void) => {
    const cwd = versions[version - 1] ?? '';
    return runCli(['up', ...place, '--yes'], { cwd, ...(onStart === undefined ? {} : { onStart }) });
  };
  const first = await up(1);
  assert.equal(first.code, 0, first.stdout + first.stderr);
  const steady = identities(await podsOf(namespace, 'steady'));
  assert.equal(steady.length, 2);

  let wereKilled = 0;
  let number = 0;
  for (; wereKilled < kills && number < 5 * kills; number += 1) {
    const version = number % 2 === 0 ? 2 : 1;
    const afterMs = Math.round(Math.random() * runMs);
    const ended = await up(version, (kill) => void setTimeout(afterMs).then(() => kill('SIGKILL')));
    if (ended.signal === 'SIGKILL') wereKilled += 1;
    const place = `run ${number}, killed after ${afterMs} ms`;

    const again = await up(version);
    assert.equal(again.code, 0, `${place}: ${again.stdout}${again.stderr}`);
    const changing = await podsOf(namespace, 'changing');
    const images = changing.map((pod) => at(arrayOf(at(pod, 'spec', 'containers'))[0], 'image'));
    assert.deepEqual(images, [`example.com/changing:${version}`, `example.com/changing:${version}`], place);
    assert.ok(changing.every(isReady), place);
    assert.deepEqual(identities(await podsOf(namespace, 'steady')), steady, `${place}: the pods of steady`);
  }
  t.diagnostic(`of ${number} runs, ${wereKilled} were killed in the middle`);
  assert.equal(wereKilled, kills);
});
