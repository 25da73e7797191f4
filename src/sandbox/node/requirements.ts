import { readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { DeployError } from '../../errors.ts';

/** What a machine says of itself, as far as a real node needs to know. Texts are empty where a file isn't there. */
export interface MachineFacts {
  readonly platform: string;
  /** /proc/self/status */
  readonly status: string;
  /** /proc/self/cgroup */
  readonly cgroups: string;
  /** /proc/filesystems */
  readonly fileSystems: string;
}

/** Bits of `CapEff`, by capabilities(7). */
const capabilities = { CAP_NET_ADMIN: 12, CAP_SYS_ADMIN: 21 };

/** Controllers of cgroup v1 that a kubelet counts and limits with. */
const controllers = ['cpu', 'cpuacct', 'cpuset', 'memory', 'pids', 'devices', 'freezer'];

/** What this machine lacks for a real node, each in words that end "a real node needs ..."; empty where it has all. */
export function missingForNode(facts: MachineFacts): readonly string[] {
  if (facts.platform !== 'linux') return [`Linux (this is ${facts.platform})`];
  // The second is the effective user.
  const isRoot = /^Uid:\s+\d+\s+0\s/m.test(facts.status);
  return [
    ...(isRoot ? [] : ['root']),
    ...missingCapabilities(facts.status),
    ...missingControllers(facts.cgroups),
    ...missingFileSystems(facts.fileSystems),
  ];
}

function missingCapabilities(status: string): readonly string[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const names = Object.entries(capabilities).filter(([, bit]) => ((effective >> BigInt(bit)) & 1n) === 0n);
  return names.map(([name]) => name);
}

function missingControllers(cgroups: string): readonly string[] {
  const known = new Set(cgroups.split('\n').flatMap((line) => line.split(':')[1]?.split(',') ?? []));
  const missing = controllers.filter((name) => !known.has(name));
  return missing.length === 0 ? [] : [`cgroup v1 with the controllers ${missing.join(', ')}`];
}

function missingFileSystems(text: string): readonly string[] {
  const known = new Set(text.split('\n').map((line) => line.trim().split(/\s+/).at(-1)));
  return ['overlay', 'tmpfs'].filter((name) => !known.has(name)).map((name) => `the file system ${name}`);
}

/** Reads what the machine says. */
export async function machineFacts(): Promise<MachineFacts> {
  const read = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');
  const [status, cgroups, fileSystems] = await Promise.all(
    ['/proc/self/status', '/proc/self/cgroup', '/proc/filesystems'].map(read),
  );
  return { platform: platform(), status: status ?? '', cgroups: cgroups ?? '', fileSystems: fileSystems ?? '' };
}

/** Throws DeployError('usage') that names all that this machine lacks. */
export async function requireNode(): Promise<void> {
  const missing = missingForNode(await machineFacts());
  if (missing.length === 0) return;
  throw new DeployError('usage', 'A real node can not run on this machine.', {
    why: `It needs ${missing.join(', ')}.`,
    fix: 'Start the sandbox without --node real: its pods are simulated, and it runs everywhere.',
  });
}
