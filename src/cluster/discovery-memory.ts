import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCodeOf } from '../errors.ts';
import { parseJsonObject } from '../model/json.ts';
import { writeWhole } from '../whole-file.ts';
import { type DiscoveryMemory, isServedKinds } from './discovery.ts';

const keptMs = 30 * 24 * 3_600_000;

/**
 * Remembers what a cluster has said of its kinds in files of a folder, such as the user's cache. It is never believed unasked:
 * each run sends the ETag along, and the API server says in a few bytes that it still holds (304), or answers anew. Where
 * the folder can't be written nothing is remembered.
 */
export function discoveryMemory(folder: string, server: string): DiscoveryMemory {
  const fileOf = (path: string): string => {
    const key = createHash('sha256').update(`${server} ${path}`).digest('hex').slice(0, 24);
    return join(folder, 'discovery', `${key}.json`);
  };
  return {
    async load(path) {
      const known = parseJsonObject(await readFile(fileOf(path), 'utf8').catch(() => ''));
      return isServedKinds(known) ? known : undefined;
    },
    async save(path, kinds) {
      const file = fileOf(path);
      try {
        // Only below a home that is there.
        for (const one of [dirname(folder), folder, dirname(file)]) await makeFolder(one);
        await writeWhole(file, JSON.stringify(kinds), 0o600);
        await forgetOld(dirname(file));
      } catch (error) {
        if (systemCodeOf(error) === undefined) throw error;
      }
    },
  };
}

/** What nobody has renewed for so long is of clusters that are gone; one that isn't answers anew. */
async function forgetOld(folder: string): Promise<void> {
  const files = (await readdir(folder)).map((name) => join(folder, name));
  const old = files.map(async (file) => {
    if (Date.now() - (await stat(file)).mtimeMs > keptMs) await rm(file, { force: true });
  });
  await Promise.all(old);
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
  });
}
