import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { at, type Json, objectOf, stringOf } from '../../src/model/json.ts';
import { listReleases } from '../../src/releases/read-records.ts';
import { abandonRelease } from '../../src/releases/write-records.ts';
import { startApiProxy } from '../support/api-proxy.ts';
import { makeApp, type TestApp } from '../support/app.ts';
import { type CliResult, eventsOf, resultOf } from '../support/cli.ts';
import { isWrite } from '../support/killing.ts';
import { restrictedKubeconfig } from '../support/rbac.ts';
import type { AuditEvent } from '../support/sandbox.ts';
import { connectTo } from '../support/target.ts';
import { deploymentYaml } from '../support/workloads.ts';

const config =
  'application: web\nnamespace: web\nmanifests: [k8s]\ninputs:\n  level: {default: low}\n  tag: {default: "1"}\n';
const manifests = [
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {level: "${level}"}\n',
  deploymentYaml('web', { tag: '${tag}' }),
].join('');

function makeWeb(t: TestContext): Promise<TestApp> {
  return makeApp(t, { files: { 'oms-deploy.yaml': config, 'k8s/app.yaml': manifests } });
}

const up = ['--yes', '--lock-duration', '3s'];
/** Its pods aren't ready before the test has seen what it wants to see. */
const neverReady = ['--set', 'tag=never-ready', '--timeout', '1m'];
/** So long, 10 s, that who waits for the lock sees it renewed. */
const slowly = ['--set', 'tag=slow-ready'];

type Kill = (signal: NodeJS.Signals) => void;

/** Calls `act` once, as soon as the run waits for its pods. */
function whileWaiting(act: (kill: Kill) => void): (printed: string, kill: Kill) => void {
  let isDone = false;
  return (printed, kill) => {
    if (isDone || !/"type":"progress"/.test(printed)) return;
    isDone = true;
    act(kill);
  };
}

