import type { Finding } from '../../model/finding.ts';
import { arrayOf, at, isObject, type JsonObject, objectOf, stringOf } from '../../model/json.ts';
import { formatRef, type KubernetesObject, refOf } from '../../model/object.ts';
import { type Check, problemOf } from '../check.ts';
import { type Facts, liveOf } from '../facts.ts';
import { targetOf } from './hpa-selector.ts';
import { livePods, mainContainers, podSpecOf } from './templates.ts';

/** Utilization is a share of the request: one container without it, and the HPA has no figure at all. */
export const hpaRequestsCheck: Check = {
  id: 'hpa/requests',
  summary: 'containers have the requests that HPAs take their percentages of',
  commands: ['doctor'],
  needs: ['HorizontalPodAutoscaler', 'Pod'],
  run(facts) {
    const scalers = liveOf(facts, 'HorizontalPodAutoscaler');
    return {
      passed: scalers.length === 0 ? '' : 'every HPA finds the requests it computes with',
      findings: scalers.flatMap((scaler) => judge(scaler, facts)),
    };
  },
};

interface Share {
  readonly resource: string;
  /** Only this container counts; undefined: all of them. */
  readonly container: string | undefined;
}

function judge(scaler: KubernetesObject, facts: Facts): readonly Finding[] {
  const target = targetOf(scaler, facts.world);
  if (target === undefined) return [];
  // LimitRanges and webhooks complete pods, not templates: only without a pod the template is all there is.
  const pods = livePods(target, facts).map(({ spec }) => objectOf(spec));
  const specs = pods.length > 0 ? pods : [podSpecOf(target)];
  return sharesOf(scaler).flatMap((share) => {
    const missing = new Set(specs.flatMap((spec) => withoutRequest(spec, share)));
    if (missing.size === 0) return [];
    const names = [...missing].join(', ');
    const cause =
      `can't compute the use of ${share.resource}: in ${formatRef(refOf(target))} there is no ${share.resource} ` +
      `request in the ${missing.size === 1 ? 'container' : 'containers'} ${names}`;
    const fix = `Set resources.requests.${share.resource} there and deploy: oms-deploy up.`;
    return [problemOf('hpa/requests', refOf(scaler), cause, fix)];
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
