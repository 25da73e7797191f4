import { mainContainers, specOfPods } from '../../manifests/pod-template.ts';
import type { Finding } from '../../model/finding.ts';
import { arrayOf, at, stringOf } from '../../model/json.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import { formatBytes, formatCores, parseQuantity, percentOf } from '../../model/quantity.ts';
import { type Check, warningOf } from '../check.ts';
import { type Facts, liveWorkloads } from '../facts.ts';
import { livePods } from './templates.ts';

const nearLimit = 90;
const farAboveRequest = 200;
/** Below it a multiple of the request is noise, in cores. */
const leastCores = 0.1;

/** What containers use, against what they asked for and what they are held to. */
export const usageCheck: Check = {
  id: 'pods/usage',
  summary: 'containers use less CPU and memory than their limits, and about what they request',
  commands: ['doctor'],
  needs: ['PodMetrics', 'Pod'],
  run(facts) {
    const samples = liveWorkloads(facts).flatMap((live) => samplesOf(live, facts));
    const memory = samples.flatMap((sample) => shareOf(sample, 'memory', 'limits') ?? []);
    const most = memory.length === 0 ? '' : `: at most ${Math.max(...memory)} % of a memory limit`;
    return {
      passed: samples.length === 0 ? '' : `containers stay below their limits${most}`,
      findings: rules.flatMap((rule) => judge(samples, rule)),
    };
  },
};

/** What one container of one pod uses. */
interface Sample {
  readonly workload: KubernetesObject;
  readonly pod: string;
  readonly container: string;
  readonly spec: unknown;
  readonly usage: unknown;
}

interface Rule {
  readonly id: string;
  readonly severity: 'warning' | 'info';
  readonly resource: 'cpu' | 'memory';
  readonly bound: 'limits' | 'requests';
  readonly percent: number;
  readonly effect: string;
  readonly fix: string;
}

const rules: readonly Rule[] = [
  {
    id: 'usage/memory-limit',
    severity: 'warning',
    resource: 'memory',
    bound: 'limits',
    percent: nearLimit,
    effect: 'above it the container is killed',
    fix: 'Raise resources.limits.memory and deploy (oms-deploy up), or let the program use less.',
  },
  {
    id: 'usage/cpu-limit',
    severity: 'warning',
    resource: 'cpu',
    bound: 'limits',
    percent: nearLimit,
    effect: 'the kernel slows it down',
    fix: 'Raise resources.limits.cpu or the replicas, and deploy: oms-deploy up.',
  },
  {
    id: 'usage/cpu-request',
    severity: 'info',
    resource: 'cpu',
    bound: 'requests',
    percent: farAboveRequest,
    effect: 'on a busy node it gets no more than the request',
    fix: 'Raise resources.requests.cpu to what it needs, and deploy: oms-deploy up.',
  },
];

function samplesOf(workload: KubernetesObject, facts: Facts): readonly Sample[] {
  return livePods(workload, facts).flatMap((pod) => {
    const { namespace = '', name = '' } = pod.metadata;
    const metrics = facts.world.get({ apiVersion: 'metrics.k8s.io/v1beta1', kind: 'PodMetrics', namespace, name });
    const specs = mainContainers(specOfPods(pod));
    return arrayOf(metrics?.containers).map((entry) => {
      const container = stringOf(at(entry, 'name')) ?? '';
      const spec = specs.find((one) => one.name === container);
      return { workload, pod: name, container, spec, usage: at(entry, 'usage') };
    });
  });
}

/** One finding for a container of a workload, however many of its pods it hits: that of the worst one. */
function judge(samples: readonly Sample[], rule: Rule): readonly Finding[] {
  const { resource, bound, effect } = rule;
  const over = samples
    .map((sample) => ({ sample, share: shareOf(sample, resource, bound) ?? 0 }))
    .filter(({ sample, share }) => isOver(share, rule) && used(sample, resource) >= leastOf(rule))
    .sort((a, b) => b.share - a.share);
  const groups = new Map<string, typeof over>();
  for (const one of over) {
    const key = `${one.sample.workload.metadata.uid ?? ''} ${one.sample.container}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((group) => {
    const [worst] = group;
    if (worst === undefined) return [];
    const { workload, container } = worst.sample;
    const what = `${resource === 'cpu' ? 'CPU' : 'memory'} ${bound.slice(0, -1)}`;
    const cause = `uses ${worst.share} % of its ${what} in container ${container}: ${effect}`;
    const evidence = group.slice(0, 3).map(({ sample }) => figures(sample, rule));
    return [{ ...warningOf(rule.id, refOf(workload), cause, rule.fix, evidence), severity: rule.severity }];
  });
}

/** A limit is warned of at once when it is near; a request only where it is passed. */
function isOver(share: number, { bound, percent }: Rule): boolean {
  return bound === 'limits' ? share >= percent : share > percent;
}

function leastOf({ bound }: Rule): number {
  return bound === 'requests' ? leastCores : 0;
}

function used({ usage }: Sample, resource: Rule['resource']): number {
  return parseQuantity(at(usage, resource)) ?? 0;
}

function boundOf({ spec }: Sample, resource: Rule['resource'], bound: Rule['bound']): number | undefined {
  return parseQuantity(at(spec, 'resources', bound, resource));
}

function shareOf(sample: Sample, resource: Rule['resource'], bound: Rule['bound']): number | undefined {
  return percentOf(used(sample, resource), boundOf(sample, resource, bound));
}

function figures(sample: Sample, { resource, bound }: Rule): string {
  const format = resource === 'cpu' ? formatCores : formatBytes;
  const limit = format(boundOf(sample, resource, bound) ?? 0);
  return `pod ${sample.pod}: ${format(used(sample, resource))} of ${limit}`;
}
