import { DeployError } from '../errors.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import {
  formatImageName,
  type ImageChange,
  type ImageName,
  type ImageSetting,
  meansRepository,
  parseImageName,
  withChange,
} from '../model/image.ts';
import type { Origin } from '../model/object.ts';
import { didYouMean } from '../model/suggest.ts';
import { type ImageScalar, imageScalars, withImageScalars } from './image-scalars.ts';
import { hasToken, placeholdersIn, withoutTokens } from './placeholders/tokens.ts';
import type { SourceFile } from './sources/source-file.ts';

/** `--image`, `--tag`, `--allow-latest` and `--pull-secret`. */
export interface ImageFlags {
  readonly settings: readonly ImageSetting[];
  readonly tag?: string;
  readonly allowLatest: boolean;
  readonly pullSecret?: string;
}

export const noImageFlags: ImageFlags = { settings: [], allowLatest: false };

/** Which images are deployed instead of those that the manifests name. */
export interface ImageChoices {
  /** `images:` of the configuration. */
  readonly config: Readonly<Record<string, ImageChange>>;
  /** Where each of those stands. */
  readonly placeOf?: (name: string) => Origin | undefined;
  /** `--image`: each beats what the configuration and `--tag` say. */
  readonly flags: readonly ImageSetting[];
  /** `--tag`: of the images that the configuration names, else of all in private ECR registries. */
  readonly tag?: string;
}

export interface ChosenImages {
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
  /** Inputs whose placeholders stood where another image or tag stands now: it is no mistake to have given them. */
  readonly replaced: ReadonlySet<string>;
}

/** What else is known of the files. */
export interface Around {
  /** Files that aren't deployed now, and in which the configuration's names may have their images. */
  readonly elsewhere: readonly SourceFile[];
  /** Files are missing: that they don't have an image says nothing. */
  readonly isPart: boolean;
}

/**
 * Writes the chosen images into manifest files, before their placeholders are looked for: one in a tag that is replaced
 * needs no value. Placeholders elsewhere in an image, as in its registry, stay.
 *
 * @throws DeployError `usage` for a `--tag` that would be the tag of no image.
 */
export function chooseImages(
  files: readonly SourceFile[],
  choices: ImageChoices,
  { elsewhere, isPart }: Around,
): ChosenImages {
  const { config, flags, tag, placeOf } = choices;
  const settings = Object.entries(config).map(([name, change]) => ({ name, change }));
  if (settings.length === 0 && flags.length === 0 && tag === undefined)
    return { files, findings: [], replaced: new Set() };
  const found = files.map((file) => ({ file, ...imageScalars(file) }));
  const all = found.flatMap(({ images }) => images.map(({ image }) => parseImageName(image)));
  const isWhole = !isPart && found.every(({ isBroken }) => !isBroken);
  if (isWhole && tag !== undefined && !all.some((name) => isTagged(name, settings))) throw noTagged(tag, settings, all);
  const replaced = new Set<string>();
  const chosen = found.map(({ file, images }) => {
    const changed = images.flatMap((at) => {
      const image = chosenFor(at, settings, choices);
      if (image === at.image) return [];
      for (const { input } of placeholdersIn(at.image)) replaced.add(input);
      return [{ at, image }];
    });
    return changed.length === 0 ? file : withImageScalars(file, changed);
  });
  const others = elsewhere.flatMap((file) => imageScalars(file).images).map(({ image }) => parseImageName(image));
  const names = [...new Set(all.map(({ repository }) => withoutTokens(repository)))];
  const isIn = ({ name }: ImageSetting, among: readonly ImageName[]): boolean =>
    among.some(({ repository }) => meansRepository(name, repository));
  const unknown = [
    ...settings
      .filter((one) => !isIn(one, [...all, ...others]))
      .map(({ name }) => unknownImage(`images.${name} of the configuration`, name, names, placeOf?.(name))),
    ...flags
      .filter((one) => !isIn(one, [...all, ...all.map((name) => configured(name, settings))]))
      .map(({ name }) => unknownImage(`--image ${name}=...`, name, names)),
  ];
  return { files: chosen, replaced, findings: isWhole ? unknown : [] };
}

