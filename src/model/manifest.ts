import type { Input } from './input.ts';
import { type KubernetesObject, type ObjectRef, type Origin, refKey } from './object.ts';

/** A scalar of a manifest that inputs have filled. */
export interface Filling {
  /** From the root of its object. */
  readonly path: readonly string[];
  readonly origin: Origin;
  /** As it stands in the file: `http://<HOST>:80`. */
  readonly written: string;
  readonly inputs: readonly Input[];
}

/** One Kubernetes object with the file and line that it came from. */
export interface Manifest {
  readonly ref: ObjectRef;
  readonly body: KubernetesObject;
  readonly origin: Origin;
  /** The line of a field by its path (`spec.replicas`, `spec.ports[0].port`), for messages about one field. */
  readonly lineOf: (path: string) => number | undefined;
  /** Where the configuration's override says a field, if it does. */
  readonly overrideOf?: (path: string) => Origin | undefined;
  /** The scalars that inputs have filled. */
  readonly fillings?: readonly Filling[];
  /** The add-on that it belongs to. */
  readonly addon?: string;
  /** Of an add-on, where inputs are still open: one of them says whether it is made at all. */
  readonly isTentative?: boolean;
  /**
   * The Secret that an operator makes of it, with the values that this run knows: pods restart when they change. It is
   * never applied, shown or recorded.
   */
  readonly makes?: KubernetesObject;
  /** Whether a field holds a secret, where no file says so: of a manifest from the record of a release. */
  readonly isSecret?: (path: string) => boolean;
}

/** The place of a field: what overrides it, its own line where that is known, else the object's. */
export function originOf({ origin, lineOf, overrideOf }: Manifest, path: string): Origin {
  return overrideOf?.(path) ?? { file: origin.file, line: lineOf(path) ?? origin.line };
}

/** The manifest of an object, in whatever version; undefined where there is none. */
export function manifestFor(manifests: readonly Manifest[], wanted: ObjectRef): Manifest | undefined {
  return manifests.find(({ ref }) => refKey(ref) === refKey(wanted));
}

/** The inputs that filled something at a place. */
export function inputsAt({ fillings = [] }: Manifest, { file, line }: Origin): readonly Input[] {
  return fillings.filter(({ origin }) => origin.file === file && origin.line === line).flatMap(({ inputs }) => inputs);
}
