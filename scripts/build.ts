import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

import { configJsonSchema } from '../src/config/json-schema.ts';
import type { JsonObject } from '../src/model/json.ts';
import { eventJsonSchema } from '../src/ui/event-schema.ts';

import { fieldTable } from './field-table.ts';

/**
 * Bundles src/ into dist/: one entry, and a chunk per command that loads on demand. A program that runs meanwhile goes
 * on: files are swapped whole, the entry last, and the chunks of an older build stay for a day.
 */
const dist = 'dist';
const keptMs = 24 * 3600 * 1000;

const { outputFiles } = await build({
  entryPoints: ['src/main.ts'],
  outdir: dist,
  write: false,
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20.19',
  // The ES modules of packages that have both: named imports work across chunks, and less is bundled.
  mainFields: ['module', 'main'],
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  // Bundled CommonJS packages call require for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
const bundle = outputFiles.map(({ path, contents }) => [relative(dist, path), contents] as const);
const entry = bundle.find(([name]) => name === 'main.js');
// For editors and for who reads the events: made from what the program itself checks with.
const schemas = [
  schemaFile('config.schema.json', configJsonSchema()),
  schemaFile('events.schema.json', eventJsonSchema()),
];
const files = [...(await assets()), ...schemas];
for (const [name, contents] of [...bundle, ...files]) if (name !== 'main.js') await put(name, contents);
if (entry === undefined) throw new Error('esbuild made no main.js');
await put(...entry);
await removeOld(new Set([...bundle, ...files].map(([name]) => name)));

/** What the program reads at run time beside its code: the control plane's module files, the stages of the pods, the fields of the API. */
async function assets(): Promise<readonly (readonly [string, Uint8Array])[]> {
  const stages = await readdir('src/sandbox/kwok');
  const names = ['control-plane/go.mod', 'control-plane/go.sum', ...stages.map((name) => `kwok/${name}`)];
  const copies = names.map(async (name) => [`sandbox/${name}`, await readFile(`src/sandbox/${name}`)] as const);
  return [...(await Promise.all(copies)), ['lint/fields.json', new TextEncoder().encode(JSON.stringify(fieldTable()))]];
}

function schemaFile(name: string, schema: JsonObject): readonly [string, Uint8Array] {
  return [name, Buffer.from(`${JSON.stringify(schema, null, 2)}\n`)];
}

/** A file is there whole or not at all, at every moment. */
async function put(name: string, contents: Uint8Array): Promise<void> {
  const path = join(dist, name);
  const current = await readFile(path).catch(() => undefined);
  if (current !== undefined && Buffer.compare(current, contents) === 0) {
    const now = new Date();
    await utimes(path, now, now);
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, contents);
  await rename(temporary, path);
}

async function removeOld(current: ReadonlySet<string>): Promise<void> {
  for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || current.has(relative(dist, path))) continue;
    // A stage is found by its folder: an old one would still be loaded.
    const isOfAnotherBuild = /\.(js|tmp)$/.test(path) && (await stat(path)).mtimeMs > Date.now() - keptMs;
    if (!isOfAnotherBuild) await rm(path, { force: true });
  }
}
