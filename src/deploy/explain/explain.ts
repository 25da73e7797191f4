import type { Cluster } from '../../cluster/cluster.ts';
import type { Config } from '../../config/schema.ts';
import { DeployError } from '../../errors.ts';
import type { Host } from '../../events.ts';
import { partNames } from '../../inputs/compose.ts';
import { createSurroundings } from '../../inputs/surroundings.ts';
import { noImageFlags } from '../../manifests/choose-images.ts';
import { readDeclared } from '../../manifests/declared.ts';
import { namespacedBy } from '../../manifests/definitions.ts';
import type { ExplainedField, ExplainedInput, Explanation, LiveField } from '../../model/explanation.ts';
import { type Input, shownSource, shownValue } from '../../model/input.ts';
import { type Filling, type Manifest, originOf } from '../../model/manifest.ts';
import { type KubernetesObject, refKey, refOf } from '../../model/object.ts';
import type { RecordedInput, Release } from '../../model/release.ts';
import { didYouMean } from '../../model/suggest.ts';
import { openTarget } from '../../target/open.ts';
import { isSecretField } from '../conceal.ts';
import { driftsOf, lastOwnerOf } from '../drift.ts';
import type { PlanningRequest } from '../planning.ts';
import { finish, type Prepared, prepare } from '../prepare.ts';
import { fillingsByPath, leavesOf, meantFields } from './fields.ts';
import { findManifest } from './find-object.ts';
import { look } from './look.ts';

export interface ExplainRequest extends Omit<PlanningRequest, 'prune' | 'forceConflicts'> {
  /** `configmap/app-config`. */
  readonly object: string;
  /** `redis-endpoint`, `data.redis-endpoint`; without it all that inputs fill. */
  readonly field?: string;
}

/**
 * Says where the value of a field comes from: the placeholder, the input, its source; and what the cluster has, since when,
 * and by whom. Nobody is asked for an input: one without a value is said to have none.
 *
 * @throws DeployError `usage` where no object or field is meant by the names.
 */
export async function explain(request: ExplainRequest, host: Host, signal: AbortSignal): Promise<Explanation> {
  const surroundings = createSurroundings(request.resolve, host, signal);
  const prepared = await prepare(request, surroundings, { ...host, canAsk: false }, signal);
  const manifests = await allManifests(request, prepared, signal);
  const manifest = findManifest(request.object, manifests);
  const open = (): Promise<Cluster> => openTarget(request.target, surroundings, signal);
  const seen = await look(request, manifest, open, signal);
  const fillings = fillingsByPath(manifest);
  const leaves = new Map(leavesOf(manifest.body).map(({ path, value }) => [path, value]));
  const paths = chosenPaths(request, manifest, [...leaves.keys()], [...fillings.keys()]);
  const fields = paths.map((path): ExplainedField => {
    const filling = fillings.get(path);
    const secret = isSecretField(path, manifest) || manifest.ref.kind === 'Secret';
    const value = leaves.get(path);
    // What stands open has inputs that no source has given.
    const isOpen = value === undefined || (filling?.inputs.some(({ source }) => source.detail === '') ?? false);
    return {
      path,
      origin: filling?.origin ?? originOf(manifest, path),
      ...(filling === undefined ? {} : { written: filling.written }),
      ...(isOpen ? {} : { value: secret ? '****' : value }),
      inputs: explainInputs(filling, prepared, request.config, seen.release),
      ...(seen.live === undefined
        ? {}
        : { live: liveField(path, isOpen ? undefined : value, secret, seen.live, seen.release) }),
    };
  });
  const { ref: object, origin } = manifest;
  const { summary, unknown, nowMs } = seen;
  return {
    object,
    origin,
    fields,
    nowMs,
    ...(summary === undefined ? {} : { release: summary }),
    ...(unknown === undefined ? {} : { unknown }),
  };
}

