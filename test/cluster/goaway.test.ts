import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { at } from '../../src/model/json.ts';
import { binaryNames } from '../../src/sandbox/control-plane.ts';
import { makeFolder, resultOf, runCli } from '../support/cli.ts';
import { startCounting } from '../support/counting.ts';
import { controlPlaneBinaries, startOwnSandbox } from '../support/sandbox.ts';

/** The control plane, with an API server that now and then ends a connection of HTTP/2: every fiftieth time, the most it takes. */
async function binariesWithGoaway(t: TestContext): Promise<string> {
  const built = await controlPlaneBinaries();
  const folder = await mkdtemp(join(tmpdir(), 'oms-deploy-goaway-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { 'kube-apiserver': apiServer, ...others } = binaryNames;
  for (const name of Object.values(others)) await symlink(join(built, name), join(folder, name));
  const wrapper = `#!/bin/sh\nexec '${join(built, apiServer)}' --goaway-chance=0.02 "$@"\n`;
  await writeFile(join(folder, apiServer), wrapper, { mode: 0o700 });
  return folder;
}

const count = 300;

const manifests = (level: string): string =>
  Array.from(
    { length: count },
    (_, index) => `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: item-${index}}\ndata: {level: ${level}}\n`,
  ).join('');

test('an API server that balances its clients (--goaway-chance): nothing is lost, and each write comes once', async (t) => {
  const sandbox = await startOwnSandbox(t, await binariesWithGoaway(t));
  const files = (level: string) => ({
    'oms-deploy.yaml': 'application: many\nnamespace: many\nmanifests: [k8s]\n',
    'k8s/app.yaml': manifests(level),
  });
  const namespace = await sandbox.createNamespace('goaway', t);
  for (const [level, change] of [
    ['one', 'created'],
    ['two', 'updated'],
  ] as const) {
    const folder = await makeFolder(t, files(level));
    const { proxy, kubeconfig } = await startCounting(t, { sandbox, folder });
    const args = ['up', '--yes', '--kubeconfig', kubeconfig, '-n', namespace, '--output', 'json', '--soak', '0s'];
    const done = await runCli(args, { cwd: folder });
    assert.equal(done.code, 0, done.stdout);
    assert.equal(at(resultOf(done), 'changes', change), count);
    const { connections } = proxy.take();
    assert.ok(connections > 2, `${connections} connections: the server ended none`);
  }
  const writes = await sandbox.auditEvents(
    ({ verb, userAgent, requestURI, namespace: of }) =>
      of === namespace &&
      verb === 'patch' &&
      userAgent === 'oms-deploy' &&
      requestURI.includes('/configmaps/') &&
      !requestURI.includes('dryRun=All'),
  );
  assert.equal(writes.length, 2 * count);
});
