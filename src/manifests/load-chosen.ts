import { isOwn } from '../config/addons/with-addons.ts';
import type { Config } from '../config/schema.ts';
import { usualPlaceholders } from '../config/usual-placeholders.ts';
import { errorFinding, errorsOf, type Finding } from '../model/finding.ts';
import type { ImageChange } from '../model/image.ts';
import { chooseImages, type ImageFlags, noImageFlags } from './choose-images.ts';
import { loadFiles } from './load.ts';
import { namespaceInPart } from './namespace-in-part.ts';
import { type Override, overridesOf } from './overrides.ts';
import { addonPaths, configuredPaths, type ManifestChoice, manifestPaths } from './paths.ts';
import { type Marked, markFields, wantedFields } from './placeholders/marks.ts';
import { type PlaceholderRules, rulesOf, tokenise } from './placeholders/scan.ts';
import type { SourceFile } from './sources/source-file.ts';

export interface LoadedManifests {
  /** Their placeholders are tokens (see placeholders/tokens.ts). */
  readonly files: readonly SourceFile[];
  readonly overrides: readonly Override[];
  /** Some could not be read: what these have is unknown. */
  readonly isUnread: boolean;
  /** They may be only a part of what the configuration speaks of. */
  readonly isPart: boolean;
  readonly findings: readonly Finding[];
  /** Inputs whose placeholders stood where another image or tag stands now. */
  readonly replaced: ReadonlySet<string>;
}

/**
 * Reads the manifests that are meant, with the images that flags and configuration choose.
 *
 * @throws DeployError `usage` for a `--tag` that would be the tag of no image, and for standard input that is a terminal.
 */
export async function loadChosen(
  choice: ManifestChoice,
  { settings, tag }: Pick<ImageFlags, 'settings' | 'tag'> = noImageFlags,
  signal: AbortSignal,
): Promise<LoadedManifests> {
  const { config, manifests, reading } = choice;
  const rules = rulesOf(config.placeholders);
  const { styles } = config.placeholders;
  const { paths, findings } = manifestPaths(choice);
  const loaded = await loadFiles({ ...paths, ...reading, styles }, signal);
  const marked = loaded.files.map((file) => {
    const own = isShipped(file, config) ? { ...shippedRules, fields: rules.fields } : rules;
    return markFields(tokenised(file, own), own);
  });
  // What is off now, or was left out by -f, may be what the configuration speaks of.
  const rest = [
    ...Object.entries(config.addons).flatMap(([name, addon]) => (isOwn(addon) ? addonPaths(config, name) : [])),
    ...(manifests === undefined ? [] : configuredPaths(config)),
  ].filter(({ path }) => path !== '-');
  const isNeeded = Object.keys(config.images).length > 0 || Object.keys(config.placeholders.fields).length > 0;
  const others =
    isNeeded && rest.length > 0
      ? await loadFiles({ ...reading, paths: rest, directory: config.directory, styles }, signal)
      : { files: [] };
  const elsewhere = others.files.map((file) => markFields(tokenised(file, rules), rules));
  const images = Object.entries(config.images).map(
    ([name, change]) => [tokenise(name, rules), tokenisedImage(change, rules)] as const,
  );
  const written = new Map(Object.keys(config.images).map((name) => [tokenise(name, rules), name]));
  const placeOf = (name: string) => config.placeOf(['images', written.get(name) ?? name])?.origin;
  const flags = settings.map(({ name, change }) => ({ name: tokenise(name, rules), change }));
  const choices = { config: Object.fromEntries(images), placeOf, flags, ...(tag === undefined ? {} : { tag }) };
  const isUnread = errorsOf([...findings, ...loaded.findings]).length > 0;
  const chosen = chooseImages(
    marked.map(({ file }) => file),
    choices,
    { elsewhere: elsewhere.map(({ file }) => file), isPart: isUnread },
  );
  return {
    files: chosen.files,
    findings: [
      ...findings,
      ...loaded.findings,
      ...misplaced(
        marked.map(({ file }) => file),
        config,
      ),
      ...(isUnread ? [] : missingFields([...marked, ...elsewhere], config)),
      ...chosen.findings,
    ],
    overrides: overridesOf(config, rules),
    isUnread,
    isPart: isUnread || manifests !== undefined,
    replaced: chosen.replaced,
  };
}

/**
 * Add-ons that come along are written in one style, whatever that of the application is: `$labels` and `{{ $value }}` in
 * rules of Prometheus are no placeholders.
 */
const shippedRules = rulesOf({ ...usualPlaceholders, styles: ['dollar-brace'] });

function isShipped({ addon: name }: SourceFile, { addons }: Config): boolean {
  const addon = name === undefined ? undefined : addons[name];
  return addon !== undefined && !isOwn(addon);
}

/** A file with a token for each placeholder. */
export function tokenised(file: SourceFile, rules: PlaceholderRules): SourceFile {
  const text = tokenise(file.text, rules);
  return text === file.text ? file : { ...file, text };
}

/** A tag of the configuration may be a placeholder, too. */
function tokenisedImage(change: ImageChange, rules: PlaceholderRules): ImageChange {
  return Object.fromEntries(Object.entries(change).map(([part, text]) => [part, tokenise(text, rules)]));
}

/** With a configuration an object may be in another namespace than the others: there somebody has said which is which. */
function misplaced(files: readonly SourceFile[], { origin, namespace }: Config): readonly Finding[] {
  const own = origin === 'manifests' ? files.filter(({ addon }) => addon === undefined) : [];
  const finding = namespaceInPart(own, namespace);
  return finding === undefined ? [] : [finding];
}

/** What the configuration wants to fill, and the manifests don't have. */
function missingFields(marked: readonly Marked[], config: Config): readonly Finding[] {
  const wanted = wantedFields(config.placeholders);
  const isFound = ({ object, field }: (typeof wanted)[number]): boolean =>
    marked.some(({ found }) => found.some((one) => one.object === object && one.field === field));
  return wanted
    .filter((one) => !isFound(one))
    .map(({ object, field }) => {
      const isThere = marked.some(({ objects }) => objects.has(object));
      const place = config.placeOf(['placeholders', 'fields', object, field]);
      const cause = isThere
        ? `${object} has no value at ${field}, which the configuration wants to fill.`
        : `The manifests have no ${object}, of which the configuration wants to fill a field.`;
      const fix = isThere
        ? 'Correct the path of the field; overrides: adds one that is not there.'
        : 'Correct <Kind>/<name>, or take it out of placeholders.fields.';
      return errorFinding('placeholders/field', cause, fix, place === undefined ? {} : { origin: place.origin });
    });
}
