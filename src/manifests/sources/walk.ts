import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCodeOf } from '../../errors.ts';

/** All files below a folder, by name, and what couldn't be looked at. */
export interface FolderContents {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  readonly unreadable: readonly { readonly path: string; readonly code: string }[];
}

/**
 * Walks a folder, deep. Symbolic links are followed, but not back into a folder that leads to them. Editors' and tools'
 * own files (`.git`, `.terraform`, `node_modules`) are passed over.
 *
 * @param depth how many folders deep; all of them by default.
 */
export async function walkFolder(root: string, depth = Number.POSITIVE_INFINITY): Promise<FolderContents> {
  const files: string[] = [];
  const folders: string[] = [];
  const unreadable: { path: string; code: string }[] = [];
  const attempt = async (path: string, look: () => Promise<void>): Promise<void> => {
    try {
      await look();
    } catch (error) {
      unreadable.push({ path, code: systemCodeOf(error) ?? 'error' });
    }
  };
  const visit = async (folder: string, trail: readonly string[]): Promise<void> => {
    const real = await realpath(folder);
    if (trail.includes(real)) return;
    const entries = await readdir(folder, { withFileTypes: true });
    folders.push(folder);
    for (const entry of entries) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const path = join(folder, entry.name);
      await attempt(path, async () => {
        const kind = await kindOf(entry, path);
        if (kind === 'file') files.push(path);
        else if (kind === 'folder' && trail.length < depth) await visit(path, [...trail, real]);
      });
    }
  };
  await attempt(root, () => visit(root, []));
  return { files: files.sort(), folders: folders.sort(), unreadable };
}

async function kindOf(entry: Dirent, path: string): Promise<'file' | 'folder' | 'other'> {
  const one = entry.isSymbolicLink() ? await stat(path) : entry;
  if (one.isFile()) return 'file';
  return one.isDirectory() ? 'folder' : 'other';
}
