import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { mergeCases } from '../support/strategic-merges.ts';

const skip = spawnSync('kubectl', ['version', '--client']).status === 0 ? false : 'there is no kubectl';

/** kubectl knows no merge for kinds that it has not been built with. */
for (const { name, kind: [kind, apiVersion] = ['Deployment', 'apps/v1'], base, patch, expected } of mergeCases) {
  if (kind === 'Widget') continue;
  test(`kubectl patch makes the same: ${name}`, { skip }, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'oms-merge-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'object.json');
    writeFileSync(file, JSON.stringify({ apiVersion, kind, metadata: { name: 'x' }, spec: base }));
    const args = [
      'patch',
      '--local',
      '-f',
      file,
      '--type',
      'strategic',
      '-p',
      JSON.stringify({ spec: patch }),
      '-o',
      'json',
    ];
    const patched: unknown = JSON.parse(
      execFileSync('kubectl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    assert.ok(typeof patched === 'object' && patched !== null && 'spec' in patched);
    assert.deepEqual(patched.spec, expected);
  });
}
