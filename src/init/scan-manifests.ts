import { objectNameSchema } from '../config/schema/names.ts';
import { type PlaceholderStyle, usualStyles } from '../config/usual-placeholders.ts';
import { waveOf } from '../kinds/index.ts';
import { placedImages } from '../manifests/containers.ts';
import { withoutTokens } from '../manifests/placeholders/tokens.ts';
import { parseImageName } from '../model/image.ts';
import { arrayOf, at, isObject, stringOf } from '../model/json.ts';
import { isKubernetesObject, type KubernetesObject } from '../model/object.ts';
import { offsetOf } from '../model/yaml.ts';
import { builtInNamed } from './built-ins.ts';
import type {
  DeploymentEvidence,
  FoundImage,
  FoundInput,
  FoundObject,
  ManifestEvidence,
  TextFile,
} from './evidence.ts';
import { type Hit, hitsIn, readTokenised, styleOf } from './hits.ts';
import { plainOf } from './plain.ts';

/** Reads manifests before anybody has said which placeholders they have: what is one is told by what stands around it. */
export function scanManifests(files: readonly TextFile[], deployment: DeploymentEvidence): ManifestEvidence {
  const texts = bareTexts(files, deployment);
  const read = files.map((file) => ({ file, parsed: readTokenised(file, texts) }));
  const hits = read.flatMap(({ file, parsed }) => hitsIn(file, parsed));
  const objects = read.flatMap(({ file, parsed: { documents, lineAt } }) =>
    documents.flatMap((document) =>
      objectsOf(plainOf(document)).map((object) => ({
        object,
        originOf: (path: string) => ({ file: file.path, line: lineAt(offsetOf(document, path) ?? 0) }),
      })),
    ),
  );
  const sure = surelyMeant(hits, deployment);
  const { styles, texts: alone } = howFound(hits, sure);
  const namespaces = objects.flatMap(({ object: { kind, metadata } }) =>
    kind === 'Namespace' ? (metadata.name ?? []) : (metadata.namespace ?? []),
  );
  return {
    objects: objects.map(({ object }) => foundObject(object)),
    inputs: inputsOf(sure),
    styles,
    texts: alone,
    fields: markedFields(sure),
    images: objects.flatMap(({ object, originOf }) =>
      placedImages(object).map(({ image, path }) => foundImage(image, originOf(path))),
    ),
    namespaces: [...new Set(namespaces.filter((name) => withoutTokens(name) === name))],
  };
}

/** What a script replaces though no style would find it: words in capitals that the manifests have. */
function bareTexts(files: readonly TextFile[], { replaced }: DeploymentEvidence): readonly string[] {
  return [...replaced.keys()].filter(
    (text) =>
      /^[A-Z][A-Z0-9_]{2,}$/.test(text) &&
      styleOf(text) === undefined &&
      files.some((file) => file.text.includes(text)),
  );
}

function objectsOf(body: unknown): readonly KubernetesObject[] {
  const all = isObject(body) && body.kind === 'List' ? arrayOf(body.items) : [body];
  return all.filter((one) => isKubernetesObject(one));
}

function foundObject(object: KubernetesObject): FoundObject {
  const { name = '', namespace, labels } = object.metadata;
  return {
    kind: object.kind,
    name: withoutTokens(name),
    ...(namespace === undefined ? {} : { namespace: withoutTokens(namespace) }),
    wave: waveOf(object),
    partOf: stringOf(at(labels, 'app.kubernetes.io/part-of')),
  };
}

function foundImage(image: string, origin: FoundImage['origin']): FoundImage {
  const { repository, tag, digest } = parseImageName(withoutTokens(image));
  return { repository, ...(tag === undefined ? {} : { tag }), isPinned: digest !== undefined, origin };
}

/**
 * The hits that are placeholders. `$X` and `${X}` in a script are the script's own, unless today's deployment sets X;
 * `<x>`, `%X%` and `$X` are placeholders as a whole value or in a name, and not between other words: HTML, log formats.
 */
