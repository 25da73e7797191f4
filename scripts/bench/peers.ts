import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, setPriority } from 'node:os';
import { dirname, join } from 'node:path';
import { systemCodeOf } from '../../src/errors.ts';
import { linkerFlags } from '../../src/sandbox/build.ts';
import { runProgram } from './program.ts';

/** The programs that we are measured against, each a pinned Go module of its own. */
export type PeerName = 'kubectl' | 'helm';

interface Peer {
  /** What is built. */
  readonly package: string;
  /** The module whose version is the program's. */
  readonly module: string;
  /** For the linker: what a release build would set. */
  readonly linker: (version: string) => string;
}

const peers: Readonly<Record<PeerName, Peer>> = {
  kubectl: {
    package: 'k8s.io/kubernetes/cmd/kubectl',
    module: 'k8s.io/kubernetes',
    linker: linkerFlags,
  },
  helm: {
    package: 'helm.sh/helm/v4/cmd/helm',
    module: 'helm.sh/helm/v4',
    linker: (version) => `-s -w -X helm.sh/helm/v4/internal/version.version=${version}`,
  },
};

const modules = join(import.meta.dirname, '..', '..', 'test', 'bench', 'peers');
const progressEveryMs = 15_000;

/** A peer that can be run. */
export interface BuiltPeer {
  readonly path: string;
  /** `v4.3.1`. */
  readonly version: string;
}

/**
 * The pinned program: the one in the user's cache, which is built first where it is missing (minutes).
 * Throws an Error with a message for the reader where it can't be built.
 */
export async function findPeer(name: PeerName, say: (line: string) => void, signal: AbortSignal): Promise<BuiltPeer> {
  const moduleDir = join(modules, name);
  const [mod, sum] = await Promise.all(['go.mod', 'go.sum'].map((file) => readFile(join(moduleDir, file), 'utf8')));
  const version = versionIn(mod ?? '', peers[name].module);
  const flags = ['-trimpath', '-mod=readonly', '-ldflags', peers[name].linker(version)];
  const key = createHash('sha256')
    .update([...flags, mod, sum].join('\0'))
    .digest('hex');
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'oms-deploy', 'bench-peers');
  const path = join(cache, `${name}-${key.slice(0, 16)}`, name);
  if (existsSync(path)) return { path, version };
  // Built beside it and moved into place whole: two builders at once both succeed.
  const building = join(cache, `building-${randomBytes(4).toString('hex')}`);
  await mkdir(building, { recursive: true });
  try {
    await build({ name, flags, moduleDir, bin: building, log: join(cache, `${name}.log`) }, say, signal);
    await mkdir(dirname(path), { recursive: true });
    await rename(join(building, name), path);
    return { path, version };
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

function versionIn(mod: string, module: string): string {
  const line = mod.split('\n').find((text) =>
    text
      .replace(/^require /, '')
      .trim()
      .startsWith(`${module} v`),
  );
  return /\s(v\S+)/.exec(line ?? '')?.[1] ?? 'of unknown version';
}

interface Build {
  readonly name: PeerName;
  readonly flags: readonly string[];
  readonly moduleDir: string;
  readonly bin: string;
  readonly log: string;
}

async function build(
  { name, flags, moduleDir, bin, log }: Build,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  // GOFLAGS or a workspace of the caller would change what is built.
  const env = { ...process.env, CGO_ENABLED: '0', GOBIN: bin, GOFLAGS: '', GOWORK: 'off' };
  const begin = performance.now();
  const tell = (): void =>
    say(`building ${name}, ${Math.round((performance.now() - begin) / 1000)} s (some minutes, once)`);
  tell();
  const timer = setInterval(tell, progressEveryMs);
  try {
    const options = { env, cwd: moduleDir, started: (pid: number) => setPriority(pid, 10) };
    const { code, lines } = await runProgram(['go', 'install', ...flags, peers[name].package], options, signal);
    await writeFile(log, `${lines.map(({ text }) => text).join('\n')}\n`);
    if (code !== 0) throw new Error(`go install ended with ${code ?? 'a signal'}, see ${log}`);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') throw new Error('there is no go on the PATH to build it', { cause: error });
    throw error;
  } finally {
    clearInterval(timer);
  }
}
