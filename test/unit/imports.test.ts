import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../../src/', import.meta.url));

/**
 * The layers of the house, from the top. A file may import from layers below its own, and from its own layer
 * (without cycles); ui is handed in by main and is imported by cli alone.
 */
const layers: readonly (readonly string[])[] = [
  ['main.ts'],
  ['cli'],
  ['ui'],
  ['deploy', 'init', 'sandbox'],
  ['verify'],
  ['releases'],
  ['target'],
  ['lint'],
  ['manifests', 'kinds', 'inputs', 'cluster'],
  ['aws'],
  ['config'],
  ['model', 'errors.ts', 'events.ts', 'context.ts', 'program.ts', 'version.ts', 'whole-file.ts', 'cache-dir.ts'],
];

interface Import {
  readonly from: string;
  readonly to: string;
}

function imports(): readonly Import[] {
  const files = readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  return files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, specifier = '']) => ({
      from: relative(src, file),
      to: relative(src, join(dirname(file), specifier)),
    })),
  );
}

function layerOf(file: string): number {
  const [top = ''] = file.split('/');
  const index = layers.findIndex((layer) => layer.includes(top));
  assert.notEqual(index, -1, `src/${file} is in no layer: name its folder in this test`);
  return index;
}

test('imports go one way: from a layer to itself or to those below', () => {
  const all = imports();
  assert.ok(all.length > 100, `only ${all.length} imports found: does the pattern still match?`);
  const wrong = all.filter(({ from, to }) => layerOf(to) < layerOf(from));
  assert.deepEqual(wrong, []);
});

test('the folders of one layer reach each other only where data flows that way', () => {
  const siblings = imports().filter(({ from, to }) => layerOf(from) === layerOf(to) && folderOf(from) !== folderOf(to));
  const allowed = new Set([
    // A kind's wave and restart rule decide how its manifest is completed.
    'manifests -> kinds',
    'model -> errors.ts',
  ]);
  const flows = new Set(siblings.map(({ from, to }) => `${folderOf(from)} -> ${folderOf(to)}`));
  const bottom = [...flows].filter((flow) => !/^(events|context|errors|program|cache-dir)\.ts -> /.test(flow));
  assert.deepEqual(
    bottom.filter((flow) => !allowed.has(flow)),
    [],
  );
});

test('no import cycles', () => {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports()) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    assert.ok(!trail.includes(file), `cycle: ${[...trail.slice(trail.indexOf(file)), file].join(' -> ')}`);
    if (done.has(file)) return;
    for (const to of next.get(file) ?? []) visit(to, [...trail, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
});

test('only main.ts touches the process', () => {
  const users = readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => /(?<![\w.'"`])process\.(?!on\b)[a-zA-Z]/.test(withoutComments(readFileSync(file, 'utf8'))))
    .map((file) => relative(src, file));
  assert.deepEqual(users, ['main.ts']);
});

test('only ui/ and main.ts print', () => {
  const printers = imports()
    .map(({ from }) => from)
    .filter((file, index, all) => all.indexOf(file) === index)
    .filter((file) =>
      /\bconsole\.|process\.std(out|err)\b/.test(withoutComments(readFileSync(join(src, file), 'utf8'))),
    );
  assert.deepEqual(printers, ['main.ts']);
});

function folderOf(file: string): string {
  return file.split('/')[0] ?? '';
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
