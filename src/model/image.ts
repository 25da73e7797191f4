/** What `set-image` is told: an image, or only its tag or digest, and for which container where that was said. */
export interface ImageChoice {
  readonly container?: string;
  readonly image: string;
}

/** `:2.0.0`, `@sha256:...`: of the image that there is. */
export function isImagePart(image: string): boolean {
  return image.startsWith(':') || image.startsWith('@');
}

/** Reads `example.com/web:2`, or `web=example.com/web:2` as `kubectl set image` takes it. */
export function parseImageChoice(text: string): ImageChoice {
  const equals = text.indexOf('=');
  return equals < 0 ? { image: text } : { container: text.slice(0, equals), image: text.slice(equals + 1) };
}

/** The parts of an image's name; its repository begins with the registry's host, where it has one. */
export interface ImageName {
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:...`. */
  readonly digest?: string;
}

/** Takes a name apart, also one with placeholders in it. */
export function parseImageName(image: string): ImageName {
  const [named = '', digest] = image.split('@', 2);
  // The colon of a port comes before a slash.
  const [, repository = named, tag] = /^(.*?)(?::([^/:]*))?$/s.exec(named) ?? [];
  return { repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/**
 * The host of an image's registry and its tag: a tag that was mistyped shows at several images of one registry. Undefined
 * without a tag, and for a digest.
 */
export function registryAndTagOf(image: string): { readonly registry: string; readonly tag: string } | undefined {
  const { repository, tag, digest } = parseImageName(image);
  if (tag === undefined || digest !== undefined) return undefined;
  const [host = ''] = repository.split('/');
  const isHost = repository.includes('/') && (/[.:]/.test(host) || host === 'localhost');
  return { registry: isHost ? host : 'docker.io', tag };
}

/** Puts it together again. */
export function formatImageName({ repository, tag, digest }: ImageName): string {
  return `${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** `web`, `host:5000/web`, `web:latest`: what runs can change without a deploy. A digest fixes whatever tag stands before it. */
export function isMovingImage(image: string): boolean {
  const { repository, tag, digest } = parseImageName(image);
  return repository !== '' && digest === undefined && (tag === undefined || tag === '' || tag === 'latest');
}

/** The parts of a name that are to be other ones; those that are absent stay. */
export type ImageChange = Partial<ImageName>;

/** A name with other parts. Another tag or digest stands for both: the old digest isn't that of the new tag. */
export function withChange(name: ImageName, { repository = name.repository, tag, digest }: ImageChange): ImageName {
  if (tag === undefined && digest === undefined) return { ...name, repository };
  return { repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** What `--image` is told: which image, and what of it changes. */
export interface ImageSetting {
  /** Its repository, or the last parts of that. */
  readonly name: string;
  readonly change: ImageChange;
}

/** Reads `order-ingestion=:1.4.2`; `why` is a clause where it can't be meant. */
export function parseImageSetting(text: string): ImageSetting | { readonly why: string } {
  const { container: name, image } = parseImageChoice(text);
  if (name === undefined) return { why: 'there is no = in it' };
  if (name === '' || /[:@\s]/.test(name)) return { why: 'what stands before the = is no name of a repository' };
  const isPart = isImagePart(image);
  const why = imageOrPartMistake(image);
  if (why !== undefined) return { why };
  const { repository, ...version } = parseImageName(image);
  return { name, change: isPart ? version : { repository, ...version } };
}

/** Why a text can't be a tag, as a clause; undefined where it can. */
export function tagMistake(text: string): string | undefined {
  return imageMistake(`x:${text}`);
}

/** Whether a name as it was given means a repository: as a whole, or by its last parts. */
export function meansRepository(name: string, repository: string): boolean {
  return repository === name || repository.endsWith(`/${name}`);
}

/** `1.4.2`, else the beginning of the digest: by which a person tells one image of a repository from another. */
export function versionOf({ tag, digest }: Omit<ImageName, 'repository'>): string {
  return tag ?? (digest === undefined ? 'no tag' : shortDigest(digest));
}

/** A name as a person tells it from others: with its tag, else with the beginning of its digest. */
export function readableImage(image: string): string {
  const { repository, tag, digest } = parseImageName(image);
  if (digest === undefined) return image;
  return formatImageName({ repository, ...(tag === undefined ? { digest: shortDigest(digest) } : { tag }) });
}

/** As much of a digest as tells it from others: `sha256:0f3a9c21d4be`. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 'sha256:'.length + 12);
}

/** https://github.com/distribution/reference/blob/main/reference.go */
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const host =
  '(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\\[[0-9a-fA-F:]+\\])';
const repository = new RegExp(`^(?:${host}(?::\\d+)?/)?${component}(?:/${component})*$`);
const maxRepositoryLength = 255;

/** The same of a tag or digest alone, too: `:2.0.0`. */
export function imageOrPartMistake(text: string): string | undefined {
  return imageMistake(isImagePart(text) ? `x${text}` : text);
}

/** Why a text can't be the reference of an image, as a clause; undefined where it can. */
export function imageMistake(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (/\s/.test(text)) return 'there is a space in it';
  const [named = '', ...digests] = text.split('@');
  if (digests.length > 1 || digests.some((digest) => !/^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-f]{32,}$/.test(digest))) {
    return 'what follows the @ is no digest such as sha256:...';
  }
  // The colon of a port comes before a slash.
  const [, name = '', tag] = /^(.*?)(?::([^/]*))?$/.exec(named) ?? [];
  if (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag)) return `${JSON.stringify(tag)} is no tag`;
  if (name.length > maxRepositoryLength) return `its repository has more than ${maxRepositoryLength} letters`;
  if (repository.test(name)) return undefined;
  return repository.test(name.toLowerCase())
    ? 'a repository is written in lower case'
    : `${JSON.stringify(name)} is no repository`;
}