function surelyMeant(hits: readonly Hit[], { replaced, variables, envsubst }: DeploymentEvidence): readonly Hit[] {
  const isSet = ({ text }: Hit): boolean =>
    replaced.has(text) || (envsubst !== undefined && variables.has(text.replaceAll(/[^A-Za-z0-9_]/g, '')));
  const isSure = (hit: Hit): boolean =>
    isSet(hit) || (hit.style === undefined ? true : (tests[hit.style]?.(hit) ?? true));
  const sure = new Set(hits.filter(isSure));
  // Elsewhere in the same files it is one: then it is hardly a script's own.
  const names = new Set([...sure].filter(({ style }) => style === 'dollar-brace').map(({ input }) => input));
  return hits.filter((hit) => sure.has(hit) || (hit.style === 'dollar-brace' && names.has(hit.input)));
}

/** When a hit of a style is surely meant; those of the others always are. */
const tests: Readonly<Partial<Record<PlaceholderStyle, (hit: Hit) => boolean>>> = {
  // A URL of a ConfigMap is made of them, as often as a program's own settings are.
  'dollar-brace': (hit) => !hit.isProse || (hit.isTight && !shellVariables.test(hit.text)),
  mustache: (hit) => !hit.isProse,
  underscores: (hit) => !hit.isProse,
  dollar: isNameInCapitals,
  percent: isNameInCapitals,
  'angle-any': (hit) => hit.isWhole || (hit.isTight && !/<\/|\/>/.test(hit.value)),
};

function isNameInCapitals({ text, isProse, isTight }: Hit): boolean {
  return !isProse && isTight && /[A-Z]/.test(text);
}

/** What every process has without anybody's help. */
const shellVariables = /\{(?:HOSTNAME|HOME|PATH|USER|PWD|SHELL|LANG|TMPDIR|POD_\w+|NODE_\w+|KUBERNETES_\w+)\b/;

/** Styles whose placeholders are left alone in texts for others, unless somebody declares them. */
const shellStyles: ReadonlySet<PlaceholderStyle> = new Set(['dollar-brace', 'dollar', 'mustache']);

/**
 * The styles to switch on. One that would also take what is none, as `<x>` where a ConfigMap has HTML, stays off, and its
 * placeholders are named one by one.
 */
function howFound(
  hits: readonly Hit[],
  sure: readonly Hit[],
): { readonly styles: readonly PlaceholderStyle[]; readonly texts: Readonly<Record<string, string>> } {
  const meant = new Set(sure);
  const used = [...new Set(sure.flatMap(({ style }) => style ?? []))];
  const isSafe = (style: PlaceholderStyle): boolean =>
    usualStyles.includes(style) ||
    hits.every((hit) => hit.style !== style || meant.has(hit) || (shellStyles.has(style) && hit.isProse));
  const styles = used.filter(isSafe);
  const alone = sure.filter(({ style }) => style === undefined || !styles.includes(style));
  const renamed = sure.filter(({ input, style }) => style !== 'change-me' && builtInNamed(input) !== input);
  return {
    styles,
    texts: Object.fromEntries([...alone, ...renamed].map(({ text, input }) => [text, builtInNamed(input)])),
  };
}

function inputsOf(sure: readonly Hit[]): readonly FoundInput[] {
  const groups = new Map<string, Hit[]>();
  for (const hit of sure) {
    const isNameless = hit.style === 'change-me' && !objectNameSchema.safeParse(hit.place.object).success;
    if (isBuiltIn(hit.input) || isNameless) continue;
    groups.set(hit.input, [...(groups.get(hit.input) ?? []), hit]);
  }
  return [...groups].map(([name, group]) => {
    const fallback = group.find((hit) => hit.fallback !== undefined)?.fallback;
    return {
      name,
      texts: [...new Set(group.map(({ text }) => text))],
      places: group.map(({ place }) => place),
      ...(fallback === undefined ? {} : { fallback }),
      isMark: group.every(({ style }) => style === 'change-me'),
      isDoubtful: group.every(({ style, isProse }) => isProse && style !== undefined && shellStyles.has(style)),
    };
  });
}

function isBuiltIn(input: string): boolean {
  return ['namespace', 'application'].includes(builtInNamed(input));
}

/** For the configuration: `Secret/app-secrets: {stringData.db-password: db_password}`. */
function markedFields(sure: readonly Hit[]): ManifestEvidence['fields'] {
  const fields: Record<string, Record<string, string>> = {};
  for (const { style, place, input } of sure) {
    // An object without a name of its own can't be named in the configuration: `up` reports the mark.
    if (style !== 'change-me' || !objectNameSchema.safeParse(place.object).success) continue;
    fields[place.object] = { ...fields[place.object], [place.field]: input };
  }
  return fields;
}
