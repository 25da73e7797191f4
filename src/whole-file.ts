import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';

/**
 * Writes a file that is there whole or not at all; one of that name is replaced. `mode` is of a file's permissions.
 *
 * @throws the system's error, with nothing left behind.
 */
export async function writeWhole(path: string, text: string, mode = 0o666): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(draft, text, { mode });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