/** The inputs that stand only in what `--tag` replaces: of whoever names a tag they need no value. */
export function inputsOfTag(files: readonly SourceFile[], config: ImageChoices['config']): ReadonlySet<string> {
  const settings = Object.entries(config).map(([name, change]) => ({ name, change }));
  const inTags = new Set<string>();
  const elsewhere = new Set<string>();
  for (const file of files) {
    const { images } = imageScalars(file);
    const tags = images
      .map(({ image }) => parseImageName(image))
      .filter((name) => isTagged(name, settings))
      .map(({ tag = '' }) => tag);
    const inAll = placeholdersIn(file.text).map(({ input }) => input);
    const own = tags.flatMap((tag) => placeholdersIn(tag).map(({ input }) => input));
    for (const input of own) inTags.add(input);
    const count = (names: readonly string[], name: string): number => names.filter((one) => one === name).length;
    for (const input of new Set(inAll)) if (count(inAll, input) > count(own, input)) elsewhere.add(input);
  }
  return new Set([...inTags].filter((input) => !elsewhere.has(input)));
}

/** What an image becomes: the configuration's words, then `--tag`, then `--image`. */
function chosenFor({ image }: ImageScalar, settings: readonly ImageSetting[], { flags, tag }: ImageChoices): string {
  const before = parseImageName(image);
  const named = configured(before, settings);
  const tagged = tag !== undefined && isTagged(before, settings) ? withChange(named, { tag }) : named;
  const flag = nearest(flags, before.repository) ?? nearest(flags, tagged.repository);
  const after = flag === undefined ? tagged : withChange(tagged, flag.change);
  return formatImageName(after) === formatImageName(before) ? image : formatImageName(after);
}

function configured(name: ImageName, settings: readonly ImageSetting[]): ImageName {
  const setting = nearest(settings, name.repository);
  return setting === undefined ? name : withChange(name, setting.change);
}

/** The setting that means a repository; of several the one that says most of it, of equals the last. */
function nearest(settings: readonly ImageSetting[], repository: string): ImageSetting | undefined {
  return settings
    .filter(({ name }) => meansRepository(name, repository))
    .reduce<ImageSetting | undefined>(
      (best, one) => (best === undefined || one.name.length >= best.name.length ? one : best),
      undefined,
    );
}

/** Whether `--tag` is for an image. */
function isTagged({ repository }: ImageName, settings: readonly ImageSetting[]): boolean {
  return settings.length > 0 ? nearest(settings, repository) !== undefined : isPrivateEcr(repository);
}

/** `123456789012.dkr.ecr.us-east-1.amazonaws.com/...`, also where parts of the host, or all of it, are placeholders. */
export function isPrivateEcr(repository: string): boolean {
  const [host = '', ...path] = repository.split('/');
  return path.length > 0 && (/\.dkr\.ecr(-fips)?\./.test(host) || hasToken.test(host));
}

function noTagged(tag: string, settings: readonly ImageSetting[], all: readonly ImageName[]): DeployError {
  const names = [...new Set(all.map(({ repository }) => withoutTokens(repository)))];
  const [first = 'web'] = names;
  const short = first.split('/').at(-1) ?? first;
  const what =
    settings.length > 0
      ? 'The manifests have none of the images that the configuration names under images:.'
      : `No image of the manifests is in a private ECR registry, and the configuration names none under images:.`;
  return new DeployError('usage', `--tag ${tag} would be the tag of no image. Nothing was changed.`, {
    why: `${what}${names.length === 0 ? '' : ` Their images: ${names.join(', ')}.`}`,
    fix: `Say which image: --image ${short}=:${tag}, or name the images under images: in the configuration.`,
  });
}

function unknownImage(what: string, tokenised: string, repositories: readonly string[], origin?: Origin): Finding {
  const name = withoutTokens(tokenised);
  // Whoever names one part of a path has mistyped that part.
  const depth = name.split('/').length;
  const near = didYouMean(name, [
    ...repositories.map((one) => one.split('/').slice(-depth).join('/')),
    ...repositories,
  ]);
  const evidence =
    repositories.length === 0 ? ['the manifests have no images'] : repositories.map((one) => `there is ${one}`);
  const fix = near || 'Name an image of the manifests by its whole repository, or by the last parts of it.';
  return errorFinding('images/unknown', `${withoutTokens(what)} names no image of the manifests.`, fix, {
    evidence,
    ...(origin === undefined ? {} : { origin }),
  });
}
