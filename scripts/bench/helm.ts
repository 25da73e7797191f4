import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { systemCodeOf } from '../../src/errors.ts';
import { runProgram } from './program.ts';

const moduleDir = join(import.meta.dirname, 'helm');
const helmPackage = 'helm.sh/helm/v4/cmd/helm';
const buildFlags = ['-trimpath', '-mod=readonly', '-ldflags', '-s -w'];
const progressEveryMs = 15_000;

/**
 * The path of the pinned helm: the one in the user's cache, which is built first where it is missing (minutes).
 * Throws an Error with a message for the reader where it can't be built.
 */
export async function findHelm(say: (line: string) => void, signal: AbortSignal): Promise<string> {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'oms-deploy', 'bench-helm');
  const target = join(cache, await moduleKey(), 'helm');
  if (existsSync(target)) return target;
  // Built beside it and moved into place whole: two builders at once both succeed.
  const building = join(cache, `building-${randomBytes(4).toString('hex')}`);
  await mkdir(building, { recursive: true });
  try {
    await build(building, join(cache, 'build.log'), say, signal);
    await mkdir(dirname(target), { recursive: true });
    await rename(join(building, 'helm'), target);
    return target;
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

/** The pinned version: `v4.3.1`. */
export async function helmVersion(): Promise<string> {
  const text = await readFile(join(moduleDir, 'go.mod'), 'utf8');
  return /helm\.sh\/helm\/v4 (v\S+)/.exec(text)?.[1] ?? 'of unknown version';
}

/** 16 hex digits of all that decides what is built. */
async function moduleKey(): Promise<string> {
  const hash = createHash('sha256').update(buildFlags.join(' '));
  for (const name of ['go.mod', 'go.sum']) hash.update('\0').update(await readFile(join(moduleDir, name)));
  return hash.digest('hex').slice(0, 16);
}

async function build(bin: string, log: string, say: (line: string) => void, signal: AbortSignal): Promise<void> {
  // GOFLAGS or a workspace of the caller would change what is built.
  const env = { ...process.env, CGO_ENABLED: '0', GOBIN: bin, GOFLAGS: '', GOWORK: 'off' };
  const begin = performance.now();
  const tell = (): void =>
    say(`building helm, ${Math.round((performance.now() - begin) / 1000)} s (some minutes, once)`);
  tell();
  const timer = setInterval(tell, progressEveryMs);
  try {
    const options = { env, cwd: moduleDir, started: (pid: number) => setPriority(pid, 10) };
    const { code, lines } = await runProgram(['go', 'install', ...buildFlags, helmPackage], options, signal);
    await writeFile(log, `${lines.map(({ text }) => text).join('\n')}\n`);
    if (code !== 0) throw new Error(`go install ended with ${code ?? 'a signal'}, see ${log}`);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') throw new Error('there is no go on the PATH to build it', { cause: error });
    throw error;
  } finally {
    clearInterval(timer);
  }
}
