import { DeployError } from '../errors.ts';
import type { ImageFlags } from '../manifests/choose-images.ts';
import { type ImageSetting, parseImageSetting, tagMistake } from '../model/image.ts';
import type { OptionSpec, Options } from './command.ts';
import { isOn, text, texts } from './options.ts';

/** Flags that say which images are deployed. */
export const imageOptions: readonly OptionSpec[] = [
  {
    flags: '--image <name=ref>',
    description:
      'deploy another image: order-ingestion=:1.4.2, =@sha256:..., or =repository:tag (beats the configuration)',
    repeatable: true,
  },
  {
    flags: '--tag <tag>',
    description: 'tag of the images under images: of the configuration, else of all in private ECR registries',
  },
];

/** Lets an image be deployed of which nobody can say later what it was. */
export const allowLatestOption: OptionSpec = {
  flags: '--allow-latest',
  description: 'deploy images without a tag, or with the tag latest',
};

/** Flags of who sends images to a cluster. */
export const deployImageOptions: readonly OptionSpec[] = [
  ...imageOptions,
  allowLatestOption,
  {
    flags: '--pull-secret <name>',
    description:
      'make a pull secret of this name from an ECR token, for 12 hours (default: the nodes pull by their role)',
  },
];

/**
 * What the flags say of images.
 *
 * @throws DeployError `usage` for what can't be one.
 */
export function imageFlags(options: Options): ImageFlags {
  const tag = text(options, 'tag');
  const mistake = tag === undefined ? undefined : tagMistake(tag);
  if (mistake !== undefined) {
    throw new DeployError('usage', `--tag ${JSON.stringify(tag)} is no tag of an image: ${mistake}.`, {
      fix: 'Use letters, digits, _, . and -, at most 128 of them.',
    });
  }
  const pullSecret = text(options, 'pullSecret');
  if (pullSecret !== undefined && !/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(pullSecret)) {
    throw new DeployError('usage', `--pull-secret ${JSON.stringify(pullSecret)} is no name of a Secret.`, {
      fix: 'Use a-z, 0-9, - and .',
    });
  }
  return {
    settings: texts(options, 'image').map(settingOf),
    allowLatest: isOn(options, 'allowLatest'),
    ...(tag === undefined ? {} : { tag }),
    ...(pullSecret === undefined ? {} : { pullSecret }),
  };
}

function settingOf(value: string): ImageSetting {
  const setting = parseImageSetting(value);
  if (!('why' in setting)) return setting;
  throw new DeployError('usage', `--image ${JSON.stringify(value)} can't be read: ${setting.why}.`, {
    fix: 'Write it as order-ingestion=:1.4.2, order-ingestion=@sha256:... or order-ingestion=registry.example.com/order-ingestion:1.4.2.',
  });
}
