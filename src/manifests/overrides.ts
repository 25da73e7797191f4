import type { Document } from 'yaml';
import type { OverrideEntry } from '../config/overrides.ts';
import type { Config } from '../config/schema.ts';
import { fieldPath, stepOf, stepsIn } from '../model/field-path.ts';
import { errorFinding, errorsOf, type Finding } from '../model/finding.ts';
import { isObject, type JsonObject, objectOf } from '../model/json.ts';
import type { Filling, Manifest } from '../model/manifest.ts';
import {
  formatRef,
  isKubernetesObject,
  isNamed,
  type KubernetesObject,
  namesOf,
  type Origin,
  refOf,
} from '../model/object.ts';
import { didYouMean } from '../model/suggest.ts';
import { formatYaml, parseYaml } from '../model/yaml.ts';
import { fillDocument, type Pass } from './fill-document.ts';
import { type FieldSource, fieldSource, type MergeSources, mergedPath } from './merge-sources.ts';
import { type PlaceholderRules, tokenise } from './placeholders/scan.ts';
import type { SourceFile } from './sources/source-file.ts';
import { type PatchMistake, strategicMerge } from './strategic-merge.ts';
import { walk } from './tree.ts';

/** What a part of the configuration changes of one object. */
export interface Override {
  /** `Service/worker`, as the configuration names it. */
  readonly object: string;
  /** Which part of the configuration says it. */
  readonly layer: OverrideEntry['layer'];
  readonly origin: Origin;
  /** Where a field of it stands. */
  readonly originOf: (path: readonly string[]) => Origin | undefined;
  /** As the configuration has it. */
  readonly written: JsonObject;
  /** The patch as a manifest, with tokens for its placeholders. */
  readonly file: SourceFile;
}

/** An override whose placeholders are filled. */
interface FilledOverride extends Omit<Override, 'file' | 'written'> {
  readonly patch: JsonObject;
  readonly fillings: readonly Filling[];
}

/** The overrides of a configuration, in the order in which they are applied. */
export function overridesOf({ overrides, file }: Config, rules: PlaceholderRules): readonly Override[] {
  return overrides.map(({ object, patch, layer, placeOf }) => {
    const { origin = { file, line: 1 } } = placeOf([]) ?? {};
    const [kind = '', ...names] = object.split('/');
    const metadata = { name: names.at(-1) ?? '', ...(isObject(patch.metadata) ? patch.metadata : {}) };
    const originOf = (path: readonly string[]): Origin | undefined => placeOf(path.map(stepOf))?.origin;
    return {
      object,
      layer,
      origin,
      written: patch,
      originOf,
      // The kind says what a scalar of it is: a value of a ConfigMap is a text.
      file: { name: file, text: tokenise(formatYaml({ ...patch, kind, metadata }), rules), origin, originOf },
    };
  });
}

/** A patch without the kind and the name that it was given to be a manifest. */
function asWritten(filled: JsonObject, written: JsonObject): JsonObject {
  const { kind: _, metadata, ...patch } = filled;
  if (!isObject(written.metadata)) return patch;
  const { name, ...rest } = objectOf(metadata);
  return { ...patch, metadata: written.metadata.name === undefined ? rest : { name, ...rest } };
}

/** Fills their placeholders; those with an unresolved one are left out, and said. */
export function fillOverrides(overrides: readonly Override[], pass: Pass): readonly FilledOverride[] {
  return overrides.flatMap(({ file, ...override }) => {
    const [document] = parseYaml(file.text).documents;
    const filled = document === undefined ? undefined : fillDocument(document, originsIn(document, override), pass);
    const patch: unknown = document?.toJS();
    if (filled === undefined || !isObject(patch)) return [];
    return [{ ...override, patch: asWritten(patch, override.written), fillings: filled }];
  });
}

/** The places in the configuration of what stands in a patch's own text. */
function originsIn(document: Document, { origin, originOf }: Pick<Override, 'origin' | 'originOf'>) {
  const origins = new Map<number, Origin>();
  walk(document.contents, [], ({ range }, path) => {
    origins.set(range?.[0] ?? 0, originOf(path) ?? origin);
    return 'keep';
  });
  return (offset: number): Origin => origins.get(offset) ?? origin;
}

interface Overridden {
  readonly manifests: readonly Manifest[];
  readonly findings: readonly Finding[];
}

