import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { arrayOf, at, objectOf, stringOf } from '../../src/model/json.ts';
import { makeApp, type TestApp } from '../support/app.ts';
import { type CliOptions, type CliResult, eventsOf, findingIds, resultOf } from '../support/cli.ts';
import { eventually } from '../support/sandbox.ts';
import { bareConfig, deploymentYaml, serviceYaml } from '../support/workloads.ts';

/** A Job whose pod behaves by its tag; `annotations` in flow style. */
function jobYaml(name: string, annotations: string, tag = '1.0'): string {
  return `---
apiVersion: batch/v1
kind: Job
metadata: {name: ${name}, annotations: {${annotations}}}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{name: ${name}, image: "example.com/${name}:${tag}"}]
`;
}

const before = 'oms-deploy.io/hook: before';
const after = 'oms-deploy.io/hook: after';
const settings = (value: string): string =>
  `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {value: "${value}"}\n`;
const web = (tag = '1.0'): string => deploymentYaml('web', { tag });

interface Hooked extends TestApp {
  readonly write: (documents: string, config?: string) => Promise<void>;
  readonly up: (args?: readonly string[], options?: CliOptions) => Promise<CliResult>;
  /** The uid of a Job; undefined where there is none. */
  readonly job: (name: string) => Promise<string | undefined>;
}

async function hooked(t: TestContext, documents: string, config = bareConfig): Promise<Hooked> {
  const app = await makeApp(t, { files: { 'oms-deploy.yaml': config, 'k8s/app.yaml': documents } });
  const jobs = `/apis/batch/v1/namespaces/${app.namespace}/jobs`;
  return {
    ...app,
    async write(next) {
      await writeFile(join(app.folder, 'k8s/app.yaml'), next);
    },
    up: (args = [], options = {}) => app.run('up', ['--yes', '--lock-duration', '1s', ...args], options),
    async job(name) {
      const { status, body } = await app.sandbox.request('GET', `${jobs}/${name}`);
      return status === 404 ? undefined : stringOf(at(body, 'metadata', 'uid'));
    },
  };
}

/** `applied migrate`, `ready web`, `wave before`: what happened, in its order. */
function storyOf(run: CliResult): readonly string[] {
  return eventsOf(run).flatMap(({ type, name, object }) => {
    if (type === 'wave') return [`wave ${stringOf(name) ?? ''}`];
    return type === 'applied' || type === 'ready' ? [`${type} ${stringOf(at(object, 'name')) ?? ''}`] : [];
  });
}

function errorOf(run: CliResult): {
  readonly message: string;
  readonly why: string;
  readonly cards: readonly string[];
} {
  const result = resultOf(run);
  const errors = arrayOf(result['findings'])
    .map(objectOf)
    .filter(({ severity }) => severity === 'error');
  const cards = errors.map(({ id, evidence }) => `${String(id)}: ${arrayOf(evidence).map(String).join(' / ')}`);
  return { message: String(at(result['error'], 'message')), why: String(at(result['error'], 'why')), cards };
}

test('hooks run before and after the workloads, each to its end; a second up writes nothing', async (t) => {
  const app = await hooked(t, jobYaml('smoke', after) + web() + settings('1') + jobYaml('migrate', before));
  const planned = await app.run('plan', ['--output', 'human']);
  assert.match(planned.stdout, /! Job +migrate +runs before the workloads\n/);
  assert.match(planned.stdout, /! Job +smoke +runs after the workloads\n/);
  const first = await app.up();
  assert.equal(first.code, 0, first.stdout);
  assert.deepEqual(storyOf(first), [
    ...['wave config', 'applied settings'],
    ...['wave before', 'applied migrate', 'ready migrate'],
    ...['wave workloads', 'applied web', 'ready web'],
    ...['wave after', 'applied smoke', 'ready smoke'],
  ]);
  const [writes, uid] = [await app.writes(), await app.job('migrate')];
  const second = await app.up();
  assert.equal(second.code, 0, second.stdout);
  assert.deepEqual(await app.writes(), writes);
  assert.equal(await app.job('migrate'), uid);
  assert.equal((await app.run('verify')).code, 0);
});

