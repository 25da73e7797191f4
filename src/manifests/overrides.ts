import type { Config } from '../config/schema.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { isObject, type JsonObject } from '../model/json.ts';
import type { Filling, Manifest } from '../model/manifest.ts';
import { isKubernetesObject, type Origin, refOf } from '../model/object.ts';
import { didYouMean } from '../model/suggest.ts';
import { formatYaml, parseYaml } from '../model/yaml.ts';
import { fillDocument, type Pass } from './fill-document.ts';
import { type PlaceholderRules, tokenise } from './placeholders/scan.ts';
import type { SourceFile } from './sources/source-file.ts';
import { strategicMerge } from './strategic-merge.ts';

/** What the configuration changes of one object. */
export interface Override {
  /** `Service/worker`, as the configuration names it. */
  readonly object: string;
  readonly origin: Origin;
  /** Where a field of it stands. */
  readonly originOf: (path: readonly string[]) => Origin | undefined;
  /** The patch as a manifest, with tokens for its placeholders. */
  readonly file: SourceFile;
}

/** An override whose placeholders are filled. */
interface FilledOverride extends Omit<Override, 'file'> {
  readonly patch: JsonObject;
  readonly fillings: readonly Filling[];
}

/** The overrides of a configuration. */
export function overridesOf({ overrides, placeOf, file }: Config, rules: PlaceholderRules): readonly Override[] {
  return Object.entries(overrides).map(([object, patch]) => {
    const { origin = { file, line: 1 } } = placeOf(['overrides', object]) ?? {};
    const [kind = '', ...names] = object.split('/');
    const metadata = { name: names.at(-1) ?? '', ...(isObject(patch.metadata) ? patch.metadata : {}) };
    return {
      object,
      origin,
      originOf: (path) => placeOf(['overrides', object, ...path.map(step)])?.origin,
      // The kind says what a scalar of it is: a value of a ConfigMap is a text.
      file: { name: file, text: tokenise(formatYaml({ ...patch, kind, metadata }), rules), origin },
    };
  });
}

function step(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** Fills their placeholders; those with an unresolved one are left out, and said. */
export function fillOverrides(overrides: readonly Override[], pass: Pass): readonly FilledOverride[] {
  return overrides.flatMap(({ file, ...override }) => {
    const [document] = parseYaml(file.text).documents;
    const filled = document === undefined ? undefined : fillDocument(document, () => override.origin, pass);
    const patch: unknown = document?.toJS();
    if (filled === undefined || !isObject(patch)) return [];
    const fillings = filled.map((one) => ({ ...one, origin: override.originOf(one.path) ?? one.origin }));
    return [{ ...override, patch, fillings }];
  });
}

/** The manifests with the overrides in them. `isWhole`: an object that isn't among them isn't anywhere. */
export function applyOverrides(
  manifests: readonly Manifest[],
  overrides: readonly FilledOverride[],
  isWhole: boolean,
): { readonly manifests: readonly Manifest[]; readonly findings: readonly Finding[] } {
  const isMeant = (override: FilledOverride, manifest: Manifest): boolean =>
    namesOf(manifest).some((name) => name.toLowerCase() === override.object.toLowerCase());
  const changed = manifests.flatMap((manifest) => {
    const own = overrides.filter((override) => isMeant(override, manifest));
    return own.reduce<readonly Manifest[]>(
      (list, override) => list.flatMap((one) => overridden(one, override)),
      [manifest],
    );
  });
  const unknown = overrides.filter((override) => !manifests.some((manifest) => isMeant(override, manifest)));
  return { manifests: changed, findings: isWhole ? unknown.map((one) => unknownObject(one, manifests)) : [] };
}

/** The object with the patch; none where the patch takes it away. */
function overridden(manifest: Manifest, { patch, originOf, fillings }: FilledOverride): readonly Manifest[] {
  const { body } = manifest;
  const merged = strategicMerge(body, { ...patch, kind: body.kind });
  if (merged === undefined || !isKubernetesObject(merged)) return [];
  const overrideOf = (path: string): Origin | undefined => {
    const steps = [...path.matchAll(/[^.[\]]+/g)].map(([part]) => part);
    return isSaidIn(patch, steps) ? originOf(steps) : manifest.overrideOf?.(path);
  };
  return [
    {
      ...manifest,
      ref: refOf(merged),
      body: merged,
      overrideOf,
      fillings: [...(manifest.fillings ?? []), ...fillings],
    },
  ];
}

/** Whether a patch says something about a field: it has the field itself, or a value where the path goes on. */
function isSaidIn(patch: JsonObject, [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return false;
  const value = patch[first];
  if (value === undefined || first === 'kind') return false;
  return rest.length === 0 || !isObject(value) || isSaidIn(value, rest);
}

function namesOf({ ref: { kind, name, namespace } }: Manifest): readonly string[] {
  return [`${kind}/${name}`, ...(namespace === undefined ? [] : [`${kind}/${namespace}/${name}`])];
}

function unknownObject({ object, origin }: FilledOverride, manifests: readonly Manifest[]): Finding {
  const near = didYouMean(object, manifests.flatMap(namesOf));
  return errorFinding(
    'overrides/unknown',
    `The configuration overrides ${object}, which the manifests don't have.`,
    near || 'Name an object of the manifests as <Kind>/<name>, or take it out of overrides:.',
    { origin },
  );
}
