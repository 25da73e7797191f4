import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { deploy } from '../../src/deploy/deploy.ts';
import { DeployError } from '../../src/errors.ts';
import { at } from '../../src/model/json.ts';
import { makeApp } from '../support/app.ts';
import { deployRequest } from '../support/carry-out.ts';
import { silentHost } from '../support/silent-host.ts';
import { bareConfig, deploymentYaml } from '../support/workloads.ts';

const withReplicas = (replicas: number): string => deploymentYaml('web', { tag: '1', replicas });

test('who scales while the question stands is named, and keeps what they set', async (t) => {
  const app = await makeApp(t, { files: { 'oms-deploy.yaml': bareConfig, 'k8s/app.yaml': withReplicas(1) } });
  const { sandbox, namespace, folder } = app;
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  await writeFile(join(folder, 'k8s/app.yaml'), withReplicas(2));
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/web`;
  const scale = async (): Promise<boolean> => {
    const body = { spec: { replicas: 3 } };
    const { status } = await sandbox.request(
      'PATCH',
      `${path}?fieldManager=night-shift`,
      body,
      'application/merge-patch+json',
    );
    return status === 200;
  };
  const request = { ...(await deployRequest(folder, namespace, sandbox.kubeconfig)), yes: false };
  const host = { ...silentHost, canAsk: true, confirm: scale };
  await assert.rejects(deploy(request, host, new AbortController().signal), (error) => {
    assert.ok(error instanceof DeployError);
    assert.equal(error.code, 'failed');
    const [finding] = error.findings;
    assert.equal(finding?.id, 'cluster/conflict');
    assert.match(finding?.cause ?? '', /spec\.replicas is set by night-shift/);
    return true;
  });
  assert.equal(at(await app.get('deployments', 'web'), 'spec', 'replicas'), 3);
});
