import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeRendered } from '../../../src/deploy/write-rendered.ts';
import { DeployError } from '../../../src/errors.ts';
import { manifest, manifestsIn } from '../manifests/helpers.ts';

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'oms-rendered-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

const object = (kind: string, name: string) => manifest({ apiVersion: 'v1', kind, metadata: { name } });

test('a file per object, numbered in the order of application; Secrets for their owner alone', async (t) => {
  const into = join(await folder(t), 'new', 'deep');
  const files = await writeRendered([object('Namespace', 'a'), object('Secret', 'b')], into);
  assert.deepEqual(files, [join(into, '1-namespace-a.yaml'), join(into, '2-secret-b.yaml')]);
  const modes = await Promise.all(files.map(async (file) => ((await stat(file)).mode & 0o777).toString(8)));
  assert.deepEqual(modes, ['644', '600']);
  const [read] = manifestsIn(await readFile(files[1] ?? '', 'utf8'));
  assert.equal(read?.ref.name, 'b');
});

test('a second rendering leaves nothing of the first, and nothing of a wrong mode', async (t) => {
  const into = await folder(t);
  await writeFile(join(into, 'README.md'), 'stays');
  await writeRendered([object('ConfigMap', 'a'), object('Service', 'b')], into);
  await writeRendered([object('Secret', 'a')], into);
  assert.deepEqual((await readdir(into)).sort(), ['1-secret-a.yaml', 'README.md']);
});

test('a folder with other manifests is refused, and stays as it is', async (t) => {
  const into = await folder(t);
  await writeFile(join(into, 'mine.yml'), 'kind: ConfigMap\n');
  await assert.rejects(writeRendered([object('ConfigMap', 'a')], into), (error) => {
    assert.ok(error instanceof DeployError);
    assert.equal(error.code, 'usage');
    assert.match(error.why ?? '', /^mine\.yml: /);
    return true;
  });
  assert.deepEqual(await readdir(into), ['mine.yml']);
});
