import {
  describeImage,
  type EcrImageId,
  type EcrRepository,
  imagePlatforms,
  listTags,
  type Platform,
  type PushedTag,
  type RegistryToken,
  registryToken,
} from '../../aws/ecr.ts';
import type { AwsReading, AwsSession } from '../../aws/session.ts';
import { type EcrRegistry, ecrRegistryOf } from '../../model/ecr.ts';
import { formatImageName, type ImageName, parseImageName } from '../../model/image.ts';

/** An image in a private ECR registry. */
export interface EcrImage {
  readonly name: ImageName;
  readonly repository: EcrRepository;
  readonly id: EcrImageId;
}

/** ECR as a run sees it: of each image, repository and registry it is asked once, so that the answer stays the same. */
export interface EcrImages {
  digest(image: EcrImage, signal: AbortSignal): Promise<AwsReading<string | undefined>>;
  tags(image: EcrImage, signal: AbortSignal): Promise<AwsReading<readonly PushedTag[]>>;
  platforms(image: EcrImage, digest: string, signal: AbortSignal): Promise<AwsReading<readonly Platform[]>>;
  /** One for all registries of a region. */
  token(registry: EcrRegistry, signal: AbortSignal): Promise<AwsReading<RegistryToken | undefined>>;
}

/** Nothing is asked yet. */
export function createEcrImages(session: AwsSession): EcrImages {
  const digests = memory<AwsReading<string | undefined>>();
  const tags = memory<AwsReading<readonly PushedTag[]>>();
  const platforms = memory<AwsReading<readonly Platform[]>>();
  const tokens = memory<AwsReading<RegistryToken | undefined>>();
  return {
    digest: ({ name, repository, id }, signal) =>
      digests(formatImageName(name), () => describeImage(session, repository, id, signal)),
    tags: ({ name, repository }, signal) => tags(name.repository, () => listTags(session, repository, signal)),
    platforms: ({ name, repository }, digest, signal) =>
      platforms(`${name.repository}@${digest}`, () => imagePlatforms(session, repository, digest, signal)),
    token: (registry, signal) => tokens(registry.region, () => registryToken(session, registry, signal)),
  };
}

/** Keeps the first answer to each question. */
function memory<T>(): (key: string, ask: () => Promise<T>) => Promise<T> {
  const asked = new Map<string, Promise<T>>();
  return (key, ask) => {
    const answer = asked.get(key) ?? ask();
    asked.set(key, answer);
    return answer;
  };
}

/** An image's name as one in ECR; undefined for images from elsewhere. Without tag and digest, `latest` is meant. */
export function ecrImageOf(image: string): EcrImage | undefined {
  const registry = ecrRegistryOf(image);
  if (registry === undefined) return undefined;
  const given = parseImageName(image);
  const { repository, digest, tag = digest === undefined ? 'latest' : undefined } = given;
  return {
    name: { repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) },
    repository: { registry, name: repository.slice(registry.host.length + 1) },
    id: digest === undefined ? { tag: tag ?? 'latest' } : { digest },
  };
}