function leasePath({ namespace }: TestApp): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/oms-deploy.web`;
}

async function lockHolder(app: TestApp): Promise<string> {
  const { body } = await app.sandbox.request('GET', leasePath(app));
  return stringOf(at(body, 'spec', 'holderIdentity')) ?? '';
}

/** Writes another one's name into the Lease, as somebody might by hand. */
async function stealLock(app: TestApp): Promise<void> {
  const body = { metadata: { annotations: { 'oms-deploy.io/holder': null } }, spec: { holderIdentity: 'kim' } };
  const { status } = await app.sandbox.request('PATCH', leasePath(app), body, 'application/merge-patch+json');
  assert.equal(status, 200);
}

/** The records, by number: their status and version. */
async function records(app: TestApp): Promise<Readonly<Record<string, { status: string; version: string }>>> {
  const path = `/api/v1/namespaces/${app.namespace}/secrets?labelSelector=oms-deploy.io/record%3Drelease`;
  const { items } = objectOf((await app.sandbox.request('GET', path)).body);
  return Object.fromEntries(
    (items as readonly Json[]).map((item) => {
      const labels = objectOf(at(item, 'metadata', 'labels'));
      const status = String(labels['oms-deploy.io/status']);
      return [
        String(labels['oms-deploy.io/release']),
        { status, version: String(at(item, 'metadata', 'resourceVersion')) },
      ];
    }),
  );
}

async function statuses(app: TestApp): Promise<readonly string[]> {
  return Object.values(await records(app)).map(({ status }) => status);
}

function errorOf(run: CliResult): Readonly<Record<string, Json>> {
  return objectOf(resultOf(run).error) as Readonly<Record<string, Json>>;
}

function stepsOf(run: CliResult): string {
  return eventsOf(run)
    .filter(({ type }) => type === 'step')
    .map(({ message }) => String(message))
    .join('\n');
}

/** Two runs at once, each as a user of its own: both have their plan, and have seen a free lock, before one takes it. */
async function runBoth(
  t: TestContext,
  app: TestApp,
  first: readonly string[],
  second: readonly string[],
): Promise<readonly [CliResult, CliResult]> {
  const everything = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
  const reached = [false, false];
  let meet: () => void = () => undefined;
  const met = new Promise<void>((resolve) => {
    meet = resolve;
  });
  const run = async (name: string, index: number, args: readonly string[]): Promise<CliResult> => {
    const kubeconfig = await restrictedKubeconfig(t, app.sandbox, app.namespace, everything, name);
    const proxy = await startApiProxy(t, { ...app.sandbox, kubeconfig }, app.folder, {
      async before(request) {
        if (!isWrite(request) || !request.url.includes('/leases')) return undefined;
        reached[index] = true;
        if (reached.every(Boolean)) meet();
        await met;
        return undefined;
      },
    });
    // One that ends before it gets there doesn't keep the other one waiting.
    return app.run('up', [...up, ...args, '--kubeconfig', proxy.kubeconfig]).finally(meet);
  };
  return Promise.all([run('first', 0, first), run('second', 1, second)]);
}

/** What each of the two has written, beside the lock. */
async function writesOfBoth(app: TestApp): Promise<readonly [readonly AuditEvent[], readonly AuditEvent[]]> {
  const writesOf = (name: string): Promise<readonly AuditEvent[]> =>
    app.sandbox.auditEvents(
      ({ user, verb, requestURI }) =>
        user === `system:serviceaccount:${app.namespace}:${name}` &&
        !['get', 'list', 'watch'].includes(verb) &&
        !requestURI.includes('dryRun=All') &&
        !requestURI.includes('/apis/authorization.k8s.io/') &&
        !requestURI.includes('/leases'),
    );
  return [await writesOf('first'), await writesOf('second')];
}

/** One has written everything before the other began to. */
function assertNotInterleaved(both: readonly [readonly AuditEvent[], readonly AuditEvent[]]): void {
  const spans = both.map((events) => ({
    from: events.map(({ receivedAt }) => receivedAt).toSorted()[0] ?? assert.fail('one has written nothing'),
    to:
      events
        .map(({ answeredAt }) => answeredAt)
        .toSorted()
        .at(-1) ?? '',
  }));
  const [earlier, later] = spans.toSorted((a, b) => (a.from < b.from ? -1 : 1));
  assert.ok(earlier !== undefined && later !== undefined && earlier.to < later.from, JSON.stringify(spans));
}

test('two at once: one deploys, the other ends with exit 7 and says who deploys since when, and has written nothing', async (t) => {
  const app = await makeWeb(t);
  const runs = await runBoth(t, app, [...slowly, '--set', 'level=a'], [...slowly, '--set', 'level=b']);
  const lost = runs[0].code === 0 ? 1 : 0;
  assert.deepEqual([runs[lost].code, runs[1 - lost]?.code], [7, 0], runs.map(({ stdout }) => stdout).join('\n'));
  const { code, message, why } = errorOf(runs[lost]);
  assert.equal(code, 'locked');
  assert.match(String(message), /^web is being deployed by somebody else\. Nothing was changed\.$/);
  assert.match(String(why), /^Held by \S+@\S+ \(up, (begin|wave \w+|wait)\), for \d+ s\.$/);
  const writes = await writesOfBoth(app);
  assert.deepEqual(writes[lost], []);
  assert.equal(at(await app.get('configmaps', 'settings'), 'data', 'level'), lost === 1 ? 'a' : 'b');
  assert.deepEqual(await statuses(app), ['deployed']);
});

test('two at once of which each would wait: one after the other, the second with a plan of its own time', async (t) => {
  const app = await makeWeb(t);
  const patience = ['--lock-timeout', '1m'];
  const runs = await runBoth(t, app, [...patience, '--set', 'level=a'], [...patience, '--set', 'level=b']);
  assert.deepEqual(
    runs.map(({ code }) => code),
    [0, 0],
    runs.map(({ stdout }) => stdout).join('\n'),
  );
  assertNotInterleaved(await writesOfBoth(app));
  const [first, second] = resultOf(runs[0]).release === 1 ? runs : runs.toReversed();
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual(resultOf(first).changes, { created: 2, updated: 0, unchanged: 0, deleted: 0 });
  assert.match(stepsOf(second), /Waiting for the lock: \S+@\S+ \(up, /);
  assert.match(stepsOf(second), /Somebody has deployed meanwhile/);
  assert.deepEqual(resultOf(second).changes, { created: 0, updated: 1, unchanged: 1, deleted: 0 });
  assert.equal(resultOf(second).release, 2);
  assert.equal(at(await app.get('configmaps', 'settings'), 'data', 'level'), second === runs[1] ? 'b' : 'a');
  assert.deepEqual(await statuses(app), ['deployed', 'deployed']);
});

test('two at once that want the same: the second has nothing left to do, and records nothing', async (t) => {
  const app = await makeWeb(t);
  assert.equal((await app.run('up', up)).code, 0);
  const before = await records(app);
  const same = ['--lock-timeout', '1m', '--set', 'level=b'];
  const runs = await runBoth(t, app, same, same);
  assert.deepEqual(
    runs.map(({ code }) => code),
    [0, 0],
    runs.map(({ stdout }) => stdout).join('\n'),
  );
  assert.deepEqual(new Set(runs.map((run) => resultOf(run).release)), new Set([2, null]));
  assert.deepEqual((await records(app))['1'], before['1']);
  assert.deepEqual(await statuses(app), ['deployed', 'deployed']);
  assert.equal((await writesOfBoth(app)).filter((writes) => writes.length > 0).length, 1);
});

test('the lock of a run that was killed is waited out and taken over: who it was, and how far it had come', async (t) => {
  const app = await makeWeb(t);
  // Longer than any second run takes to begin.
  const first = ['--yes', '--lock-duration', '5m', ...neverReady];
  const killed = await app.run('up', first, { onOutput: whileWaiting((kill) => kill('SIGKILL')) });
  assert.equal(killed.signal, 'SIGKILL');
  assert.deepEqual(await statuses(app), ['deploying']);
  let isShortened: Promise<unknown> | undefined;
  const shorten = (printed: string): void => {
    if (!printed.includes('Waiting for the lock')) return;
    const patch = { spec: { leaseDurationSeconds: 1 } };
    isShortened ??= app.sandbox.request('PATCH', leasePath(app), patch, 'application/merge-patch+json');
  };
  const run = await app.run('up', up, { onOutput: shorten });
  await isShortened;
  assert.equal(run.code, 0, run.stdout);
  assert.match(stepsOf(run), /^Waiting for the lock: \S+@\S+ \(up, wait\), for \d+ s\.$/m);
  assert.match(stepsOf(run), /^Took over the lock of a run that has died: \S+@\S+ \(up, wait\), for \d+ s\.$/m);
  assert.deepEqual(await statuses(app), ['interrupted', 'deployed']);
});

test('who is waiting for pods while the lock is taken away stops: exit 5, nothing more is written', async (t) => {
  const app = await makeWeb(t);
  let broken:
    | Promise<{ readonly unlocked: CliResult; readonly records: Awaited<ReturnType<typeof records>> }>
    | undefined;
  const breakIt = async () => {
    const unlocked = await app.run('unlock', ['--yes']);
    return { unlocked, records: await records(app) };
  };
  const proxy = await startApiProxy(t, app.sandbox, app.folder);
  const onOutput = whileWaiting(() => {
    broken = breakIt();
  });
  const run = await app.run('up', [...up, ...neverReady, '--kubeconfig', proxy.kubeconfig], { onOutput });
  const { unlocked, records: after } = (await broken) ?? assert.fail('it was never broken');
  assert.equal(unlocked.code, 0, unlocked.stdout);
  assert.match(stepsOf(unlocked), /held by \S+@\S+ \(up, wait\), for .*; it was renewed .* ago, so that run lives/);
  assert.deepEqual(resultOf(unlocked).interrupted, [1]);
  assert.equal(run.code, 5, run.stdout);
  assert.match(String(errorOf(run).message), /^The lock was taken away from this run/);
  assert.match(String(errorOf(run).why), /stopped at once/);
  assert.deepEqual(
    Object.values(after).map(({ status }) => status),
    ['interrupted'],
  );
  assert.deepEqual(await records(app), after);
  // The last thing that it has tried to write is the lock that it had lost.
  assert.match(proxy.requests().findLast(isWrite)?.url ?? '', /\/leases\//);
  assert.equal(await lockHolder(app), '');
  const again = await app.run('up', up);
  assert.equal(again.code, 0, again.stdout);
  assert.doesNotMatch(stepsOf(again), /Waiting for the lock/);
});

test('a lock that somebody else has taken meanwhile is theirs: the run names them, and leaves lock and record alone', async (t) => {
  const app = await makeWeb(t);
  let stolen: Promise<void> | undefined;
  const onOutput = whileWaiting(() => {
    stolen = stealLock(app);
  });
  const run = await app.run('up', [...up, ...neverReady], { onOutput });
  await stolen;
  assert.equal(run.code, 5, run.stdout);
  assert.match(String(errorOf(run).message), /^The lock was taken away from this run by kim \(a deploy\)/);
  assert.equal(await lockHolder(app), 'kim');
  assert.deepEqual(await statuses(app), ['deploying']);
});

test('a lock that is lost between two waves: the second one is not begun', async (t) => {
  const app = await makeWeb(t);
  const proxy = await startApiProxy(t, app.sandbox, app.folder, {
    async before({ method, url }) {
      const isApply = method === 'PATCH' && url.includes('/configmaps/settings') && !url.includes('dryRun=All');
      if (isApply) await stealLock(app);
      return undefined;
    },
  });
  const run = await app.run('up', ['--yes', '--kubeconfig', proxy.kubeconfig]);
  assert.equal(run.code, 5, run.stdout);
  assert.match(String(errorOf(run).message), /^The lock was taken away from this run by kim \(a deploy\)/);
  const writes = proxy.requests().filter(isWrite);
  assert.ok(!writes.some(({ url }) => url.includes('/deployments')));
  assert.match(writes.at(-1)?.url ?? '', /\/leases\//);
  assert.equal(await lockHolder(app), 'kim');
  assert.deepEqual(await statuses(app), ['deploying']);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} while pods are waited for: exit 130, recorded as interrupted, the lock is given back`, async (t) => {
    const app = await makeWeb(t);
    assert.equal((await app.run('up', up)).code, 0);
    const run = await app.run('up', [...up, ...neverReady], { onOutput: whileWaiting((kill) => kill(signal)) });
    assert.equal(run.code, 130, run.stdout);
    const { code, message, why, fix } = errorOf(run);
    assert.equal(code, 'interrupted');
    assert.match(String(message), /^Interrupted\. Everything was applied; pods go on starting\.$/);
    assert.match(String(why), /^Release 2 is recorded as interrupted; the lock was given back\.$/);
    assert.match(String(fix), /go back to release 1: oms-deploy rollback .*1\.$/);
    assert.deepEqual(await statuses(app), ['deployed', 'interrupted']);
    assert.equal(await lockHolder(app), '');
    const again = await app.run('up', up);
    assert.equal(again.code, 0, again.stdout);
    assert.doesNotMatch(stepsOf(again), /Waiting for the lock/);
    assert.deepEqual(await statuses(app), ['deployed', 'interrupted', 'deployed']);
  });
}

