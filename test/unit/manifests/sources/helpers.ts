import type { TestContext } from 'node:test';
import type { PlaceholderStyle } from '../../../../src/config/schema.ts';
import { type LoadedFiles, loadFiles } from '../../../../src/manifests/load.ts';
import type { Finding } from '../../../../src/model/finding.ts';
import { makeFolder } from '../../../support/cli.ts';

export const object = (name: string, kind = 'ConfigMap'): string =>
  `apiVersion: v1\nkind: ${kind}\nmetadata: {name: ${name}}\n`;

export interface Given {
  readonly stdin?: string;
  readonly styles?: readonly PlaceholderStyle[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Loads paths that start in a folder. */
export function load(
  directory: string,
  paths: readonly string[],
  { stdin = '', styles = [], env = {}, cwd = directory }: Given = {},
): Promise<LoadedFiles> {
  const readStdin = (): Promise<string> => Promise.resolve(stdin);
  const given = paths.map((path) => ({ path }));
  return loadFiles({ paths: given, directory, cwd, env, readStdin, styles }, new AbortController().signal);
}

/** The same for files that are laid out first. */
export async function loadIn(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  paths: readonly string[],
  given: Given = {},
): Promise<LoadedFiles> {
  return load(await makeFolder(t, files), paths, given);
}

export function namesOf({ files }: LoadedFiles): readonly string[] {
  return files.map(({ name }) => name);
}

/** All that a finding says, in one text. */
export function said({ id, severity, origin, cause, evidence, fix }: Finding): string {
  const place = origin === undefined ? '' : `${origin.file}:${origin.line} `;
  return `${severity} ${id} ${place}${cause} | ${evidence.join(' | ')} | ${fix}`;
}
