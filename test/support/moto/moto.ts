import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const requirementsFile = fileURLToPath(new URL('requirements.txt', import.meta.url));
const installTimeoutMs = 300_000;
const startTimeoutMs = 60_000;

/** A running moto server: AWS in memory, on 127.0.0.1. */
export interface Moto {
  readonly url: string;
  /** The variables with which the AWS SDK and the aws CLI talk to it. Account 123456789012. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Why moto can't run here, for `skip`; undefined where it can. Installs nothing. */
export async function whyNoMoto(): Promise<string | undefined> {
  if (process.platform === 'win32') return 'moto is not run on Windows';
  if (existsSync(await venvFolder())) return undefined;
  return (await findPython()) === undefined ? 'no python3 >= 3.10 with venv on PATH, for moto' : undefined;
}

/** The Python of the venv: with botocore and the aws CLI in it. Made where it isn't there. */
export async function motoPython(log: (message: string) => void = () => {}): Promise<string> {
  return join(await ensureVenv(log), 'bin', 'python');
}

/**
 * Starts a moto server on a free port. The first call on a machine makes its venv (about 20 s) in the user's cache folder,
 * under a key of requirements.txt; `log` hears of it.
 */
export async function startMoto(log: (message: string) => void = () => {}): Promise<Moto> {
  const python = await motoPython(log);
  // Port 0: the kernel chooses, and the server's first lines say what.
  const server = spawn(python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    env: { ...process.env, PYTHONUNBUFFERED: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<void>((done) => server.once('exit', () => done()));
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    server.kill('SIGKILL');
    await exited;
  };
  const kill = (): boolean => server.kill('SIGKILL');
  process.once('exit', kill);
  try {
    const url = await readUrl(server.stderr, exited);
    return { url, env: environmentFor(url), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function environmentFor(url: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    // Nothing of the user's own configuration may answer instead.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

function readUrl(stderr: NodeJS.ReadableStream, exited: Promise<void>): Promise<string> {
  return new Promise((found, reject) => {
    const lines: string[] = [];
    const fail = (why: string): void => reject(new Error(`moto ${why}:\n${lines.join('\n')}`));
    const timer = setTimeout(() => fail('did not start in time'), startTimeoutMs);
    const ended = (): void => {
      clearTimeout(timer);
      fail('ended while starting');
    };
    exited.then(ended, ended);
    // Read to the end: a full pipe would stop the server.
    createInterface({ input: stderr }).on('line', (line) => {
      if (lines.length < 50) lines.push(line);
      const url = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      found(url);
    });
  });
}

async function venvFolder(): Promise<string> {
  const key = createHash('sha256')
    .update(await readFile(requirementsFile))
    .digest('hex')
    .slice(0, 12);
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(cache, 'oms-deploy', `moto-${key}`);
}

async function ensureVenv(log: (message: string) => void): Promise<string> {
  const folder = await venvFolder();
  if (existsSync(folder)) return folder;
  const python = await findPython();
  if (python === undefined) throw new Error('moto needs python3 >= 3.10 with venv on PATH.');
  log(`Installing moto into ${folder} (once, about 20 s)`);
  await mkdir(join(folder, '..'), { recursive: true });
  // Made elsewhere and renamed: an interrupted installation is never taken for a whole one, and two don't collide.
  const draft = await mkdtemp(`${folder}.`);
  try {
    await run(python, ['-m', 'venv', draft]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '-r', requirementsFile];
    await run(join(draft, 'bin', 'python'), pip, { timeout: installTimeoutMs });
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

async function findPython(): Promise<string | undefined> {
  const check = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
  for (const name of ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10']) {
    try {
      await run(name, ['-c', check]);
      return name;
    } catch {
      // Not there, too old, or without venv (Debian splits it off): the next name.
    }
  }
  return undefined;
}
