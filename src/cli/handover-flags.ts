import type { Context } from '../context.ts';
import { namesSource } from '../deploy/gitops/flux-source.ts';
import type { HandoverRequest } from '../deploy/gitops/hand-over.ts';
import { DeployError } from '../errors.ts';
import type { Options } from './command.ts';
import { handoverOptions } from './handover-options.ts';
import { isOn, longFlag, optionName, text } from './options.ts';
import { pathInRepository } from './repository-path.ts';

type HandoverFlags = Pick<HandoverRequest, 'engine' | 'source' | 'stores'>;

/**
 * What `--for` and its flags say; undefined without it.
 *
 * @throws DeployError `usage` for flags that don't go together, and names that can't be.
 */
export async function handoverFlags(
  options: Options,
  context: Pick<Context, 'cwd' | 'env' | 'signal'>,
): Promise<HandoverFlags | undefined> {
  const engine = (['argocd', 'flux'] as const).find((one) => one === text(options, 'for'));
  const [repo, path, revision] = ['repo', 'path', 'revision'].map((name) => text(options, name));
  const stores = { secretsManager: text(options, 'secretStore'), ssm: text(options, 'parameterStore') };
  if (engine === undefined) {
    const lone = handoverOptions.find(({ flags }) => text(options, optionName(flags)) !== undefined);
    if (lone === undefined) return undefined;
    throw new DeployError('usage', `${longFlag(lone.flags)} is of no use without --for.`, {
      fix: 'Add --for argocd or --for flux.',
    });
  }
  if (isOn(options, 'showSecrets')) {
    throw new DeployError('usage', '--show-secrets and --for exclude each other.', {
      fix: 'Leave one out: what is written for an engine has no Secret in it.',
    });
  }
  const directory = text(options, 'outputDir');
  if (engine === 'flux' && directory === undefined) {
    throw new DeployError('usage', 'Flux applies a folder per wave, and no folder is named.', {
      fix: 'Name one: --output-dir.',
    });
  }
  checkRepo(engine, repo);
  checkStore('--secret-store', stores.secretsManager);
  checkStore('--parameter-store', stores.ssm);
  return { engine, source: { repo, revision, path: await pathInRepository(path, directory, context) }, stores };
}

function checkRepo(engine: HandoverFlags['engine'], repo: string | undefined): void {
  if (repo === undefined || /^(https?|ssh|oci):\/\/[^\s]+$/.test(repo)) return;
  if (engine === 'flux' && namesSource(repo)) return;
  const other = engine === 'flux' ? ', or a source that is there, such as GitRepository/flux-system' : '';
  throw new DeployError('usage', `--repo ${JSON.stringify(repo)} is no URL of a repository.`, {
    fix: `Write it with its scheme: https://, ssh:// or oci://${other}.`,
  });
}

function checkStore(flag: string, name: string | undefined): void {
  if (name === undefined || /^((Cluster)?SecretStore\/)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)) return;
  throw new DeployError('usage', `${flag} ${JSON.stringify(name)} names no store.`, {
    fix: 'Write the name of a SecretStore, or ClusterSecretStore/name.',
  });
}
