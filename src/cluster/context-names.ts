import { readFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { arrayOf, at, stringOf } from '../model/json.ts';
import { parseYaml } from '../model/yaml.ts';

/**
 * The contexts of a kubeconfig, without the library that connects by it: of the file that is named, else of those in
 * KUBECONFIG, else of `~/.kube/config`. A file that can't be read has none.
 */
export async function contextNames(
  kubeconfig: string | undefined,
  { cwd, env, homeDir }: Pick<Context, 'cwd' | 'env' | 'homeDir'>,
): Promise<readonly string[]> {
  const usual = (env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  const paths =
    kubeconfig === undefined ? (usual.length > 0 ? usual : [join(homeDir, '.kube', 'config')]) : [kubeconfig];
  const texts = await Promise.all(paths.map((path) => readFile(resolve(cwd, path), 'utf8').catch(() => '')));
  return texts.flatMap((text) =>
    arrayOf(at(parseYaml(text).documents[0]?.toJS(), 'contexts')).flatMap((entry) => stringOf(at(entry, 'name')) ?? []),
  );
}