test('SIGINT once the release is recorded as deployed: exit 130 says that it is', async (t) => {
  const app = await makeWeb(t);
  let kill: Kill | undefined;
  let run: Promise<CliResult> | undefined;
  const isTidyingUp = (url: string): boolean =>
    url.endsWith('/secrets?labelSelector=oms-deploy.io%2Fapplication%3Dweb');
  const proxy = await startApiProxy(t, app.sandbox, app.folder, {
    async before({ url }) {
      if (!isTidyingUp(url)) return undefined;
      kill?.('SIGINT');
      await run;
      return 'cut';
    },
  });
  const onStart = (handle: Kill): void => {
    kill = handle;
  };
  run = app.run('up', [...up, '--kubeconfig', proxy.kubeconfig], { onStart });
  const { code, why } = errorOf(await run);
  assert.equal(code, 'interrupted');
  assert.equal(why, 'Release 1 is deployed all the same: everything is ready.');
  assert.deepEqual(await statuses(app), ['deployed']);
  assert.equal(await lockHolder(app), '');
});

test('a second SIGINT ends the run at once, without its last words', async (t) => {
  const app = await makeWeb(t);
  let kill: Kill | undefined;
  const isEnd = (method: string, url: string): boolean =>
    method === 'PATCH' && url.includes('/secrets/oms-deploy.web.v1');
  const proxy = await startApiProxy(t, app.sandbox, app.folder, {
    before({ method, url }) {
      if (!isEnd(method, url)) return undefined;
      kill?.('SIGINT');
      return 'cut';
    },
  });
  const onOutput = whileWaiting((first) => {
    kill = first;
    first('SIGINT');
  });
  const run = await app.run('up', [...up, ...neverReady, '--kubeconfig', proxy.kubeconfig], { onOutput });
  assert.equal(run.code, 130, run.stdout);
  assert.ok(!eventsOf(run).some(({ type }) => type === 'result'), run.stdout);
  assert.notEqual(await lockHolder(app), '');
  assert.deepEqual(await statuses(app), ['deploying']);
  const again = await app.run('up', up);
  assert.equal(again.code, 0, again.stdout);
  assert.deepEqual(await statuses(app), ['interrupted', 'deployed']);
});

