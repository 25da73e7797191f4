import { withAddons } from '../config/addons/with-addons.ts';
import { builtInWord, type ConfigRequest, configFileName, configForManifests, loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Context } from '../context.ts';
import { DeployError } from '../errors.ts';
import { loadFiles } from '../manifests/load.ts';
import { tokenised } from '../manifests/load-chosen.ts';
import { namespaceInPart } from '../manifests/namespace-in-part.ts';
import { namespacesIn } from '../manifests/namespaces.ts';
import { rulesOf } from '../manifests/placeholders/scan.ts';
import { isRendered } from '../manifests/rendered-mark.ts';
import { errorsOf } from '../model/finding.ts';
import { shellQuoted } from '../model/text.ts';
import type { Options } from './command.ts';
import { namespaceOption, text, texts } from './options.ts';
import type { OwnManifests } from './own-manifests.ts';

/**
 * What a command needs it for: to read its manifests; only to find a place in the cluster, which flags may name, too; a
 * deployment, which is found by either; to judge manifests by themselves, wherever they go; or to list what any
 * application can have.
 */
type Need = 'manifests' | 'place' | 'deployment' | 'judgement' | 'list';

/** Where manifests are judged that name no namespace: none of their objects is looked for anywhere. */
export const anyNamespace = 'default';

/**
 * The configuration of a run: `--config`, else `oms-deploy.yaml` here. Manifests that are given without either are an
 * application of their own, in the namespace of `--namespace` or the one that they name. It is completed with add-ons.
 *
 * @throws DeployError `usage` where no namespace, or more than one, is named, and where the built-in application would be
 * taken in a folder that speaks for another one.
 */
export async function chooseConfig(
  options: Options,
  context: Context,
  need: Need = 'manifests',
  complete: typeof withAddons = withAddons,
): Promise<Config> {
  return complete(await chooseFile(options, context, need), texts(options, 'with'));
}

async function chooseFile(options: Options, context: Context, need: Need): Promise<Config> {
  const config = await loadConfig(configRequest(options, context));
  const manifests = texts(options, 'manifests');
  if (config.origin !== 'built-in') return config;
  const given = namespaceOption(options);
  if (manifests.length === 0) {
    const isPlace = need === 'place' || need === 'deployment';
    const isNamed = isPlace && (given !== undefined || text(options, 'application') !== undefined);
    if (text(options, 'config') !== undefined || isNamed) return config;
    const found = await findOther(config, context);
    if (!speaksForOther(found)) return config;
    if (need === 'list') return configForManifests(config, anyNamespace);
    throw whichApplication(found, config, need);
  }
  const { cwd, env, readStdin, signal } = context;
  const { styles } = config.placeholders;
  const paths = manifests.map((path) => ({ path }));
  const { files, findings } = await loadFiles({ paths, directory: cwd, cwd, env, readStdin, styles }, signal);
  // What can't be read is said with all else that is wrong, by who deploys or judges it.
  const isBroken = errorsOf(findings).length > 0;
  if (isBroken && need !== 'judgement') return configForManifests(config, given ?? config.namespace);
  const rules = rulesOf(config.placeholders);
  const readable = isBroken ? [] : files.map((file) => tokenised(file, rules));
  const written = namespacesIn(readable);
  const [only, ...others] = written;
  // It is told with all else that is wrong; what the others leave to --namespace is called by it.
  if (given !== undefined && namespaceInPart(readable, given) !== undefined) return configForManifests(config, given);
  // What was written for one namespace moves along with --namespace; what names several stays where it says.
  const namespace = others.length === 0 ? (only ?? given) : given;
  const place = namespace ?? (need === 'judgement' ? anyNamespace : undefined);
  if (place !== undefined) return configForManifests(config, place);
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

/** What in this folder speaks for another application than the built-in one. */
async function findOther({ application, namespace }: Config, { cwd, homeDir, host }: Context): Promise<OwnManifests> {
  const { findOwnManifests } = await import('./own-manifests.ts');
  const { manifests, configAbove } = await findOwnManifests(cwd, homeDir);
  if (configAbove === undefined && manifests !== undefined && isIn(namespace, manifests.example.text)) {
    // Those that the built-in ones stand for: what was meant is there, but perhaps not all of it. A rendering is made of them.
    const message = `${manifests.path} is not read: ${application} is deployed from its built-in manifests (-f ${shellQuoted(manifests.path)} takes these)`;
    if (!isRendered(manifests.example.text)) host.emit({ type: 'step', name: 'configuration', message });
    return { manifests: undefined, configAbove: undefined };
  }
  return { manifests, configAbove };
}

function speaksForOther({ manifests, configAbove }: OwnManifests): boolean {
  return manifests !== undefined || configAbove !== undefined;
}

function whichApplication({ manifests, configAbove }: OwnManifests, { application }: Config, need: Need): DeployError {
  const found = [
    ...(manifests === undefined ? [] : [`${manifests.path === '.' ? 'this folder' : manifests.path} has manifests`]),
    ...(configAbove === undefined ? [] : [`there is ${configAbove}`]),
  ];
  const ways = [
    ...(configAbove === undefined ? [] : [`for the one above: --config ${shellQuoted(configAbove)}`]),
    ...(manifests === undefined ? [] : [waysFor(manifests.path, need)]),
    `for ${application}: --config ${builtInWord}`,
  ];
  return new DeployError(
    'usage',
    `Which application? There is no ${configFileName} here, but ${found.join(', and ')}.`,
    {
      why: `Without a configuration it would be ${application}, which is built in. Nothing was changed.`,
      fix: `Say which: ${ways.join('; ')}.`,
    },
  );
}

/** What names the application of these manifests, with the flags that the command has. */
function waysFor(path: string, need: Need): string {
  const place = 'for what was deployed from these manifests: --namespace <name>';
  const manifests = `-f ${shellQuoted(path)}`;
  if (need === 'place') return `${place}, or oms-deploy init, which writes a configuration`;
  if (need === 'deployment') return `${place}, with ${manifests} to compare it with them`;
  return `for these manifests: oms-deploy init, which writes a configuration, or ${manifests}, which needs none`;
}

function isIn(namespace: string, text: string): boolean {
  return new RegExp(`^ +namespace: *["']?${namespace}["']? *$`, 'm').test(text);
}
