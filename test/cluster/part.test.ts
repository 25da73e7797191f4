import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { arrayOf, at, type JsonObject, objectOf } from '../../src/model/json.ts';
import { autoscaler, makeApp, manifests, type TestApp } from '../support/app.ts';
import { type CliResult, eventsOf } from '../support/cli.ts';
import { eventually } from '../support/sandbox.ts';

const documents = manifests.split('---\n');
const reader = documents.find((text) => /kind: Deployment\nmetadata: \{name: reader\}/.test(text)) ?? '';
const files = { 'k8s/hpa.yaml': autoscaler, 'parts/reader.yaml': reader };
const part = ['-f', 'parts/reader.yaml'];

/** What a plan says of the Deployment `reader`. */
function readerIn(run: CliResult): JsonObject {
  assert.equal(run.code, 0, run.stdout);
  const objects = arrayOf(eventsOf(run).find(({ type }) => type === 'plan')?.['objects']).map(objectOf);
  return objects.find(({ object }) => at(object, 'kind') === 'Deployment' && at(object, 'name') === 'reader') ?? {};
}

function replacedIn({ fields, notes }: JsonObject): readonly unknown[] {
  const ofPods = arrayOf(fields).filter((field) => /^spec\.(?:replicas|template)/.test(String(at(field, 'path'))));
  return [...ofPods, ...arrayOf(notes).filter((note) => String(note).startsWith('restarts'))];
}

async function replicasOf(app: TestApp): Promise<unknown> {
  return at(await app.get('deployments', 'reader'), 'spec', 'replicas');
}

test('a part of the manifests leaves the scale to an HPA that is not among them, and restarts nobody', async (t) => {
  const app = await makeApp(t, { files });
  assert.equal((await app.run('up', ['--yes'])).code, 0);
  // The HPA wants more than the workload's own manifest says.
  await writeFile(join(app.folder, 'k8s/hpa.yaml'), autoscaler.replace('minReplicas: 3', 'minReplicas: 5'));
  assert.equal((await app.run('up', ['--yes', '-f', 'k8s/hpa.yaml'])).code, 0);
  const pods = await eventually(
    async () => {
      const uids = await app.podsOf('reader');
      return uids.length === 5 ? uids : undefined;
    },
    () => 'the HPA has not scaled to five pods',
    60_000,
  );

  const planned = readerIn(await app.run('plan', part));
  assert.deepEqual(replacedIn(planned), []);
  assert.ok(arrayOf(planned.notes).includes('replicas: left to HPA reader (now 5)'), JSON.stringify(planned));
  for (const run of [await app.run('up', ['--yes', ...part]), await app.run('up', ['--yes', ...part])]) {
    assert.equal(run.code, 0, run.stdout);
    assert.equal(await replicasOf(app), 5);
  }
  assert.deepEqual((await app.podsOf('reader')).toSorted(), pods.toSorted());
  // Of its own HPA the whole application says the same.
  assert.deepEqual(replacedIn(readerIn(await app.run('plan'))), []);
});

test('an HPA that comes after its workload takes over the number that there is, and the plan says so', async (t) => {
  const app = await makeApp(t, { files });
  const secret = ['-f', 'k8s/app.yaml'];
  assert.equal((await app.run('up', ['--yes', ...secret])).code, 0);
  const planned = readerIn(await app.run('plan'));
  assert.deepEqual(replacedIn(planned), []);
  assert.ok(arrayOf(planned.notes).includes('replicas: left to HPA reader (now 2)'), JSON.stringify(planned));
});