/** The manifests as they are deployed; those that lack a value with their places open. */
async function allManifests(
  request: ExplainRequest,
  prepared: Prepared,
  signal: AbortSignal,
): Promise<readonly Manifest[]> {
  const { manifests } = finish(prepared, request, namespacedBy(prepared.manifests));
  const { cwd, env, readStdin } = request.resolve;
  const { namespace } = prepared;
  const images = request.images ?? noImageFlags;
  const declared = await readDeclared({ ...request, namespace, reading: { cwd, env, readStdin }, images }, signal);
  const known = new Set(manifests.map(({ ref }) => refKey(ref)));
  return [...manifests, ...declared.manifests.filter(({ ref }) => !known.has(refKey(ref)))];
}

function chosenPaths(
  { field }: ExplainRequest,
  manifest: Manifest,
  all: readonly string[],
  filled: readonly string[],
): readonly string[] {
  if (field === undefined) return filled;
  const meant = meantFields(all, field);
  if (meant.length > 0) return meant;
  const ends = all.map((path) => /[^.[\]]+(?=\]?(?:\.value)?$)/.exec(path)?.[0] ?? path);
  const { kind, name } = manifest.ref;
  throw new DeployError('usage', `${kind}/${name} has no field ${field}.`, {
    fix:
      didYouMean(field, ends) ||
      `See what it has: oms-deploy render. Without a field, all that inputs fill is explained.`,
  });
}

function explainInputs(
  filling: Filling | undefined,
  { inputs }: Prepared,
  config: Config,
  release: Release | undefined,
): readonly ExplainedInput[] {
  const explainOne = (name: string, trail: readonly string[]): ExplainedInput => {
    const input = inputs.find((one) => one.name === name);
    const isComposed = input === undefined || input.source.kind === 'composed';
    const parts = isComposed && !trail.includes(name) ? partNames(config.inputs[name]?.compose ?? []) : [];
    const before = changed(
      input,
      release?.inputs.find((one) => one.name === name),
    );
    return {
      name,
      ...(input === undefined ? {} : { value: shownValue(input), source: shownSource(input.source) }),
      parts: parts.map((part) => explainOne(part, [...trail, name])),
      ...(before === undefined ? {} : { before }),
    };
  };
  return (filling?.inputs ?? []).map(({ name, source }) =>
    inputs.some((one) => one.name === name) || source.detail === ''
      ? explainOne(name, [])
      : { name, parts: [], value: shownValueOf(filling, name), source: shownSource(source) },
  );
}

/** What is no input of the configuration: `${namespace}`, `${application}`. */
function shownValueOf(filling: Filling | undefined, name: string): string {
  const input = filling?.inputs.find((one) => one.name === name);
  return input === undefined ? '' : shownValue(input);
}

function changed(now: Input | undefined, before: RecordedInput | undefined): ExplainedInput['before'] {
  if (now === undefined || before?.value === undefined || now.secret || before.value === now.value) return undefined;
  return { value: String(before.value), source: shownSource(before.source) };
}

function liveField(
  path: string,
  wanted: unknown,
  secret: boolean,
  { object }: { readonly object: KubernetesObject | undefined },
  release: Release | undefined,
): LiveField {
  if (object === undefined) return { state: 'absent', isChanged: false };
  const leaf = leavesOf(object).find((one) => one.path === path);
  const key = refKey(refOf(object));
  // The others are of no interest here: they count as they were recorded.
  const drifts = driftsOf(release, (ref) =>
    refKey(ref) === key ? object : release?.objects.find((one) => one.ref === ref)?.body,
  );
  const isChanged = drifts.some(({ fields }) => fields.some((field) => field.path === path));
  const rest = { ...lastOwnerOf(object, path), isChanged };
  if (leaf === undefined) return { state: 'absent', ...rest };
  const state = wanted === undefined || leaf.value === wanted ? 'same' : 'other';
  return { state, value: secret ? '****' : leaf.value, ...rest };
}
