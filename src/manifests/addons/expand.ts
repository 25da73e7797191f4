import type { Config } from '../../config/schema.ts';
import type { Finding } from '../../model/finding.ts';
import { isObject, type Json, type JsonObject, textOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { isKubernetesObject, type KubernetesObject, refKey, refOf } from '../../model/object.ts';
import { isOpen } from '../../model/open.ts';
import { namespacedBy } from '../definitions.ts';
import type { Rendering } from '../render.ts';
import { stampManifests } from '../stamp.ts';
import type { Application } from './application.ts';
import type { Collection } from './collections/collection.ts';
import { collections } from './collections/index.ts';
import { isNoValue } from './no-value.ts';
import { isFor, isPatch, patchEach, patchEachAnnotation } from './patch-each.ts';
import { type Scope, valueAt } from './values.ts';

/** On a manifest of an add-on: it is made once for each of what this names. */
export const forEachAnnotation = 'oms-deploy.io/for-each';

/** On a manifest of an add-on: it is made only where the text isn't empty, or only where it is: `${certificate_arn}`. */
const ifAnnotation = 'oms-deploy.io/if';
const unlessAnnotation = 'oms-deploy.io/unless';

const ownAnnotations: ReadonlySet<string> = new Set([
  forEachAnnotation,
  patchEachAnnotation,
  ifAnnotation,
  unlessAnnotation,
]);

/** What an add-on's manifests are made for. */
export interface AddonRequest {
  readonly config: Pick<Config, 'application' | 'homes' | 'inputs' | 'labels'>;
  readonly namespace: string;
}

/**
 * Makes the manifests of add-ons those of this application: `$[workload.name]` in them stands for what its own manifests say,
 * and some are made once for each of its workloads or Services, or change each of these. All others stay as they are.
 */
export function expandAddons(rendering: Rendering, request: AddonRequest): Rendering {
  const { manifests } = rendering;
  if (!manifests.some(isTemplate)) return rendering;
  const application = applicationOf(manifests, request);
  const findings = [...rendering.findings, ...notesOf(manifests, application)];
  const noValues: Finding[] = [];
  const patches: Manifest[] = [];
  const expanded = manifests.flatMap((manifest) => {
    if (!isTemplate(manifest)) return [manifest];
    const made = scopesOf(manifest, application).map((scope) =>
      filled(manifest, scope, application, request.config.inputs, noValues),
    );
    if (!isPatch(manifest)) return made;
    patches.push(...made);
    return [];
  });
  return {
    manifests: patchEach(withoutVariants(expanded), patches, (one) => isAtHome(one, request)),
    findings: [...findings, ...together(noValues)],
  };
}

/** What several objects lack alike is one finding, with the proof of each. */
function together(findings: readonly Finding[]): readonly Finding[] {
  const byCause = new Map<string, Finding>();
  for (const finding of findings) {
    const { evidence = [] } = byCause.get(finding.cause) ?? {};
    byCause.set(finding.cause, { ...finding, evidence: [...new Set([...evidence, ...finding.evidence])] });
  }
  return [...byCause.values()];
}

/** Whether an object will be in the namespace of the deploy. */
function isAtHome({ ref: { namespace } }: Manifest, request: AddonRequest): boolean {
  return namespace === undefined || namespace === request.namespace || request.config.homes.includes(namespace);
}

/** Whether a manifest of an add-on is to be made that of an application. */
function isTemplate({ addon, body }: Manifest): boolean {
  return addon !== undefined && holdsValue(body);
}

/** A value in it may have brackets of its own: a list of Terraform's. */
const value = /\$\[((?:[^[\]]|\[[^\]]*\])+)\]/g;

function holdsValue(json: Json | undefined): boolean {
  if (typeof json === 'string') return json.includes('$[');
  if (Array.isArray(json)) return json.some((one: Json) => holdsValue(one));
  return isObject(json) && Object.entries(json).some(([key, one]) => ownAnnotations.has(key) || holdsValue(one));
}

function applicationOf(manifests: readonly Manifest[], { config, namespace }: AddonRequest): Application {
  const { application, homes, labels } = config;
  const stamp = {
    application,
    namespace,
    writtenFor: homes,
    labels,
    isNamespaced: namespacedBy(manifests),
  };
  const complete = stampManifests(
    manifests.filter((one) => !isTemplate(one)),
    stamp,
  );
  const isRange = ({ addon, ref }: Manifest): boolean => addon !== undefined && ref.kind === 'LimitRange';
  return {
    namespace,
    manifests: complete.filter((one) => !isRange(one)),
    // What such a one says of itself alone; what it is still to be told isn't known here.
    limitRanges: manifests.filter(isRange),
  };
}

