import type { Input } from './input.ts';
import type { KubernetesObject, ObjectRef, Origin } from './object.ts';

/** One Kubernetes object with the file and line that it came from. */
export interface Manifest {
  readonly ref: ObjectRef;
  readonly body: KubernetesObject;
  readonly origin: Origin;
  /** The line of a field by its path (`spec.replicas`, `spec.ports[0].port`), for messages about one field. */
  readonly lineOf: (path: string) => number | undefined;
  /** The inputs that filled a placeholder on a line of its file. */
  readonly inputsOn?: (line: number) => readonly Input[];
  /** All inputs that filled a placeholder in its document. */
  readonly inputs?: readonly Input[];
  /** Whether a field holds a secret, where no file says so: of a manifest from the record of a release. */
  readonly isSecret?: (path: string) => boolean;
}
