import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { cp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { arrayOf, at, objectOf } from '../../src/model/json.ts';
import { makeFolder, resultOf, runCli } from '../support/cli.ts';
import { getSandbox } from '../support/sandbox.ts';

const original = fileURLToPath(new URL('../fixtures/original-oms', import.meta.url));

/** The files of a folder, and what is in them. */
async function fingerprint(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return Promise.all(
    files.map(
      async (file) =>
        `${file} ${createHash('sha256')
          .update(await readFile(file))
          .digest('hex')}`,
    ),
  );
}

test("the original repository's k8s folder, untouched: a configuration alone deploys it", async (t) => {
  const sandbox = await getSandbox();
  const namespace = `original-${randomBytes(4).toString('hex')}`;
  t.after(() => sandbox.request('DELETE', `/api/v1/namespaces/${namespace}`));
  const folder = await makeFolder(t, {});
  await cp(original, folder, { recursive: true });
  const before = await fingerprint(join(folder, 'k8s'));
  const run = (...args: readonly string[]): ReturnType<typeof runCli> =>
    runCli([...args, '--kubeconfig', sandbox.kubeconfig, '--namespace', namespace, '--output', 'json'], {
      cwd: folder,
      env: {
        OMS_INPUT_DOCUMENTDB_USERNAME: 'oms',
        OMS_INPUT_DOCUMENTDB_PASSWORD: 'correct-horse',
        OMS_INPUT_AWS_ACCOUNT_ID: '123456789012',
        OMS_INPUT_AWS_REGION: 'us-east-1',
      },
    });

  const first = await run('up', '--yes');
  assert.equal(first.code, 0, first.stdout);
  assert.deepEqual(resultOf(first).changes, { created: 14, updated: 0, unchanged: 0, deleted: 0 });
  const get = async (path: string): Promise<ReturnType<typeof objectOf>> =>
    objectOf((await sandbox.request('GET', path.replace('NS', namespace))).body);
  const pods = arrayOf((await get('/api/v1/namespaces/NS/pods')).items);
  assert.equal(pods.length, 9);
  const service = await get('/api/v1/namespaces/NS/services/order-processor');
  assert.equal(at(service, 'spec', 'clusterIP'), 'None');
  const config = await get('/api/v1/namespaces/NS/configmaps/app-config');
  assert.match(String(at(config, 'data', 'kafka-bootstrap-servers')), /^b-1\..*:9098,b-2\./);
  const deployment = await get('/apis/apps/v1/namespaces/NS/deployments/risk-engine');
  const [container] = arrayOf(at(deployment, 'spec', 'template', 'spec', 'containers'));
  assert.equal(at(container, 'image'), '123456789012.dkr.ecr.us-east-1.amazonaws.com/crypto-oms/risk-engine:1.4.2');

  const second = await run('up', '--yes');
  assert.deepEqual(
    [second.code, at(resultOf(second), 'changes', 'unchanged')],
    [0, 13],
    'the namespace is no manifest of it',
  );
  assert.deepEqual(await fingerprint(join(folder, 'k8s')), before, 'no manifest was touched');
});
