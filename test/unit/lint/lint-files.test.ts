import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lintFiles } from '../../../src/lint/lint-files.ts';
import { configOf } from '../../support/config.ts';

const job = (annotations: string): string => `apiVersion: batch/v1
kind: Job
metadata: {name: migrate, annotations: {${annotations}}}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: "x/y:1"}]}}}
`;

test('lint tells what is wrong with hooks, and what is left out as one', async (t) => {
  const cwd = await mkdtemp(join(tmpdir(), 'oms-lint-'));
  t.after(() => rm(cwd, { recursive: true }));
  const texts = [job('oms-deploy.io/hook: befor'), job('helm.sh/hook: test')].map((text, index) =>
    text.replace('name: migrate', `name: migrate-${index}`),
  );
  await writeFile(join(cwd, 'app.yaml'), texts.join('---\n'));
  const { findings } = await lintFiles(
    {
      config: configOf(),
      manifests: ['app.yaml'],
      addons: [],
      reading: { cwd, env: {}, readStdin: () => Promise.resolve('') },
    },
    new AbortController().signal,
  );
  const ofHooks = findings.filter(({ id }) => id.startsWith('hooks/'));
  assert.deepEqual(
    ofHooks.map(({ id, severity, origin }) => `${id} ${severity} ${origin?.line}`),
    ['hooks/invalid error 3', 'hooks/left-out info 8'],
  );
});
