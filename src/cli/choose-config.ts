import { type ConfigRequest, configForManifests, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Context } from '../context.ts';
import { DeployError } from '../errors.ts';
import { loadFiles } from '../manifests/load.ts';
import { tokenised } from '../manifests/load-chosen.ts';
import { namespacesIn } from '../manifests/namespaces.ts';
import { rulesOf } from '../manifests/placeholders/scan.ts';
import { errorsOf } from '../model/finding.ts';
import type { Options } from './command.ts';
import { namespaceOption, text, texts } from './options.ts';

/**
 * The configuration of a run: `--config`, else `oms-deploy.yaml` here. Manifests that are given without either are an
 * application of their own, in the namespace of `--namespace` or the one that they name.
 *
 * @throws DeployError `usage` where no namespace, or more than one, is named.
 */
export async function chooseConfig(options: Options, context: Context): Promise<Config> {
  const config = await loadConfig(configRequest(options, context));
  const manifests = texts(options, 'manifests');
  if (config.origin !== 'built-in' || manifests.length === 0) return config;
  const given = namespaceOption(options);
  const { cwd, env, readStdin, signal } = context;
  const { styles } = config.placeholders;
  const paths = manifests.map((path) => ({ path }));
  const { files, findings } = await loadFiles({ paths, directory: cwd, cwd, env, readStdin, styles }, signal);
  // What can't be read is said with all else that is wrong, by who deploys or judges it.
  if (errorsOf(findings).length > 0) return configForManifests(config, given ?? config.namespace);
  const rules = rulesOf(config.placeholders);
  const written = namespacesIn(files.map((file) => tokenised(file, rules)));
  const [only, ...others] = written;
  // What was written for one namespace moves along with --namespace; what names several stays where it says.
  const namespace = others.length === 0 ? (only ?? given) : given;
  if (namespace !== undefined) return configForManifests(config, namespace);
  const why = only === undefined ? 'The manifests name none' : `The manifests name ${written.join(', ')}`;
  throw new DeployError('usage', 'To which namespace?', {
    why: `${why}, and there is no oms-deploy.yaml here that says it.`,
    fix: 'Name it: --namespace <name>.',
  });
}

/** Which configuration is meant, and which environment of it, from the flags. */
export function configRequest(options: Options, { cwd }: Context): ConfigRequest {
  return { path: text(options, 'config'), environment: text(options, 'env'), cwd };
}