test('a change of configuration, workloads or the Job itself runs them again; one of a Service does not', async (t) => {
  const job = jobYaml('migrate', before);
  const app = await hooked(t, web() + settings('1') + job);
  assert.equal((await app.up()).code, 0);
  const uids = [await app.job('migrate')];
  const next = [
    web() + settings('2') + job,
    web('1.1') + settings('2') + job,
    web('1.1') + settings('2') + jobYaml('migrate', before, '1.1'),
  ];
  for (const documents of next) {
    await app.write(documents);
    const run = await app.up();
    assert.equal(run.code, 0, run.stdout);
    uids.push(await app.job('migrate'));
  }
  assert.equal(new Set(uids).size, 4, uids.join());
  await app.write(`${next[2] ?? ''}${serviceYaml('web')}`);
  assert.equal((await app.up()).code, 0);
  assert.equal(await app.job('migrate'), uids[3]);
});

test('a before-hook that fails: exit 5 with its last words, the workloads untouched; corrected, it runs anew', async (t) => {
  const app = await hooked(t, web() + settings('1') + jobYaml('migrate', before));
  assert.equal((await app.up()).code, 0);
  await app.write(web('1.1') + settings('2') + jobYaml('migrate', before, 'crash'));
  const failed = await app.up();
  assert.equal(failed.code, 5, failed.stdout);
  const { message, why, cards } = errorOf(failed);
  assert.match(message, /^Job \S+\/migrate, which runs before the workloads, failed\.$/);
  assert.match(why, /workloads were not touched.*Not begun: workloads\./);
  assert.equal(cards.length, 1, cards.join('\n'));
  assert.match(cards[0] ?? '', /^job\/failed: .*exit code 1.*last lines/s);
  const image = async () =>
    at(arrayOf(at(await app.get('deployments', 'web'), 'spec', 'template', 'spec', 'containers'))[0], 'image');
  assert.equal(await image(), 'example.com/web:1.0');

  await app.write(web('1.1') + settings('2') + jobYaml('migrate', before, '1.1'));
  const again = await app.up();
  assert.equal(again.code, 0, again.stdout);
  assert.equal(await image(), 'example.com/web:1.1');
});

test('an after-hook that fails leaves everything applied; the same command runs it again, and it alone', async (t) => {
  const app = await hooked(t, web() + jobYaml('migrate', before) + jobYaml('smoke', after, 'crash'));
  const failed = await app.up();
  assert.equal(failed.code, 5, failed.stdout);
  assert.match(errorOf(failed).why, /Everything else was applied and is ready/);
  const [migrate, smoke] = [await app.job('migrate'), await app.job('smoke')];
  const again = await app.up();
  assert.equal(again.code, 5, again.stdout);
  assert.deepEqual(storyOf(again), ['ready web', 'wave after', 'applied smoke']);
  assert.equal(await app.job('migrate'), migrate);
  assert.notEqual(await app.job('smoke'), smoke);
});

test('on-success: its Job goes once it has ended well, and nobody misses it', async (t) => {
  const app = await hooked(t, web() + jobYaml('migrate', `${before}, oms-deploy.io/hook-delete: on-success`));
  const run = await app.up();
  assert.equal(run.code, 0, run.stdout);
  assert.equal(await app.job('migrate'), undefined);
  const writes = await app.writes();
  const second = await app.up();
  assert.equal(second.code, 0, second.stdout);
  assert.deepEqual(await app.writes(), writes);
  assert.ok(!findingIds(await app.run('plan')).includes('drift/changed'));
  assert.equal((await app.run('verify')).code, 0);
});

test('never: a Job that has run is not run again, and a changed one needs another name', async (t) => {
  const job = (tag: string): string => jobYaml('migrate', `${before}, oms-deploy.io/hook-delete: never`, tag);
  const app = await hooked(t, web() + job('1.0'));
  assert.equal((await app.up()).code, 0);
  const uid = await app.job('migrate');
  await app.write(web('1.1') + job('1.0'));
  assert.equal((await app.up()).code, 0);
  assert.equal(await app.job('migrate'), uid);
  await app.write(web('1.1') + job('1.1'));
  const refused = await app.up();
  assert.equal(refused.code, 3, refused.stdout);
  assert.ok(findingIds(refused).includes('manifests/immutable'));
});

