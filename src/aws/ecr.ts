import type { EcrRegistry } from '../model/ecr.ts';
import { arrayOf, at, isObject, type Json, stringOf } from '../model/json.ts';
import type { AwsReading, AwsSession, ClientOptions } from './session.ts';

/** A repository of a private ECR registry; it is asked in the registry's own region. */
export interface EcrRepository {
  readonly registry: EcrRegistry;
  /** Without the registry's host: `crypto-oms/order-ingestion`. */
  readonly name: string;
}

/** By what an image of a repository is asked for. */
export type EcrImageId = { readonly tag: string } | { readonly digest: string };

/** A tag of a repository, and when its image was pushed. */
export interface PushedTag {
  readonly tag: string;
  /** Milliseconds since the epoch; absent where ECR doesn't say. */
  readonly pushedMs?: number;
}

/** What an image was built for: `linux`, `amd64`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

/** The digest of an image, by DescribeImages. `not ok` with the SDK's error where there is no such image or repository. */
export function describeImage(
  session: AwsSession,
  { registry, name }: EcrRepository,
  id: EcrImageId,
  signal: AbortSignal,
): Promise<AwsReading<string | undefined>> {
  return call(session, registry, 'ecr:DescribeImages', signal, async (options, abortSignal) => {
    const { ECRClient, DescribeImagesCommand } = await import('./sdk/ecr.ts');
    const input = { registryId: registry.account, repositoryName: name, imageIds: [sdkId(id)] };
    const { imageDetails = [] } = await new ECRClient(options).send(new DescribeImagesCommand(input), { abortSignal });
    return imageDetails[0]?.imageDigest;
  });
}

/** DescribeImages gives them in no order: so many pages of 1000 are read to find the newest. */
const pagesRead = 3;

/** The tags of a repository, the newest first. */
export function listTags(
  session: AwsSession,
  { registry, name }: EcrRepository,
  signal: AbortSignal,
): Promise<AwsReading<readonly PushedTag[]>> {
  return call(session, registry, 'ecr:DescribeImages', signal, async (options, abortSignal) => {
    const { ECRClient, DescribeImagesCommand } = await import('./sdk/ecr.ts');
    const client = new ECRClient(options);
    const tags: PushedTag[] = [];
    let nextToken: string | undefined;
    for (let page = 0; page < pagesRead && (page === 0 || nextToken !== undefined); page += 1) {
      const input = {
        registryId: registry.account,
        repositoryName: name,
        filter: { tagStatus: 'TAGGED' as const },
        maxResults: 1000,
        ...(nextToken === undefined ? {} : { nextToken }),
      };
      const answer = await client.send(new DescribeImagesCommand(input), { abortSignal });
      for (const { imageTags = [], imagePushedAt } of answer.imageDetails ?? []) {
        const pushed = imagePushedAt === undefined ? {} : { pushedMs: imagePushedAt.getTime() };
        tags.push(...imageTags.map((tag) => ({ tag, ...pushed })));
      }
      nextToken = answer.nextToken;
    }
    return tags.sort((a, b) => (b.pushedMs ?? 0) - (a.pushedMs ?? 0) || (a.tag < b.tag ? 1 : -1));
  });
}

const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** A configuration is some kilobytes; what is larger is none. */
const maxConfigBytes = 1_000_000;

/**
 * What an image was built for: of an index all that it has, of a single image what its configuration says. Empty where
 * neither says it.
 */
export function imagePlatforms(
  session: AwsSession,
  { registry, name }: EcrRepository,
  digest: string,
  signal: AbortSignal,
): Promise<AwsReading<readonly Platform[]>> {
  return call(session, registry, 'ecr:BatchGetImage', signal, async (options, abortSignal) => {
    const { ECRClient, BatchGetImageCommand, GetDownloadUrlForLayerCommand } = await import('./sdk/ecr.ts');
    const client = new ECRClient(options);
    const where = { registryId: registry.account, repositoryName: name };
    const input = {
      ...where,
      imageIds: [{ imageDigest: digest }],
      acceptedMediaTypes: [...indexTypes, ...manifestTypes],
    };
    const { images = [] } = await client.send(new BatchGetImageCommand(input), { abortSignal });
    const manifest: Json = JSON.parse(images[0]?.imageManifest ?? '{}');
    const listed = arrayOf(at(manifest, 'manifests'));
    // An attestation (of BuildKit) stands in the index as unknown/unknown.
    if (listed.length > 0) return listed.flatMap((one) => platformOf(at(one, 'platform'))).filter(isKnown);
    const layerDigest = stringOf(at(manifest, 'config', 'digest'));
    if (layerDigest === undefined) return [];
    const command = new GetDownloadUrlForLayerCommand({ ...where, layerDigest });
    const { downloadUrl } = await client.send(command, { abortSignal });
    return downloadUrl === undefined ? [] : platformOf(await download(downloadUrl, abortSignal)).filter(isKnown);
  });
}

async function download(url: string, signal: AbortSignal): Promise<Json> {
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw new Error(`The layer's address answered ${answer.status}.`);
  const text = await answer.text();
  if (text.length > maxConfigBytes) throw new Error('The configuration of the image is too long.');
  const config: Json = JSON.parse(text);
  return config;
}

/** https://github.com/opencontainers/image-spec/blob/main/image-index.md: an index and a configuration have the same fields. */
function platformOf(value: unknown): readonly Platform[] {
  const architecture = stringOf(at(value, 'architecture'));
  const os = stringOf(at(value, 'os')) ?? 'linux';
  return isObject(value) && architecture !== undefined ? [{ os, architecture }] : [];
}

function isKnown({ os, architecture }: Platform): boolean {
  return os !== 'unknown' && architecture !== 'unknown';
}

/** A password for the registries of a region that the caller may pull from. */
export interface RegistryToken {
  readonly password: string;
  readonly expiresMs: number;
}

/** Asks for one. Whoever has it pulls as the caller, for 12 hours. */
export function registryToken(
  session: AwsSession,
  registry: EcrRegistry,
  signal: AbortSignal,
): Promise<AwsReading<RegistryToken | undefined>> {
  return call(session, registry, 'ecr:GetAuthorizationToken', signal, async (options, abortSignal) => {
    const { ECRClient, GetAuthorizationTokenCommand } = await import('./sdk/ecr.ts');
    const answer = await new ECRClient(options).send(new GetAuthorizationTokenCommand({}), { abortSignal });
    const [{ authorizationToken, expiresAt } = {}] = answer.authorizationData ?? [];
    if (authorizationToken === undefined || expiresAt === undefined) return undefined;
    const [, password] = /^AWS:(.*)$/s.exec(Buffer.from(authorizationToken, 'base64').toString('utf8')) ?? [];
    return password === undefined ? undefined : { password, expiresMs: expiresAt.getTime() };
  });
}

function sdkId(id: EcrImageId): { readonly imageTag: string } | { readonly imageDigest: string } {
  return 'tag' in id ? { imageTag: id.tag } : { imageDigest: id.digest };
}

function call<T>(
  session: AwsSession,
  { region }: EcrRegistry,
  action: string,
  signal: AbortSignal,
  run: (options: ClientOptions, signal: AbortSignal) => Promise<T>,
): Promise<AwsReading<T>> {
  return session.call({ service: 'ECR', action, region, run }, signal);
}
