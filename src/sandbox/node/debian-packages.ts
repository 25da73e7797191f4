import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const downloadTimeoutMs = 300_000;

/**
 * Takes the files out of Debian's packages, which apt downloads and checks; nothing is installed on the machine. Rejects
 * where there is no apt, or it has no such package.
 */
export async function unpackDebianPackages(
  names: readonly string[],
  target: string,
  signal?: AbortSignal,
): Promise<void> {
  const downloads = `${target}.packages`;
  await mkdir(downloads);
  try {
    // apt downloads as a user of its own, who must get in.
    await chmod(downloads, 0o755);
    await run('apt-get', ['download', '-qq', ...names], { cwd: downloads, timeout: downloadTimeoutMs, signal });
    for (const name of await readdir(downloads)) {
      await run('dpkg-deb', ['-x', join(downloads, name), target], { signal });
    }
  } finally {
    await rm(downloads, { recursive: true, force: true });
  }
}