test('a record that the list of releases cannot read is not written over: exit 4, and nothing is changed', async (t) => {
  const app = await makeWeb(t);
  assert.equal((await app.run('up', up)).code, 0);
  const labels = {
    'oms-deploy.io/application': 'web',
    'oms-deploy.io/record': 'release',
    'oms-deploy.io/release': '2',
    'oms-deploy.io/status': 'deployed',
  };
  const metadata = {
    name: 'oms-deploy.web.v2',
    labels,
    annotations: { 'oms-deploy.io/summary': 'of a newer version' },
  };
  await app.sandbox.request('POST', `/api/v1/namespaces/${app.namespace}/secrets`, { metadata });
  const before = await records(app);
  const run = await app.run('up', [...up, '--set', 'level=high']);
  assert.equal(run.code, 4, run.stdout);
  assert.match(String(errorOf(run).message), /oms-deploy\.web\.v2/);
  assert.deepEqual(await records(app), before);
  assert.equal(at(await app.get('configmaps', 'settings'), 'data', 'level'), 'low');
  assert.equal(await lockHolder(app), '');
});

test('a release that has ended meanwhile is not called interrupted', async (t) => {
  const app = await makeWeb(t);
  assert.equal((await app.run('up', up)).code, 0);
  const { sandbox, namespace } = app;
  const cluster = connectTo(sandbox.kubeconfig);
  t.after(() => cluster.close());
  const place = { cluster, application: 'web', namespace };
  const signal = AbortSignal.timeout(10_000);
  const before = await records(app);
  const [release] = await listReleases(place, signal);
  assert.ok(release !== undefined);
  assert.equal(await abandonRelease(place, { ...release, status: 'deploying' }, signal), false);
  assert.deepEqual(await records(app), before);
});
