import type { Cluster } from '../../cluster/cluster.ts';
import type { Config } from '../../config/schema.ts';
import type { Context } from '../../context.ts';
import { openPlace } from '../../deploy/open-place.ts';
import { noImageFlags } from '../../manifests/choose-images.ts';
import { loadChosen } from '../../manifests/load-chosen.ts';
import { hasToken } from '../../manifests/placeholders/tokens.ts';
import { formatSpan } from '../../model/age.ts';
import { at, stringOf } from '../../model/json.ts';
import { itemsOf } from '../../model/object.ts';
import { parseYaml } from '../../model/yaml.ts';
import { listReleases } from '../../releases/read-records.ts';
import { openCluster } from '../../target/open.ts';
import type { TargetRequest } from '../../target/request.ts';
import type { Options } from '../command.ts';
import { namespaceOption, text } from '../options.ts';
import { targetRequest } from '../target-request.ts';
import { inTime } from './in-time.ts';
import type { Candidate } from './wanted.ts';

/** Whose names are looked up: of what was deployed with this configuration, where these flags say. */
interface Deployment {
  readonly options: Options;
  readonly config: Config;
  readonly context: Context;
}

/** The releases, the newest first; none where the cluster doesn't say it in time. */
export async function releasesOf(deployment: Deployment): Promise<readonly Candidate[]> {
  const { options, config, context } = deployment;
  const target = await targetOf(deployment);
  if (target === undefined) return [];
  const namespace = namespaceOption(options) ?? config.namespace;
  const application = text(options, 'application');
  const request = { config, namespace, target, ...(application === undefined ? {} : { application }) };
  const found = await inTime(async (signal) => {
    const place = await openPlace(request, context.host, signal);
    return { releases: await listReleases(place, signal), nowMs: place.cluster.now() };
  });
  return (found?.releases ?? []).map(({ number, status, action, startedAt }) => ({
    value: String(number),
    about: `${status} ${formatSpan((found?.nowMs ?? 0) - Date.parse(startedAt))} ago, ${action}`,
  }));
}

/** The workloads that are there; where the cluster doesn't say it in time, those of the manifests. */
export async function workloadsOf(deployment: Deployment): Promise<readonly Candidate[]> {
  return (await liveWorkloads(deployment)) ?? writtenWorkloads(deployment);
}

const kinds = [
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
  ['batch/v1', 'Job'],
] as const;

async function liveWorkloads(deployment: Deployment): Promise<readonly Candidate[] | undefined> {
  const { options, config, context } = deployment;
  const target = await targetOf(deployment);
  if (target === undefined) return undefined;
  const namespace = namespaceOption(options) ?? config.namespace;
  return inTime(async (signal) => {
    const cluster = await openCluster(target, context.host, signal);
    const scopes = kinds.map(([apiVersion, kind]) => ({ apiVersion, kind, namespace }));
    return (await Promise.all(scopes.map((scope) => namesOf(cluster, scope, signal)))).flat();
  });
}

async function namesOf(
  cluster: Cluster,
  scope: { readonly apiVersion: string; readonly kind: string; readonly namespace: string },
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const { items } = await cluster.list(scope, signal);
  return items.flatMap(({ metadata: { name } }) => (name === undefined ? [] : [{ value: name, about: scope.kind }]));
}

/** Those that the manifests have; the names that hold a placeholder are not known yet. */
async function writtenWorkloads({ config, context }: Deployment): Promise<readonly Candidate[]> {
  const { cwd, env, readStdin, signal } = context;
  const choice = { config, addons: [], reading: { cwd, env, readStdin } };
  const { files } = await loadChosen(choice, noImageFlags, signal);
  const documents = files.flatMap((file) => parseYaml(file.text).documents).filter(({ errors }) => errors.length === 0);
  const objects = documents.map((document) => document.toJS() as unknown).flatMap((body) => itemsOf(body) ?? [body]);
  return objects.flatMap((body) => {
    const [kind, value] = [at(body, 'kind'), stringOf(at(body, 'metadata', 'name'))];
    const about = kinds.find(([, name]) => name === kind)?.[1];
    return about === undefined || value === undefined || hasToken.test(value) ? [] : [{ value, about }];
  });
}

/** The cluster that the command would work on; undefined where only Terraform could say which one that is. */
async function targetOf({ options, config, context }: Deployment): Promise<TargetRequest | undefined> {
  const isNamed = ['sandbox', 'kubeconfig', 'context', 'cluster'].some((name) => options[name] !== undefined);
  const isTerraform = text(options, 'terraformDir') !== undefined || config.terraform.dir !== undefined;
  const isPiped = text(options, 'outputsFile') === '-';
  if (!isNamed && (isTerraform || isPiped)) return undefined;
  // Loading the library for kubeconfigs is not the cluster's time.
  await import('../../cluster/connect.ts');
  const { terraformDir: _dir, outputsFile, ...rest } = options;
  const known = isTerraform || isPiped ? rest : { ...rest, outputsFile };
  return targetRequest(known, { ...config, terraform: isTerraform ? {} : config.terraform }, context);
}