/** What the collections that add-ons are made for have to say, each once. */
function notesOf(manifests: readonly Manifest[], application: Application): readonly Finding[] {
  const used = new Set(manifests.filter(isTemplate).map(collectionOf));
  return [...used].flatMap((collection) => collection?.notes?.(application) ?? []);
}

/** What a manifest is made once for each of; undefined: it is made once. */
function collectionOf({ body, origin }: Manifest): Collection | undefined {
  const annotations = annotationsOf(body);
  const name = annotations[patchEachAnnotation] ?? annotations[forEachAnnotation];
  if (name === undefined) return undefined;
  const collection = collections.find((one) => one.name === name);
  if (collection === undefined) throw new Error(`${origin.file}: there is no collection ${name}`);
  return collection;
}

function scopesOf(manifest: Manifest, application: Application): readonly Scope[] {
  if (wantedness(manifest) === 'no') return [];
  const scopes = collectionOf(manifest)?.items(application) ?? [{}];
  return isPatch(manifest) ? scopes.filter((scope) => isFor(manifest, scope)) : scopes;
}

/** Whether a manifest is made, as its conditions say: `open` where an input of theirs still is. */
function wantedness({ body }: Manifest): 'yes' | 'no' | 'open' {
  const { [ifAnnotation]: wanted, [unlessAnnotation]: unwanted = '' } = annotationsOf(body);
  if (wanted === '' || (unwanted !== '' && !isOpen(unwanted))) return 'no';
  return isOpen(wanted) || isOpen(unwanted) ? 'open' : 'yes';
}

function filled(
  manifest: Manifest,
  scope: Scope,
  application: Application,
  inputs: Config['inputs'],
  findings: Finding[],
): Manifest {
  const { body, origin, addon = '' } = manifest;
  const lookUp = (expression: string): Json => {
    const found = valueAt(expression, scope, application);
    if (!isNoValue(found)) return found;
    findings.push(found.finding({ addon, origin, inputs }));
    return null;
  };
  const fill = (json: Json | undefined): Json | undefined => {
    if (typeof json === 'string') return fillText(json, lookUp);
    if (Array.isArray(json)) return json.map((one: Json) => fill(one) ?? null);
    if (!isObject(json)) return json;
    const entries = Object.entries(json).map(([key, one]) => [key, one, fill(one)] as const);
    const kept = entries.filter(([, one, filled]) => one === null || filled !== null);
    return Object.fromEntries(kept.map(([key, , filled]) => [key, filled]));
  };
  const whole = fill(withoutOwnAnnotations(body));
  if (!isKubernetesObject(whole)) throw new Error(`${origin.file} is no object once it is filled`);
  const isTentative = wantedness(manifest) === 'open';
  return { ...manifest, ref: refOf(whole), body: whole, ...(isTentative ? { isTentative } : {}) };
}

/** Of what is made in one form or another the first one is enough, as long as nobody knows in which. */
function withoutVariants(manifests: readonly Manifest[]): readonly Manifest[] {
  const seen = new Set<string>();
  return manifests.filter(({ ref, isTentative = false }) => {
    const isAgain = isTentative && seen.has(refKey(ref));
    if (isTentative) seen.add(refKey(ref));
    return !isAgain;
  });
}

/** The whole of a text may stand for anything; in a longer one there are texts and numbers alone. */
function fillText(text: string, lookUp: (expression: string) => Json): Json {
  const [whole, expression] = new RegExp(`^${value.source}$`).exec(text) ?? [];
  if (whole !== undefined && expression !== undefined) return lookUp(expression);
  return text.replaceAll(value, (_, inside: string) => textOf(lookUp(inside)));
}

function withoutOwnAnnotations(body: KubernetesObject): JsonObject {
  const others = Object.entries(annotationsOf(body)).filter(([key]) => !ownAnnotations.has(key));
  const { annotations: _, ...metadata } = body.metadata;
  return {
    ...body,
    metadata: { ...metadata, ...(others.length === 0 ? {} : { annotations: Object.fromEntries(others) }) },
  };
}

function annotationsOf({
  metadata: { annotations = {} },
}: KubernetesObject): Readonly<Record<string, string | undefined>> {
  return annotations;
}
