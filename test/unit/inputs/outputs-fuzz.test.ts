import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readOutputs } from '../../../src/inputs/terraform.ts';
import { never } from './helpers.ts';

const seeded = { seed: 2026, numRuns: 300 } as const;

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 80 }).map((data) => Buffer.from(data)),
  fc.json().map((text) => Buffer.from(text)),
  // Cut off in the middle, as a full disk leaves it.
  fc.json().map((text) => Buffer.from(text.slice(0, text.length / 2))),
  fc
    .dictionary(fc.string(), fc.record({ value: fc.jsonValue(), sensitive: fc.anything() }, { requiredKeys: [] }))
    .map((outputs) => Buffer.from(JSON.stringify({ outputs, values: { outputs } }) ?? '')),
);

test('whatever stands in a file of outputs: there are outputs, or one finding', async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), 'oms-outputs-fuzz-'));
  t.after(() => rm(cwd, { recursive: true }));
  const request = { outputsFile: 'outputs.json', env: {}, cwd, readStdin: () => Promise.resolve('') };
  await fc.assert(
    fc.asyncProperty(bytes, async (data) => {
      await writeFile(join(cwd, 'outputs.json'), data);
      const { outputs, findings } = await readOutputs(request, never);
      assert.equal(findings.length, outputs.size > 0 ? 0 : 1);
      for (const { cause, fix } of findings) {
        assert.notEqual(fix, '');
        assert.doesNotMatch(cause, /\bat .*\.ts:|\[object/);
      }
    }),
    seeded,
  );
});
