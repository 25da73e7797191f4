import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { configJsonSchema } from '../src/config/json-schema.ts';
import type { JsonObject } from '../src/model/json.ts';
import { eventJsonSchema } from '../src/ui/event-schema.ts';
import { bundleProgram, bundleSingleFile, type OutputFile } from './build/bundle.ts';
import { configTypes } from './build/config-types.ts';
import { fieldTable } from './build/field-table.ts';
import { filesBelow } from './build/files-below.ts';
import { thirdPartyLicenses } from './build/licenses.ts';

/**
 * Bundles src/ into dist/: one entry, and a chunk per command that loads on demand; beside it the same as a single file. A
 * program that runs meanwhile goes on: files are swapped whole, the entry last, and the chunks of an older build stay for
 * a day. They are no part of the package.
 */
const dist = 'dist';
const entry = 'main.js';
const singleFile = 'oms-deploy.mjs';
const keptMs = 24 * 3600 * 1000;

const [program, single] = await Promise.all([bundleProgram(), bundleSingleFile()]);
const files = [...program.files, ...single.files, ...(await assets()), ...(await descriptions())];
const current = new Map(files);
for (const [name, contents] of files) if (name !== entry) await put(name, contents);
const main = current.get(entry);
if (main === undefined) throw new Error(`the bundler made no ${entry}`);
const older = await removeOld();
// npm reads this when it packs: the single file would be all of the program a second time.
await put('.npmignore', text([singleFile, '*.tmp', ...older].join('\n')));
await put(entry, main);

/** What the program reads at run time beside its code: the control plane's module files, the stages of the pods, the fields of the API. */
async function assets(): Promise<readonly OutputFile[]> {
  const stages = await readdir('src/sandbox/kwok');
  const node = filesBelow('src/sandbox/node').filter((name) => !name.endsWith('.ts'));
  const names = [
    ...['control-plane/go.mod', 'control-plane/go.sum'],
    ...stages.map((name) => `kwok/${name}`),
    ...node.map((name) => `node/${name}`),
  ];
  const copies = names.map(async (name) => [`sandbox/${name}`, await readFile(`src/sandbox/${name}`)] as const);
  return [...(await Promise.all(copies)), ['lint/fields.json', text(JSON.stringify(fieldTable()))]];
}

/** For editors, programs and lawyers. The schema and the types are made from what the program itself checks with. */
async function descriptions(): Promise<readonly OutputFile[]> {
  return [
    ['config.schema.json', schemaText(configJsonSchema())],
    ['events.schema.json', schemaText(eventJsonSchema())],
    ['config.d.ts', text(await configTypes())],
    ['THIRD-PARTY-LICENSES', text(thirdPartyLicenses([...new Set([...program.packages, ...single.packages])].sort()))],
  ];
}

function schemaText(schema: JsonObject): Uint8Array {
  return text(`${JSON.stringify(schema, null, 2)}\n`);
}

function text(contents: string): Uint8Array {
  return new TextEncoder().encode(contents);
}

/** A file is there whole or not at all, at every moment. */
async function put(name: string, contents: Uint8Array): Promise<void> {
  const path = join(dist, name);
  const there = await readFile(path).catch(() => undefined);
  if (there !== undefined && Buffer.compare(there, contents) === 0) {
    const now = new Date();
    await utimes(path, now, now);
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, contents, { mode: name === singleFile ? 0o755 : 0o644 });
  await rename(temporary, path);
}

/** Takes the files of older builds away; the names of the chunks that stay come back. */
async function removeOld(): Promise<readonly string[]> {
  const kept: string[] = [];
  for (const found of await readdir(dist, { recursive: true, withFileTypes: true })) {
    const path = join(found.parentPath, found.name);
    const name = relative(dist, path);
    if (!found.isFile() || current.has(name)) continue;
    // A stage is found by its folder: an old one would still be loaded.
    const isOfAnotherBuild = /\.(js|tmp)$/.test(path) && (await stat(path)).mtimeMs > Date.now() - keptMs;
    if (isOfAnotherBuild) kept.push(name);
    else await rm(path, { force: true });
  }
  return kept.sort();
}
