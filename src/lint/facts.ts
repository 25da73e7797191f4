import { at, objectOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { groupOf, type KubernetesObject, type ObjectRef } from '../model/object.ts';
import type { FieldTable } from './fields.ts';
import { type PodPlace, podsIn } from './pods.ts';

/** All that rules judge. */
export interface LintFacts {
  /** Completed, in the order of the files. */
  readonly manifests: readonly Manifest[];
  /** As the files say. */
  readonly written: readonly Manifest[];
  /** The pods that they lead to: of workloads, and Pods themselves. */
  readonly pods: readonly PodPlace[];
  /** Nothing of the application is missing here: else what isn't among the manifests may be in those that were left out or couldn't be read. */
  readonly isWhole: boolean;
  /** The minor version of Kubernetes that they go to: 36 for 1.36. */
  readonly minor: number;
  /** Somebody has agreed to images without a version. */
  readonly allowLatest: boolean;
  /** The inputs that the configuration declares; absent where the placeholders have been filled. */
  readonly declared?: ReadonlySet<string>;
  /** The fields of the built-in kinds; absent where the API server judges them. */
  readonly fields?: FieldTable;
}

/** What isn't worked out from the manifests. */
export type Around = Pick<LintFacts, 'isWhole' | 'minor' | 'allowLatest' | 'declared' | 'fields'>;

/** The newest version of Kubernetes that this program knows: what holds where nobody names one. */
export const newestMinor = 36;

/** The minor version in `1.36`, `v1.36.3` or `v1.31.2-eks-7f9249a`; undefined for what isn't Kubernetes 1. */
export function minorOf(version: string): number | undefined {
  const [, minor] = /^v?1\.(\d{1,3})(?:\D.*)?$/.exec(version) ?? [];
  return minor === undefined ? undefined : Number(minor);
}

/** Works out what rules judge. The stamped manifests stand in the order of the written ones. */
export function factsOf(written: readonly Manifest[], stamped: readonly Manifest[], around: Around): LintFacts {
  return { ...around, manifests: stamped, written, pods: podsIn(stamped) };
}

/** The manifests of a kind, whatever the version of its group. */
export function manifestsOf({ manifests }: Pick<LintFacts, 'manifests'>, group: string, kind: string): Manifest[] {
  return manifests.filter(({ ref }) => ref.kind === kind && groupOf(ref.apiVersion) === group);
}

/** The manifest of an object that another one of the namespace names. */
export function findManifest(
  { manifests }: Pick<LintFacts, 'manifests'>,
  { apiVersion, kind, namespace, name }: ObjectRef,
): Manifest | undefined {
  return manifests.find(
    ({ ref }) =>
      ref.kind === kind &&
      ref.name === name &&
      ref.namespace === namespace &&
      groupOf(ref.apiVersion) === groupOf(apiVersion),
  );
}

/** The metadata of the pods that an object of any kind makes: custom kinds have templates, too. */
export function templateLabels(body: KubernetesObject): unknown {
  if (body.kind === 'Pod') return body.metadata.labels;
  const template = at(body, 'spec', 'template') ?? at(body, 'spec', 'jobTemplate', 'spec', 'template');
  return objectOf(at(template, 'metadata')).labels;
}
