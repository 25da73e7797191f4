import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { loadConfig } from '../../../src/config/load.ts';
import { DeployError } from '../../../src/errors.ts';
import { formatYaml } from '../../../src/model/yaml.ts';

const seeded = { seed: 2026, numRuns: 300 } as const;

/** Names that the schema knows, so that the random trees get deep into it. */
const keys = [
  ...['application', 'namespace', 'manifests', 'terraform', 'inputs', 'placeholders', 'images', 'labels', 'overrides'],
  ...['addons', 'checks', 'hooks', 'expect', 'environments', 'allowLatest', 'imagePullSecret', 'ignore', 'sources'],
  ...['default', 'compose', 'secret', 'styles', 'fields', 'a', 'prod', 'Service/web', 'spec', 'x y', ''],
];

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(fc.string({ maxLength: 5 }), fc.integer(), fc.boolean(), fc.constant(null), fc.constantFrom(...keys)),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...keys), tie('tree'), { maxKeys: 4 }),
  ),
}));

const text = fc.oneof(
  fc.uint8Array({ maxLength: 80 }).map((data) => Buffer.from(data)),
  tree.map((value) => Buffer.from(formatYaml(value))),
  fc
    .dictionary(fc.constantFrom(...keys), tree, { maxKeys: 5 })
    .map((value) => Buffer.from(formatYaml({ application: 'a', namespace: 'a', manifests: ['k'], ...value }))),
);

test('whatever stands in the file: it is a configuration, or each mistake is told at its line', async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), 'oms-config-fuzz-'));
  t.after(() => rm(cwd, { recursive: true }));
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(text, async (bytes) => {
      await writeFile(join(cwd, 'oms-deploy.yaml'), bytes);
      try {
        const config = await loadConfig({ cwd });
        assert.notEqual(config.application, '');
        accepted += 1;
      } catch (error) {
        assert.ok(error instanceof DeployError, String(error));
        assert.equal(error.exitCode, 3);
        assert.ok(error.findings.length > 0);
        for (const { origin, cause, fix } of error.findings) {
          assert.ok((origin?.line ?? 0) >= 1 && (origin?.column ?? 0) >= 1, cause);
          assert.notEqual(fix, '');
          assert.doesNotMatch(cause, /\bat .*\.ts:|\[object/);
        }
      }
    }),
    seeded,
  );
  assert.ok(accepted > 0, 'no random configuration was a valid one');
});
