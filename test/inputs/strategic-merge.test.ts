import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type JsonObject, objectOf } from '../../src/model/json.ts';
import { mergeCases, refusedPatches, refusingBase } from '../support/strategic-merges.ts';

const skip = spawnSync('kubectl', ['version', '--client']).status === 0 ? false : 'there is no kubectl';

/** What kubectl makes of an object with a patch; its complaint where it refuses. */
function patchedBy(t: TestContext, object: JsonObject, patch: JsonObject): SpawnSyncReturns<string> {
  const folder = mkdtempSync(join(tmpdir(), 'oms-merge-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'object.json');
  writeFileSync(file, JSON.stringify(object));
  const args = ['patch', '--local', '-f', file, '--type', 'strategic', '-p', JSON.stringify(patch), '-o', 'json'];
  return spawnSync('kubectl', args, { encoding: 'utf8' });
}

/** kubectl knows no merge for kinds that it has not been built with. */
for (const { name, kind: [kind, apiVersion] = ['Deployment', 'apps/v1'], base, patch, expected } of mergeCases) {
  if (kind === 'Widget') continue;
  test(`kubectl patch makes the same: ${name}`, { skip }, (t) => {
    const { stdout, stderr } = patchedBy(t, { apiVersion, kind, metadata: { name: 'x' }, spec: base }, { spec: patch });
    assert.equal(stderr, '');
    assert.deepEqual(objectOf(JSON.parse(stdout)).spec, expected);
  });
}

for (const { name, patch } of refusedPatches)
  test(`kubectl patch refuses, too: ${name}`, { skip }, (t) => {
    const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec: refusingBase };
    const { status, stderr } = patchedBy(t, object, { spec: patch });
    assert.notEqual(status, 0, stderr);
  });
