import type { ExplainedField, ExplainedInput, LiveField } from '../../model/explanation.ts';
import type { Json } from '../../model/json.ts';
import { type Filling, originOf } from '../../model/manifest.ts';
import { type KubernetesObject, refKey, refOf } from '../../model/object.ts';
import type { Release } from '../../model/release.ts';
import { isSecretField, withoutPasswords } from '../conceal.ts';
import { driftsOf, lastOwnerOf } from '../drift.ts';
import { explainInputs, isWithoutValue, type KnownInputs } from './explain-inputs.ts';
import { leavesOf } from './fields.ts';
import type { Seen } from './look.ts';
import type { ReadManifest } from './read-manifests.ts';

/** What an explanation of fields knows. */
export interface Known extends KnownInputs {
  /** The inputs whose values nobody may see, those without a value too: the cluster may have an old one. */
  readonly secretInputs: ReadonlySet<string>;
  readonly live: Seen['live'];
}

/** Says where the value of a field comes from, and what the cluster has there. */
export function explainField(manifest: ReadManifest, path: string, known: Known): ExplainedField {
  const own = manifest.filled.get(path);
  const filling = own ?? manifest.unfilled.get(path);
  const { ref: object, body } = manifest;
  const isSecret = object.kind === 'Secret' || isSecretField(path, manifest);
  // What the cluster has may be of another run.
  const wasSecret = isSecret || (filling?.inputs.some(({ name }) => known.secretInputs.has(name)) ?? false);
  const value = leafAt(body, path);
  // What stands open has inputs that no source has given.
  const isOpen = own !== undefined && (value === undefined || own.inputs.some(isWithoutValue));
  const inputs = explainInputs(filling, known);
  const live = known.live?.get(refKey(object));
  return {
    object,
    path,
    origin: filling?.origin ?? originOf(manifest, path),
    ...(filling === undefined ? {} : { written: filling.written }),
    ...(isOpen || value === undefined ? { lack: lackOf(inputs, own) } : { value: shown(value, isSecret) }),
    inputs,
    ...(known.live === undefined
      ? {}
      : { live: liveField(path, live, known.release, wasSecret, (there) => isOpen || there === value) }),
  };
}

function shown(value: Json, isSecret: boolean): Json {
  return isSecret ? '****' : withoutPasswords(value);
}

/** A manifest that lacks one value has all of its places open. */
function lackOf(inputs: readonly ExplainedInput[], own: Filling | undefined): string {
  if (inputs.some(({ value }) => value === undefined)) return 'an input has no value';
  // Such as the replicas of a workload that an HPA scales.
  return own?.inputs.some(isWithoutValue) === true ? 'another field of this object lacks a value' : 'left out';
}

function leafAt(object: KubernetesObject, path: string): Json | undefined {
  return leavesOf(object).find((leaf) => leaf.path === path)?.value;
}

function liveField(
  path: string,
  object: KubernetesObject | undefined,
  release: Release | undefined,
  isSecret: boolean,
  isSame: (value: Json) => boolean,
): LiveField {
  if (object === undefined) return { state: 'absent', isChanged: false };
  const value = leafAt(object, path);
  const key = refKey(refOf(object));
  // The others are of no interest here: they count as they were recorded.
  const drifts = driftsOf(release, (ref) =>
    refKey(ref) === key ? object : release?.objects.find((one) => one.ref === ref)?.body,
  );
  const isChanged = drifts.some(({ fields }) => fields.some((field) => field.path === path && !field.isOlder));
  const rest = { ...lastOwnerOf(object, path), isChanged };
  if (value === undefined) return { state: 'absent', ...rest };
  return { state: isSame(value) ? 'same' : 'other', value: shown(value, isSecret), ...rest };
}
