import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { DeployError, interrupted, systemCodeOf, throwIfInterrupted } from '../errors.ts';
import { lastLines } from './component.ts';

const goProgram = 'go';

/** The oldest Go that Kubernetes 1.36 builds with. */
const minimumGo = { major: 1, minor: 26 };

/** A program that is built from a Go module of ours. */
export interface GoProgram {
  /** As a person calls it. */
  readonly name: string;
  /** Holds the go.mod that pins it. */
  readonly moduleDir: string;
  readonly package: string;
}

/** Stripped, reproducible; the version that /version answers, which a release build would set. */
const buildFlags = ['-trimpath', '-mod=readonly', '-ldflags'];

/** What the linker writes into a program of Kubernetes of this version (`v1.36.3`), beside leaving out what debuggers need. */
export function linkerFlags(kubernetes: string): string {
  const [major = '', minor = ''] = kubernetes.replace(/^v/, '').split('.');
  const set = (name: string, value: string): string => `-X k8s.io/component-base/version.${name}=${value}`;
  return ['-s', '-w', set('gitVersion', kubernetes), set('gitMajor', major), set('gitMinor', minor)].join(' ');
}

/** The cache key of a build: 16 hex digits of the files that it is made from and the flags. */
export async function buildKey(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(file)).update('\0');
  return hash
    .update(buildFlags.join(' ') + linkerFlags('v'))
    .digest('hex')
    .slice(0, 16);
}

/** What is built into one folder. */
export interface Build {
  readonly target: string;
  readonly programs: readonly GoProgram[];
  /** The version of Kubernetes, which its programs say (`v1.36.3`). */
  readonly kubernetes: string;
  /** How long all take on a usual machine, in words. */
  readonly takes: string;
  /** Adds what isn't built from Go. */
  readonly complete?: (folder: string) => Promise<void>;
}

/**
 * Builds all executables into a folder, with progress. They are built in a folder beside it, which is renamed when it
 * is complete: two builders at once both succeed, and nobody sees half a folder.
 */
export async function buildPrograms(build: Build, context: Context): Promise<void> {
  const { target, programs } = build;
  await requireGo(context);
  const building = `${target}.building-${randomBytes(4).toString('hex')}`;
  await mkdir(building, { recursive: true });
  const logFile = `${target}.log`;
  try {
    const flags = [...buildFlags, linkerFlags(build.kubernetes)];
    for (const [index, { name, moduleDir, package: path }] of programs.entries()) {
      const label = `${name} (${index + 1} of ${programs.length})`;
      const command = { args: ['install', ...flags, path], cwd: moduleDir, bin: building, logFile };
      await withProgress(label, build.takes, context, () => install(name, command, context));
    }
    await build.complete?.(building);
    await moveIntoPlace(building, target);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

/** The version of Kubernetes that a module pins. */
export async function kubernetesVersion(moduleDir: string): Promise<string> {
  const text = await readFile(join(moduleDir, 'go.mod'), 'utf8');
  return /k8s\.io\/kubernetes (v\S+)/.exec(text)?.[1] ?? 'v0.0.0';
}

async function moveIntoPlace(building: string, target: string): Promise<void> {
  try {
    await rename(building, target);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    // Another builder was first, or somebody emptied the folder: ours is as good.
    const old = `${target}.old-${randomBytes(4).toString('hex')}`;
    await rename(target, old);
    await rename(building, target);
    await rm(old, { recursive: true, force: true });
  }
}

async function requireGo(context: Context): Promise<void> {
  const fix = `Install Go ${minimumGo.major}.${minimumGo.minor} or newer (https://go.dev/dl), or set OMS_DEPLOY_SANDBOX_BIN to a folder of ready executables.`;
  const output = await goVersion(context).catch((error: unknown) => {
    throw new DeployError('usage', 'The sandbox needs Go to build its control plane, and `go` could not be run.', {
      why: systemCodeOf(error) === 'ENOENT' ? 'There is no `go` on the PATH.' : String(error),
      fix,
      cause: error,
    });
  });
  const [, major = '0', minor = '0'] = /go(\d+)\.(\d+)/.exec(output) ?? [];
  const enough = Number(major) > minimumGo.major || Number(minor) >= minimumGo.minor;
  if (enough) return;
  throw new DeployError(
    'usage',
    `The sandbox needs Go ${minimumGo.major}.${minimumGo.minor} to build its control plane.`,
    {
      why: `\`go version\` says: ${output.trim()}`,
      fix,
    },
  );
}

function goVersion(context: Context): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(goProgram, ['version'], { env: { ...context.env }, stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
    child.on('error', reject);
    child.on('close', () => {
      resolve(output);
    });
  });
}

const progressEveryMs = 10_000;

async function withProgress(label: string, takes: string, context: Context, work: () => Promise<void>): Promise<void> {
  const started = Date.now();
  const say = (): void => {
    const message = `building ${label}, ${formatElapsed(Date.now() - started)} (all of them take about ${takes} once)`;
    context.host.emit({ type: 'step', name: 'sandbox', message });
  };
  say();
  const timer = setInterval(say, progressEveryMs);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}

/** `0 s`, `59 s`, `1 min 20 s`. */
export function formatElapsed(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

interface InstallCommand {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly bin: string;
  readonly logFile: string;
}

async function install(name: string, command: InstallCommand, context: Context): Promise<void> {
  throwIfInterrupted(context.signal);
  const { args, cwd, bin, logFile } = command;
  // GOFLAGS or a workspace of the caller would change what is built.
  const env = { ...context.env, CGO_ENABLED: '0', GOBIN: bin, GOFLAGS: '', GOWORK: 'off' };
  const child = spawn(goProgram, [...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(logFile, { flags: 'a' });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const stop = (): void => {
    child.kill('SIGTERM');
  };
  context.signal.addEventListener('abort', stop);
  const code = await endOf(child);
  context.signal.removeEventListener('abort', stop);
  await new Promise<void>((resolve) => {
    log.end(resolve);
  });
  if (context.signal.aborted) throw interrupted();
  if (code === 0) return;
  throw new DeployError('failed', `The sandbox's ${name} could not be built: \`go install\` ended with code ${code}.`, {
    why: await lastLines(logFile, 10),
    fix: `Read ${logFile} (a full disk, no way to proxy.golang.org?) and try again: what was built is kept.`,
  });
}

function endOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve(code ?? -1);
    });
  });
}
