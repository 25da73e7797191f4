import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { DeployError, messageOf } from '../../errors.ts';
import { unpackDebianPackages } from './debian-packages.ts';

/** What is written in C: the runtime of containers, the program that sets kube-proxy's rules, the shell in images. */
const packages = ['runc', 'nftables', 'busybox-static'];
/** The libraries that they load, but for those that every Debian has. */
const libraries = [
  'libbsd0',
  'libedit2',
  'libgmp10',
  'libjansson4',
  'libmd0',
  'libmnl0',
  'libnftables1',
  'libnftnl11',
  'libseccomp2',
  'libxtables12',
];

/** The folder below a node's parts that holds the packages' files. */
export const debianDir = 'debian';

/** Their programs, below a node's parts. */
export const busybox = `${debianDir}/bin/busybox`;
export const debianPrograms = [...['runc', 'nft'].map((name) => `${debianDir}/usr/sbin/${name}`), busybox];

/** Adds the programs to a node's parts. Throws DeployError('usage') where there is no apt, or it has no such package. */
export async function addDebianPrograms(folder: string, { host, signal }: Context): Promise<void> {
  host.emit({ type: 'step', name: 'sandbox', message: `downloading ${packages.join(', ')} as Debian packages` });
  try {
    await unpackDebianPackages([...packages, ...libraries], join(folder, debianDir), signal);
  } catch (error) {
    throw new DeployError('usage', `A real node needs ${packages.join(', ')}, which could not be downloaded.`, {
      why: messageOf(error).trim(),
      fix: 'Run `apt-get update` on Debian or Ubuntu and try again, or start the sandbox without --node real.',
      cause: error,
    });
  }
}