/** The manifests with the overrides in them. `isWhole`: an object that isn't among them isn't anywhere. */
export function applyOverrides(
  manifests: readonly Manifest[],
  overrides: readonly FilledOverride[],
  isWhole: boolean,
): Overridden {
  const isMeant = (override: FilledOverride, manifest: Manifest): boolean => isNamed(manifest.ref, override.object);
  const findings: Finding[] = [];
  const changed = manifests.flatMap((manifest) => {
    const own = overrides.filter((override) => isMeant(override, manifest));
    findings.push(...twiceNamed(own, manifest));
    return own.reduce<readonly Manifest[]>(
      (list, override) =>
        list.flatMap((one) => {
          const result = overridden(one, override);
          findings.push(...result.findings);
          return result.manifests;
        }),
      [manifest],
    );
  });
  const unknown = overrides.filter((override) => !manifests.some((manifest) => isMeant(override, manifest)));
  if (isWhole) findings.push(...unknown.map((one) => unknownObject(one, manifests)));
  return { manifests: changed, findings };
}

/** The object with the patch; none where the patch takes it away. */
function overridden(manifest: Manifest, override: FilledOverride): Overridden {
  const { body, sources, mistakes } = strategicMerge(manifest.body, override.patch);
  const findings = mistakes.map((mistake) => mistakeFinding(mistake, override, manifest));
  // Half a patch would make mistakes of its own, which would be told of the manifest.
  if (errorsOf(findings).length > 0) return { manifests: [manifest], findings };
  if (body === undefined || !isKubernetesObject(body)) return { manifests: [], findings };
  return { manifests: [afterMerge(manifest, body, sources, override)], findings };
}

/** An object after a merge: its fields know which side says them, and where. */
export function afterMerge(
  manifest: Manifest,
  body: KubernetesObject,
  sources: MergeSources,
  { fillings, originOf }: Pick<FilledOverride, 'fillings' | 'originOf'>,
): Manifest {
  const sourceOf = (path: string): FieldSource => fieldSource(sources, stepsIn(body, path));
  const pathInFile = ({ path }: FieldSource): string => fieldPath(manifest.body, path);
  const moved = (side: FieldSource['side'], list: readonly Filling[]): readonly Filling[] =>
    list.flatMap((filling) => {
      const path = mergedPath(sources, side, filling.path);
      return path === undefined ? [] : [{ ...filling, path: path.map(String) }];
    });
  return {
    ...manifest,
    ref: refOf(body),
    body,
    lineOf: (path) => {
      const source = sourceOf(path);
      return source.side === 'base' ? manifest.lineOf(pathInFile(source)) : undefined;
    },
    overrideOf: (path) => {
      const source = sourceOf(path);
      return source.side === 'base' ? manifest.overrideOf?.(pathInFile(source)) : originOf(source.path.map(String));
    },
    fillings: [...moved('base', manifest.fillings ?? []), ...moved('patch', fillings)],
  };
}

function mistakeFinding(
  { path, severity, cause, fix }: PatchMistake,
  { object, origin, originOf }: FilledOverride,
  { ref }: Manifest,
): Finding {
  return {
    id: 'overrides/patch',
    severity,
    object: ref,
    origin: originOf(path.map(String)) ?? origin,
    cause: `The override of ${object} ${cause}`,
    evidence: [],
    fix,
  };
}

/** Which of two came first is chance, and hardly meant. */
function twiceNamed(own: readonly FilledOverride[], { ref }: Manifest): readonly Finding[] {
  return own.flatMap(({ object, layer, origin }, index) => {
    const other = own.slice(0, index).find((one) => one.layer === layer);
    if (other === undefined) return [];
    const cause = `The configuration overrides ${formatRef(ref)} twice: as ${other.object}, and as ${object}.`;
    return [errorFinding('overrides/duplicate', cause, 'Make them one.', { object: ref, origin })];
  });
}

function unknownObject({ object, origin }: FilledOverride, manifests: readonly Manifest[]): Finding {
  const near = didYouMean(
    object,
    manifests.flatMap(({ ref }) => namesOf(ref)),
  );
  return errorFinding(
    'overrides/unknown',
    `The configuration overrides ${object}, which the manifests don't have.`,
    near || 'Name an object of the manifests as <Kind>/<name>, or take it out of overrides:.',
    { origin },
  );
}
