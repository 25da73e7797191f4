import { arrayOf, at, isObject, type JsonObject, objectOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { parseQuantity } from '../model/quantity.ts';

/** What one pod counts for a ResourceQuota. Units as in quantities: cores, bytes, things. */
export interface PodNeed {
  readonly requests: Amounts;
  readonly limits: Amounts;
  /** The containers, for what a quota wants each of them to say. */
  readonly containers: readonly ContainerNeed[];
}

interface ContainerNeed {
  readonly name: string;
  readonly requests: Amounts;
  readonly limits: Amounts;
}

type Amounts = ReadonlyMap<string, number>;

/**
 * What the pods of a spec request and are limited to, once the API server and the LimitRanges of the namespace have
 * completed them: a limit alone is the request, too; then the defaults of LimitRanges fill what is left. Init containers
 * run one after the other, beside the sidecars that began before them (k8s.io/component-helpers, resource.PodRequests).
 */
export function podNeed(spec: JsonObject, limitRanges: readonly KubernetesObject[]): PodNeed {
  const complete = (container: JsonObject): ContainerNeed => completed(container, limitRanges);
  const main = arrayOf(spec.containers).filter(isObject).map(complete);
  const inits = arrayOf(spec.initContainers).filter(isObject);
  const total = (part: 'requests' | 'limits'): Amounts => {
    let sidecars: Amounts = new Map();
    let peak: Amounts = new Map();
    for (const init of inits) {
      const own = complete(init)[part];
      if (init.restartPolicy === 'Always') sidecars = sum(sidecars, own);
      peak = most(peak, init.restartPolicy === 'Always' ? sidecars : sum(sidecars, own));
    }
    const running = main.reduce((all, one) => sum(all, one[part]), sidecars);
    // Resources of the pod as a whole stand for those of its containers.
    const whole = new Map([...most(peak, running), ...amounts(at(spec, 'resources', part))]);
    return sum(whole, amounts(spec.overhead));
  };
  return { requests: total('requests'), limits: total('limits'), containers: [...main, ...inits.map(complete)] };
}

function completed(container: JsonObject, limitRanges: readonly KubernetesObject[]): ContainerNeed {
  const rules = limitRanges
    .flatMap((range) => arrayOf(at(range, 'spec', 'limits')))
    .filter((rule) => at(rule, 'type') === 'Container');
  // The first LimitRange that has a default for something gives it.
  const defaults = (key: string): Amounts => new Map(rules.toReversed().flatMap((rule) => [...amounts(at(rule, key))]));
  const limits = amounts(at(container, 'resources', 'limits'));
  const requests = new Map([...limits, ...amounts(at(container, 'resources', 'requests'))]);
  return {
    name: typeof container.name === 'string' ? container.name : '',
    limits: new Map([...defaults('default'), ...limits]),
    requests: new Map([...defaults('defaultRequest'), ...requests]),
  };
}

function amounts(value: unknown): Amounts {
  return new Map(
    Object.entries(objectOf(value)).flatMap(([name, text]) => {
      const amount = parseQuantity(text);
      return amount === undefined ? [] : [[name, amount] as const];
    }),
  );
}

function sum(a: Amounts, b: Amounts): Amounts {
  return new Map([...a, ...b].map(([name]) => [name, (a.get(name) ?? 0) + (b.get(name) ?? 0)]));
}

function most(a: Amounts, b: Amounts): Amounts {
  return new Map([...a, ...b].map(([name]) => [name, Math.max(a.get(name) ?? 0, b.get(name) ?? 0)]));
}

/** What one pod counts for an entry of a quota such as `requests.cpu` or `pods`; undefined for what isn't about pods. */
export function needFor(entry: string, pod: PodNeed): number | undefined {
  if (entry === 'pods' || entry === 'count/pods') return 1;
  const found = resourceOf(entry);
  return found === undefined ? undefined : (pod[found.part].get(found.resource) ?? 0);
}

/** The containers that a quota refuses for not saying what it counts (core.podEvaluator: CPU and memory alone). */
export function silentContainers(entry: string, pod: PodNeed): readonly string[] {
  const found = resourceOf(entry);
  if (found === undefined || !['cpu', 'memory'].includes(found.resource)) return [];
  return pod.containers.filter((one) => !one[found.part].has(found.resource)).map(({ name }) => name);
}

function resourceOf(entry: string): { readonly part: 'requests' | 'limits'; readonly resource: string } | undefined {
  if (['cpu', 'memory', 'ephemeral-storage'].includes(entry)) return { part: 'requests', resource: entry };
  const [, part, resource] = /^(requests|limits)\.(.+)$/.exec(entry) ?? [];
  if (resource === undefined || resource === 'storage') return undefined;
  return { part: part === 'limits' ? 'limits' : 'requests', resource };
}
