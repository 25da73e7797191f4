import { arrayOf, at, isObject, type JsonObject, stringOf } from '../model/json.ts';
import { formatRef, type KubernetesObject, type ObjectRef } from '../model/object.ts';
import { mainContainers } from './pod-template.ts';

interface Share {
  readonly resource: string;
  /** Only this container counts; undefined: all of them. */
  readonly container: string | undefined;
}

/** Why an HPA can't compute a percentage, for each resource. */
export interface RequestFlaw {
  readonly resource: string;
  /** A clause: the HPA is named before it. */
  readonly cause: string;
  readonly fix: string;
}

/** The requests that the percentages of an HPA are shares of, and that pods of these specs don't have. */
export function requestFlaws(
  scaler: KubernetesObject,
  target: ObjectRef,
  specs: readonly JsonObject[],
): readonly RequestFlaw[] {
  return sharesOf(scaler).flatMap((share) => {
    const missing = new Set(specs.flatMap((spec) => withoutRequest(spec, share)));
    if (missing.size === 0) return [];
    const { resource } = share;
    const cause =
      `can't compute the use of ${resource}: in ${formatRef(target)} there is no ${resource} ` +
      `request in the ${missing.size === 1 ? 'container' : 'containers'} ${[...missing].join(', ')}`;
    return [{ resource, cause, fix: `Set resources.requests.${resource} there and deploy: oms-deploy up.` }];
  });
}

function sharesOf(scaler: KubernetesObject): readonly Share[] {
  return arrayOf(at(scaler, 'spec', 'metrics')).flatMap((metric) => {
    const source = at(metric, 'resource') ?? at(metric, 'containerResource');
    const resource = stringOf(at(source, 'name'));
    if (at(source, 'target', 'type') !== 'Utilization' || resource === undefined) return [];
    return [{ resource, container: stringOf(at(source, 'container')) }];
  });
}

function withoutRequest(spec: JsonObject, { resource, container }: Share): readonly string[] {
  // Requests of the pod as a whole stand for those of its containers.
  if (container === undefined && at(spec, 'resources', 'requests', resource) !== undefined) return [];
  const sidecars = arrayOf(spec.initContainers)
    .filter(isObject)
    .filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...sidecars, ...mainContainers(spec)]
    .filter(({ name }) => container === undefined || name === container)
    .filter(({ resources }) => !['requests', 'limits'].some((part) => at(resources, part, resource) !== undefined))
    .map(({ name }) => stringOf(name) ?? '');
}
