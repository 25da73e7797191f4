import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { unpackDebianPackages } from '../../src/sandbox/node/debian-packages.ts';

const run = promisify(execFile);

const onPath = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'promtool'))
  .find((path) => existsSync(path));

const cached = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'oms-deploy', 'promtool', 'promtool');

/** What promtool printed, and whether it found nothing wrong. */
export interface PromtoolResult {
  readonly isOk: boolean;
  readonly output: string;
}

/** Why promtool can't run here, for `skip`; false where it can. Installs nothing. */
export async function whyNoPromtool(): Promise<string | false> {
  if (onPath !== undefined || existsSync(cached)) return false;
  try {
    await run('dpkg-deb', ['--version']);
    await run('apt-cache', ['show', 'prometheus']);
    return false;
  } catch {
    return 'no promtool on PATH, and no package prometheus that apt-get could download';
  }
}

/** Runs promtool, that of this machine or one of our own. */
export async function promtool(args: readonly string[], cwd: string): Promise<PromtoolResult> {
  const program = onPath ?? (await ensureCached());
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const add = (text: string): void => void (output += text);
    child.stdout.setEncoding('utf8').on('data', add);
    child.stderr.setEncoding('utf8').on('data', add);
    child.on('error', reject);
    child.on('close', (code) => resolve({ isOk: code === 0, output }));
  });
}

/** Takes it out of Debian's package, which apt has checked; nothing is installed on the machine. */
async function ensureCached(): Promise<string> {
  if (existsSync(cached)) return cached;
  const folder = join(cached, '..');
  await mkdir(join(folder, '..'), { recursive: true });
  // Made elsewhere and renamed: an interrupted download is never taken for a whole one, and two don't collide.
  const draft = await mkdtemp(`${folder}.`);
  try {
    // apt downloads as a user of its own, who must get in.
    await chmod(draft, 0o755);
    await unpackDebianPackages(['prometheus'], join(draft, 'package'));
    await rename(join(draft, 'package', 'usr', 'bin', 'promtool'), join(draft, 'promtool'));
    await rm(join(draft, 'package'), { recursive: true });
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(cached)) throw error;
  }
  return cached;
}
