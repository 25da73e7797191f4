import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { at, type Json, numberOf } from '../../src/model/json.ts';
import { eventually, getSandbox, type TestSandbox } from '../support/sandbox.ts';
import {
  conditionOf,
  container,
  createPod,
  isReady,
  pod,
  statusOf,
  text,
  untilEvent,
  untilPod,
  waits,
} from '../support/sandbox-pods.ts';

let sandbox: TestSandbox;
before(async () => {
  sandbox = await getSandbox();
});

const restartsOf = (live: Json, name = 'app'): number => numberOf(at(statusOf(live, name), 'restartCount'), 0);
const lastEndOf = (live: Json): Json | undefined => at(statusOf(live), 'lastState', 'terminated');
const timeOf = (value: unknown): number => Date.parse(text(value));

function lifeOf(end: Json | undefined): number {
  return timeOf(at(end, 'finishedAt')) - timeOf(at(end, 'startedAt'));
}

describe('pods of the sandbox that fail late, once or at their start', { concurrency: true }, () => {
  test('late-crash is ready, ends five seconds after each start, and backs off', async (t) => {
    const path = await createPod(sandbox, await sandbox.createNamespace('late', t), pod('late-crash'));
    assert.equal(restartsOf(await untilPod(sandbox, path, isReady)), 0);
    const restarted = await untilPod(sandbox, path, (live) => restartsOf(live) === 1 && isReady(live));
    const gap =
      timeOf(at(statusOf(restarted), 'state', 'running', 'startedAt')) - timeOf(at(lastEndOf(restarted), 'finishedAt'));
    assert.ok(gap <= 2_000, `the first restart came after ${gap} ms`);
    const down = await untilPod(sandbox, path, (live) => waits(live, 'CrashLoopBackOff') && restartsOf(live) >= 1);
    assert.match(
      text(at(statusOf(down), 'state', 'waiting', 'message')),
      /^back-off 10s restarting failed container=app pod=/,
    );
    assert.equal(conditionOf(down, 'Ready'), 'False');
    assert.equal(at(lastEndOf(down), 'exitCode'), 1);
    const life = lifeOf(lastEndOf(down));
    assert.ok(life >= 4_000 && life <= 9_000, `it ran for ${life} ms`);
    assert.equal(at(statusOf(down, 'proxy'), 'ready'), true);
    const event = await untilEvent(
      sandbox,
      path,
      /^BackOff: Back-off restarting failed container app in pod p-late-crash_/,
    );
    assert.equal(at(event, 'involvedObject', 'fieldPath'), 'spec.containers{app}');
    await untilPod(sandbox, path, (live) => restartsOf(live) >= 2 && isReady(live));
  });

  test('the log of late-crash ends with its last words, where a follower stops too', async (t) => {
    const path = await createPod(sandbox, await sandbox.createNamespace('words', t), pod('late-crash'));
    await untilPod(sandbox, path, isReady);
    const followed = await sandbox.request('GET', `${path}/log?container=app&follow=true`);
    const lines = text(followed.body).trimEnd().split('\n');
    assert.equal(lines[0], 'info: app is starting');
    assert.match(lines.at(-2) ?? '', /^Unhandled exception\./);
    await untilPod(sandbox, path, (live) => restartsOf(live) >= 1);
    const previous = await sandbox.request('GET', `${path}/log?container=app&previous=true`);
    assert.equal(previous.body, followed.body);
  });

  test('restart-once restarts once and stays ready', async (t) => {
    const path = await createPod(sandbox, await sandbox.createNamespace('once', t), pod('restart-once'));
    const live = await untilPod(sandbox, path, isReady);
    assert.equal(restartsOf(live), 1);
    assert.equal(at(lastEndOf(live), 'exitCode'), 1);
    assert.ok(lifeOf(lastEndOf(live)) <= 4_000);
    const started = timeOf(at(statusOf(live), 'state', 'running', 'startedAt'));
    // Longer than any of the stages waits.
    const later = await untilPod(sandbox, path, () => Date.now() - started > 7_000);
    assert.equal(restartsOf(later), 1);
    assert.ok(isReady(later));
    const log = await sandbox.request('GET', `${path}/log?container=app&previous=true`);
    assert.match(text(log.body), /fail: redis does not answer yet/);
  });

  test('restart-once by the annotation restarts every container', async (t) => {
    const metadata = { name: 'p-annotated', annotations: { 'sandbox.oms-deploy.io/behavior': 'restart-once' } };
    const path = await createPod(sandbox, await sandbox.createNamespace('all', t), pod('1.0', { metadata }));
    const live = await untilPod(sandbox, path, isReady);
    assert.deepEqual([restartsOf(live), restartsOf(live, 'proxy')], [1, 1]);
  });

  test('start-error: RunContainerError and back-off in turn, each with the end of a run that never was', async (t) => {
    const path = await createPod(sandbox, await sandbox.createNamespace('start', t), pod('start-error'));
    const message = /exec: "\/app\/start": stat \/app\/start: no such file or directory: unknown$/;
    const live = await untilPod(sandbox, path, (live) => waits(live, 'RunContainerError') && restartsOf(live) >= 1);
    assert.match(text(at(statusOf(live), 'state', 'waiting', 'message')), message);
    const end = lastEndOf(live);
    assert.deepEqual([at(end, 'reason'), at(end, 'exitCode')], ['StartError', 128]);
    assert.match(text(at(end, 'message')), message);
    assert.equal(at(live, 'status', 'phase'), 'Running');
    assert.equal(at(statusOf(live, 'proxy'), 'ready'), true);
    await untilPod(sandbox, path, (live) => waits(live, 'CrashLoopBackOff') && restartsOf(live) >= 2);
    await untilEvent(
      sandbox,
      path,
      /^Failed: Error: failed to create containerd task: .*unknown$/,
      (event) => numberOf(event['count'], 0) >= 3,
    );
    await untilEvent(sandbox, path, /^BackOff: Back-off restarting failed container app/);
    assert.equal((await sandbox.request('GET', `${path}/log?container=app`)).body, '');
  });

  test('start-error names the program of the pod', async (t) => {
    const containers = [{ ...container('start-error'), command: ['/srv/trade', '--port', '80'] }];
    const path = await createPod(
      sandbox,
      await sandbox.createNamespace('program', t),
      pod('start-error', { spec: { containers } }),
    );
    await untilEvent(sandbox, path, /^Failed: .*exec: "\/srv\/trade": stat \/srv\/trade: no such file/);
    const live = await untilPod(sandbox, path, (live) => waits(live, 'RunContainerError'));
    assert.match(text(at(statusOf(live), 'state', 'waiting', 'message')), /exec: "\/srv\/trade"/);
  });

  for (const { registry, words } of [
    {
      registry: 'ghcr.example/team',
      words:
        /failed to fetch anonymous token: .*https:\/\/ghcr\.example\/token\?scope=repository%3Ateam%2Fapp%3Apull&service=ghcr\.example: 403 Forbidden$/,
    },
    {
      registry: '123456789012.dkr.ecr.us-east-1.amazonaws.com',
      words: /authorization failed: no basic auth credentials$/,
    },
  ]) {
    test(`pull-denied from ${registry}: the status repeats the cause, the events count`, async (t) => {
      const containers = [{ name: 'app', image: `${registry}/app:pull-denied` }];
      const path = await createPod(
        sandbox,
        await sandbox.createNamespace('denied', t),
        pod('pull-denied', { spec: { containers } }),
      );
      const first = await untilPod(sandbox, path, (live) => waits(live, 'ErrImagePull'));
      assert.match(text(at(statusOf(first), 'state', 'waiting', 'message')), words);
      const later = await untilPod(sandbox, path, (live) => waits(live, 'ImagePullBackOff'));
      const message = text(at(statusOf(later), 'state', 'waiting', 'message'));
      assert.match(message, /^Back-off pulling image "[^"]+": ErrImagePull: rpc error: /);
      assert.match(message, words);
      const event = await untilEvent(
        sandbox,
        path,
        /^Failed: Failed to pull image/,
        (event) => numberOf(event['count'], 0) >= 2,
      );
      assert.match(text(event['message']), words);
      assert.ok(timeOf(event['lastTimestamp']) > timeOf(event['firstTimestamp']));
    });
  }

  test('unready-later is ready first, then never again; its probe event counts', async (t) => {
    const path = await createPod(sandbox, await sandbox.createNamespace('unready', t), pod('unready-later'));
    await untilPod(sandbox, path, isReady);
    const live = await untilPod(sandbox, path, (live) => !isReady(live));
    assert.equal(at(statusOf(live), 'ready'), false);
    assert.ok(at(statusOf(live), 'state', 'running'));
    assert.equal(at(statusOf(live, 'proxy'), 'ready'), true);
    const event = await untilEvent(
      sandbox,
      path,
      /^Unhealthy: Readiness probe failed/,
      (event) => numberOf(event['count'], 0) >= 2,
    );
    assert.equal(at(event, 'involvedObject', 'fieldPath'), 'spec.containers{app}');
    assert.ok(timeOf(event['lastTimestamp']) > timeOf(event['firstTimestamp']));
    assert.equal(isReady((await sandbox.request('GET', path)).body), false);
    const log = await sandbox.request('GET', `${path}/log?container=app`);
    assert.match(text(log.body), /warn: not ready any more/);
  });

  test('never-ready has one probe event whose count grows', async (t) => {
    const path = await createPod(sandbox, await sandbox.createNamespace('count', t), pod('never-ready'));
    const event = await untilEvent(sandbox, path, /^Unhealthy: /, (event) => numberOf(event['count'], 0) >= 2);
    assert.ok(timeOf(event['lastTimestamp']) > timeOf(event['firstTimestamp']));
  });

  test('manual: a test writes the status, and nothing else does; a deleted pod goes', async (t) => {
    const namespace = await sandbox.createNamespace('manual', t);
    const path = await createPod(sandbox, namespace, pod('manual'));
    await untilPod(sandbox, path, (live) => conditionOf(live, 'PodScheduled') === 'True');
    const status = {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [
        { name: 'app', image: 'x', imageID: '', ready: true, restartCount: 7, state: { running: {} } },
      ],
    };
    const written = await sandbox.request(
      'PATCH',
      `${path}/status`,
      { status },
      'application/strategic-merge-patch+json',
    );
    assert.equal(written.status, 200, JSON.stringify(written.body));
    // All that a pod goes through happens to another one meanwhile.
    const other = await createPod(sandbox, namespace, pod('1.0'));
    await untilPod(sandbox, other, isReady);
    const live = (await sandbox.request('GET', path)).body;
    assert.equal(at(live, 'metadata', 'resourceVersion'), at(written.body, 'metadata', 'resourceVersion'));
    assert.equal(restartsOf(live), 7);
    await sandbox.request('DELETE', path);
    await eventually(
      async () => ((await sandbox.request('GET', path)).status === 404 ? true : undefined),
      () => 'the manual pod was not deleted',
    );
  });
});