test('a rollback runs no hook, and says so; a hook that left the manifests is pruned', async (t) => {
  const app = await hooked(t, web() + jobYaml('migrate', before));
  assert.equal((await app.up()).code, 0);
  await app.write(web('1.1') + jobYaml('migrate', before, '1.1'));
  assert.equal((await app.up()).code, 0);
  const uid = await app.job('migrate');
  const back = await app.run('rollback', ['--yes']);
  assert.equal(back.code, 0, back.stdout);
  assert.equal(await app.job('migrate'), uid);
  const plan = eventsOf(back).find(({ type }) => type === 'plan');
  assert.deepEqual(objectOf(plan?.['changes'])['updated'], 1);
  assert.ok(findingIds(back).includes('hooks/not-run'), back.stdout);
  await app.write(web('1.1'));
  assert.equal((await app.up()).code, 0);
  assert.equal(await app.job('migrate'), undefined);
});

test('killed while its hook runs, the same command waits for that very Job', async (t) => {
  const app = await hooked(t, web() + jobYaml('migrate', before, 'manual'));
  const killed = await app.up([], {
    onOutput: (printed, kill) => {
      if (/"type":"applied".*"migrate"/.test(printed)) kill('SIGKILL');
    },
  });
  assert.equal(killed.signal, 'SIGKILL');
  const uid = await app.job('migrate');
  let isEnded = false;
  const again = await app.up(['--timeout', '20s'], {
    onOutput: (printed) => {
      if (isEnded || !printed.includes('"name":"before"')) return;
      isEnded = true;
      void endPod(app, 'migrate');
    },
  });
  assert.equal(again.code, 0, again.stdout);
  assert.equal(await app.job('migrate'), uid);
  assert.deepEqual(storyOf(again), ['wave before', 'ready migrate', 'wave workloads', 'applied web', 'ready web']);
});

/** The pod of a Job ends well. */
async function endPod({ sandbox, namespace }: TestApp, job: string): Promise<void> {
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const pod = await eventually(
    async () => {
      const { body } = await sandbox.request('GET', `${pods}?labelSelector=job-name%3D${job}`);
      return stringOf(at(arrayOf(at(body, 'items'))[0], 'metadata', 'name'));
    },
    () => `${job} has no pod`,
  );
  await sandbox.request(
    'PATCH',
    `${pods}/${pod}/status`,
    { status: { phase: 'Succeeded' } },
    'application/merge-patch+json',
  );
}

test("Helm's hooks: by weight, other objects as ordinary ones, tests left out and said", async (t) => {
  const helm = (events: string, more = ''): string => `helm.sh/hook: "${events}"${more}`;
  const account = `---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: migrator, annotations: {${helm('pre-install,pre-upgrade')}}}\n`;
  const documents =
    jobYaml('a-second', helm('pre-install,pre-upgrade', ', helm.sh/hook-weight: "5"')) +
    jobYaml(
      'b-first',
      helm('pre-install,pre-upgrade', ', helm.sh/hook-weight: "-5", helm.sh/hook-delete-policy: hook-succeeded'),
    ) +
    account +
    jobYaml('check', helm('test'));
  const app = await hooked(t, documents + web());
  const run = await app.up();
  assert.equal(run.code, 0, run.stdout);
  assert.deepEqual(storyOf(run).slice(0, 7), [
    ...['wave foundation', 'applied migrator', 'wave before'],
    ...['applied b-first', 'ready b-first', 'applied b-first', 'applied a-second'],
  ]);
  assert.ok(findingIds(run).includes('hooks/left-out'));
  assert.deepEqual([await app.job('b-first'), await app.job('check')], [undefined, undefined]);
});

test('the configuration makes a Job of an untouched manifest a hook; wrong values are told with their line', async (t) => {
  const config = `${bareConfig}hooks: {Job/migrate: {run: before, timeout: 1s}}\n`;
  const app = await hooked(t, web() + jobYaml('migrate', '', 'manual'), config);
  const slow = await app.up();
  assert.equal(slow.code, 5, slow.stdout);
  assert.match(errorOf(slow).cards.join(), /^rollout\/timeout/);

  await app.write(web() + jobYaml('other', 'oms-deploy.io/hook: early'));
  const wrong = await app.run('plan');
  assert.equal(wrong.code, 3, wrong.stdout);
  const finding = arrayOf(resultOf(wrong)['findings'])
    .map(objectOf)
    .find(({ id }) => id === 'hooks/invalid');
  assert.equal(finding?.['line'], web().split('\n').length + 3);
});
