import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireWritable, requireWritablePage } from '../../../src/cli/written-file.ts';
import { writeWhole } from '../../../src/whole-file.ts';
import { makeFolder } from '../../support/cli.ts';

test('a file that no report can be written to is refused', async (t) => {
  const folder = await makeFolder(t, { file: '' });
  await mkdir(join(folder, 'is.html'));
  await writeFile(join(folder, 'there.html'), '');
  for (const [name, why] of [
    ['none/r.html', /There is no folder/],
    ['file/r.html', /is no folder|ENOTDIR/],
    ['is.html', /It is a folder/],
  ] as const) {
    const refusal = { code: 'usage', message: new RegExp(`^--junit .*${name} can't be written`), why };
    await assert.rejects(requireWritable('--junit', join(folder, name)), refusal, name);
    await assert.rejects(requireWritablePage('--report', join(folder, name)), { code: 'usage', why }, name);
  }
  for (const name of ['there.html', 'new.HTM']) await requireWritablePage('--report', join(folder, name));
  await requireWritable('--junit', join(folder, 'file'));
});

test('a page is written over a page only', async (t) => {
  const folder = await makeFolder(t, { 'app.yaml': 'a: 1' });
  const refused = requireWritablePage('--report', join(folder, 'app.yaml'));
  await assert.rejects(refused, { code: 'usage', why: /no other file is written over/ });
});

test('what could not be written whole leaves nothing', async (t) => {
  const folder = await makeFolder(t, {});
  await mkdir(join(folder, 'taken'));
  await assert.rejects(writeWhole(join(folder, 'taken'), 'text'));
  assert.deepEqual(await readdir(folder), ['taken']);
});
