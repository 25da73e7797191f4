import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { arrayOf, at } from '../../src/model/json.ts';
import { everyKind, rightsUsed, textOf } from '../support/access.ts';
import { makeApp, type TestApp } from '../support/app.ts';
import { giveAddress } from '../support/balancer.ts';
import { type CliResult, eventsOf, findingIds, makeFolder, resultOf } from '../support/cli.ts';
import {
  accessTemplate,
  accountKubeconfig,
  grant,
  type Rule,
  restrictedKubeconfig,
  rulesOf,
  singleRights,
} from '../support/rbac.ts';

const account = 'deployer';
const address = { hostname: 'lb.example' };

/** An application, and a token of elsewhere (as CI has one) with just the rights of the templates. */
async function withTemplates(t: TestContext): Promise<{ app: TestApp; as: readonly string[]; home: string }> {
  const app = await makeApp(t, { files: everyKind });
  const { sandbox, namespace } = app;
  const home = await sandbox.createNamespace('ci', t);
  const group = `system:serviceaccounts:${home}`;
  await grant(t, sandbox, await accessTemplate('role.yaml', namespace, group));
  await grant(t, sandbox, await accessTemplate('cluster-role.yaml', namespace, group));
  return { app, as: ['--kubeconfig', await accountKubeconfig(t, sandbox, home, account)], home };
}

test('a token with the rights of the templates does everything, and uses each of them', async (t) => {
  const { app, as, home } = await withTemplates(t);
  const { sandbox, namespace, folder } = app;
  const run = async (command: string, ...args: readonly string[]): Promise<CliResult> => {
    const done = await app.run(command, [...args, ...as]);
    assert.equal(done.code, 0, `${command} ${args.join(' ')}: ${done.stdout}`);
    return done;
  };
  const [first] = await Promise.all([run('up', '--yes'), giveAddress(app, 'web', address)]);
  assert.deepEqual(findingIds(first), []);
  await run('up', '--yes');
  const second = await run('up', '--yes', '--set', 'level=Debug');
  assert.deepEqual(findingIds(second), []);
  await run('rollback', '--yes');
  await run('rollout', 'restart', 'reader', '--yes');
  await run('status');
  await run('logs', 'reader');
  for (const command of ['verify', 'doctor']) {
    const looked = await run(command);
    const blind = arrayOf(resultOf(looked).checks).filter((check) => /forbidden/.test(String(at(check, 'detail'))));
    assert.deepEqual(blind, [], command);
  }
  await run('history');
  await rm(`${folder}/k8s/more.yaml`);
  await run('up', '--yes');
  const mistyped = await app.run('status', ['--namespace', `${namespace}x`, ...as]);
  assert.match(mistyped.stdout, new RegExp(`Did you mean ${namespace}`));
  await run('cleanup', '--yes', '--confirm', namespace, '--keep-namespace');

  const used = await rightsUsed(sandbox, home, account);
  const files = [
    ...(await accessTemplate('role.yaml', namespace, 'g')),
    ...(await accessTemplate('cluster-role.yaml', namespace, 'g')),
  ];
  const given = singleRights(files.flatMap(rulesOf)).map((rule) => textOf(rule, namespace).replace(/ in .*/, ''));
  assert.deepEqual(
    given.filter((right) => !used.has(right)),
    ['create namespaces'],
  );
});

