import { podSpecPath } from '../manifests/containers.ts';
import { podLabelsOf } from '../manifests/pod-template.ts';
import { arrayOf, at, isObject, type JsonObject, objectOf, stringOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';

/** The pods of a manifest: what they are, and where in it that stands. */
export interface PodPlace {
  readonly manifest: Manifest;
  readonly spec: JsonObject;
  /** `spec.template.spec`. */
  readonly path: string;
  readonly labels: JsonObject;
  readonly containers: readonly ContainerPlace[];
}

/** A container of a pod, and where it stands. */
export interface ContainerPlace {
  readonly container: JsonObject;
  readonly name: string;
  /** `spec.template.spec.containers[0]`. */
  readonly path: string;
  /** It runs for as long as its pod: no init container, but for sidecars. */
  readonly isLasting: boolean;
  readonly isInit: boolean;
}

/** The pods that manifests lead to. */
export function podsIn(manifests: readonly Manifest[]): readonly PodPlace[] {
  return manifests.flatMap((manifest) => {
    const steps = podSpecPath(manifest.body);
    if (steps === undefined) return [];
    const spec = objectOf(at(manifest.body, ...steps));
    const path = steps.join('.');
    return [
      {
        manifest,
        spec,
        path,
        labels: podLabelsOf(manifest.body),
        containers: [...placesIn(spec, 'initContainers', path), ...placesIn(spec, 'containers', path)],
      },
    ];
  });
}

function placesIn(spec: JsonObject, list: 'containers' | 'initContainers', path: string): readonly ContainerPlace[] {
  const isInit = list === 'initContainers';
  return arrayOf(spec[list]).flatMap((container, index) =>
    isObject(container)
      ? [
          {
            container,
            name: stringOf(container.name) ?? '',
            path: `${path}.${list}[${index}]`,
            isLasting: !isInit || container.restartPolicy === 'Always',
            isInit,
          },
        ]
      : [],
  );
}

/** The pods of a namespace that labels select. */
export function podsWith(
  pods: readonly PodPlace[],
  namespace: string | undefined,
  matches: (labels: JsonObject) => boolean,
): readonly PodPlace[] {
  return pods.filter(({ manifest, labels }) => manifest.ref.namespace === namespace && matches(labels));
}

/** A field of the security context: the container's own goes before the pod's. */
export function securityOf({ spec }: PodPlace, { container }: ContainerPlace, field: string): unknown {
  return at(container, 'securityContext', field) ?? at(spec, 'securityContext', field);
}
