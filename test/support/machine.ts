import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** What a node could leave behind on the machine that it ran on; each a sorted list of lines. */
export interface Traces {
  readonly processes: readonly string[];
  readonly mounts: readonly string[];
  readonly interfaces: readonly string[];
  readonly cgroups: readonly string[];
  readonly sysctls: readonly string[];
}

/** What is there now; `word` is in the commands of what belongs to the node. Nothing may change meanwhile. */
export async function tracesOf(word: string): Promise<Traces> {
  const [processes, mounts, interfaces, cgroups, sysctls] = await Promise.all([
    strangers(word),
    linesOf('/proc/self/mounts'),
    readdir('/sys/class/net'),
    foldersBelow('/sys/fs/cgroup'),
    sysctlsBelow('/proc/sys'),
  ]);
  return { processes, mounts, interfaces: interfaces.sort(), cgroups, sysctls };
}

async function linesOf(file: string): Promise<readonly string[]> {
  return (await readFile(file, 'utf8')).trim().split('\n').sort();
}

/** The commands of processes in other namespaces than ours, and of those that have `word` in them. */
async function strangers(word: string): Promise<readonly string[]> {
  const ours = await Promise.all(namespaces.map((name) => readlink(`/proc/self/ns/${name}`)));
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => strangerOf(pid, ours, word)));
  return found.filter((line) => line !== undefined).sort();
}

const namespaces = ['net', 'mnt', 'pid'];

async function strangerOf(pid: string, ours: readonly string[], word: string): Promise<string | undefined> {
  try {
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
    const own = await Promise.all(namespaces.map((name) => readlink(`/proc/${pid}/ns/${name}`)));
    return command.includes(word) || own.some((name, index) => name !== ours[index]) ? command : undefined;
  } catch {
    // It has ended meanwhile.
    return undefined;
  }
}

async function foldersBelow(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Counters of the kernel, which nobody sets. */
const counters =
  /^(fs\/(dentry-state|file-nr|inode-nr|inode-state|aio-nr|quota\/.*)|kernel\/(ns_last_pid|pty\/nr|random\/.*|.*_count)|net\/.*(_count|_nr|stat)|net\/netfilter\/nf_conntrack_count)$/;

async function sysctlsBelow(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const lines = await Promise.all(
    files
      .map((file) => file.slice(root.length + 1))
      .filter((name) => !counters.test(name))
      .map(async (name) => `${name}=${await readFile(join(root, name), 'utf8').catch(() => 'not readable')}`),
  );
  return lines.sort();
}