/** Several at a time, each with its index. */
async function inTurns<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) await work(item, index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** The rights that findings name, as `patch deployments.apps in namespace shop`. */
function rightsNamed(run: CliResult): readonly string[] {
  return arrayOf(resultOf(run).findings).flatMap((finding) => {
    const id = String(at(finding, 'id'));
    const evidence = arrayOf(at(finding, 'evidence')).map(String);
    if (id.startsWith('access/')) return evidence;
    if (id !== 'preflight/skipped') return [];
    return evidence.flatMap((line) => line.split(/you may not |; /).slice(1));
  });
}

test('with each right of the Role missing in turn, plan or the command that needs it names just that one', async (t) => {
  const fresh = await makeApp(t, { files: everyKind });
  const full = await makeApp(t, { files: everyKind });
  const [deployed] = await Promise.all([full.run('up', ['--yes']), giveAddress(full, 'web', address)]);
  assert.equal(deployed.code, 0, deployed.stdout);
  const quota = { metadata: { name: 'much' }, spec: { hard: { pods: '1000' } } };
  await fresh.sandbox.request('POST', `/api/v1/namespaces/${fresh.namespace}/resourcequotas`, quota);
  const keep = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: keep}\n';
  const shrunk = await makeFolder(t, { 'oms-deploy.yaml': everyKind['oms-deploy.yaml'] ?? '', 'k8s/keep.yaml': keep });
  const [role] = await accessTemplate('role.yaml', fresh.namespace, 'g');
  const rights = singleRights(rulesOf(role ?? {}));
  const kubeconfigFor = (app: TestApp, rules: readonly Rule[], name: string): Promise<string> =>
    restrictedKubeconfig(t, app.sandbox, app.namespace, rules, name);
  const planned = async (app: TestApp, cwd: string, kubeconfig: string): Promise<readonly string[]> => {
    const run = await app.run('plan', ['--kubeconfig', kubeconfig], { cwd });
    return [...new Set(rightsNamed(run))].map((text) => text.replace(/ in .*/, ''));
  };
  // Of the whole cluster nothing is granted here: what may not be looked at there is always named.
  const always = new Set(await planned(fresh, fresh.folder, await kubeconfigFor(fresh, rights, 'whole')));
  assert.ok(always.size > 0);
  const lacks = async (command: string, right: Rule, kubeconfig: string): Promise<boolean> => {
    const { stdout } = await full.run(command, ['--kubeconfig', kubeconfig]);
    const [group, resource, verb] = [right.apiGroups.join(), right.resources.join(), right.verbs.join()];
    const refusal = `cannot ${verb} resource \\"${resource}\\" in API group \\"${group}\\"`;
    return stdout.includes(refusal) || stdout.includes(`you may not ${verb} ${resource}`);
  };
  const unnamed: string[] = [];
  await inTurns(rights, 3, async (right, index) => {
    const without = rights.filter((one) => one !== right);
    const name = textOf(right, undefined).replace(/ in .*/, '');
    const isDelete = right.verbs.includes('delete');
    const app = isDelete ? full : fresh;
    const kubeconfig = await kubeconfigFor(app, without, `without-${index}`);
    const named = (await planned(app, isDelete ? shrunk : app.folder, kubeconfig)).filter((one) => !always.has(one));
    if (named.length > 0) return assert.deepEqual(named, [name]);
    const looking = isDelete ? kubeconfig : await kubeconfigFor(full, without, `looks-without-${index}`);
    for (const command of ['verify', 'doctor']) if (await lacks(command, right, looking)) return undefined;
    unnamed.push(name);
  });
  // What only cleanup needs.
  assert.deepEqual(unnamed.sort(), [
    'delete leases.coordination.k8s.io',
    'list leases.coordination.k8s.io',
    'list serviceaccounts',
  ]);
  assert.deepEqual(await fresh.writes(), []);
});

test('what cleanup may not see or delete is named before anything goes', async (t) => {
  const app = await makeApp(t, { files: everyKind });
  const [deployed] = await Promise.all([app.run('up', ['--yes']), giveAddress(app, 'web', address)]);
  assert.equal(deployed.code, 0, deployed.stdout);
  const [role] = await accessTemplate('role.yaml', app.namespace, 'g');
  const rights = singleRights(rulesOf(role ?? {}));
  const without = (text: string): Promise<string> => {
    const left = rights.filter((one) => !textOf(one, undefined).startsWith(`${text} in`));
    assert.equal(left.length, rights.length - 1);
    return restrictedKubeconfig(t, app.sandbox, app.namespace, left, `no-${text.replaceAll(/[ .]/g, '-')}`);
  };
  const before = await app.writes();
  const agreed = ['--yes', '--confirm', app.namespace, '--keep-namespace'];
  const lists = [
    ['list serviceaccounts', 'ServiceAccount'],
    ['list leases.coordination.k8s.io', 'Lease.coordination.k8s.io'],
  ] as const;
  for (const [right, kind] of lists) {
    const asked = await app.run('cleanup', ['--keep-namespace', '--kubeconfig', await without(right)]);
    const shown = eventsOf(asked).find(({ type }) => type === 'cleanup');
    assert.ok(arrayOf(shown?.unread).includes(kind), asked.stdout);
  }
  const kubeconfig = await without('delete leases.coordination.k8s.io');
  const refused = await app.run('cleanup', [...agreed, '--kubeconfig', kubeconfig]);
  assert.equal(refused.code, 4, refused.stdout);
  assert.match(refused.stdout, /cannot delete resource \\"leases\\"/);
  assert.deepEqual(await app.writes(), before);
});

test('with the Role as a ClusterRole a deploy makes its namespace; without the right to, plan says so', async (t) => {
  const app = await makeApp(t, { files: everyKind, createNamespace: false });
  const { sandbox, namespace } = app;
  const home = await sandbox.createNamespace('ci', t);
  const group = `system:serviceaccounts:${home}`;
  const [role] = await accessTemplate('role.yaml', namespace, group);
  const [makes, reads, ...bindings] = await accessTemplate('cluster-role.yaml', namespace, group);
  assert.ok(role && makes && reads);
  const wide = { ...makes, rules: [...arrayOf(makes.rules), ...arrayOf(role.rules)] };
  const as = ['--kubeconfig', await accountKubeconfig(t, sandbox, home, account)];
  await grant(t, sandbox, [{ ...wide, rules: arrayOf(wide.rules).slice(1) }, reads, ...bindings]);
  const planned = await app.run('plan', as);
  assert.equal(planned.code, 4, planned.stdout);
  assert.deepEqual(rightsNamed(planned), ['create namespaces in the whole cluster']);
  const path = `/apis/rbac.authorization.k8s.io/v1/clusterroles/oms-deploy-${namespace}`;
  assert.equal((await sandbox.request('PUT', path, wide)).status, 200);
  const [run] = await Promise.all([app.run('up', ['--yes', ...as]), giveAddress(app, 'web', address)]);
  assert.equal(run.code, 0, run.stdout);
  assert.ok((await rightsUsed(sandbox, home, account)).has('create namespaces'));
});
