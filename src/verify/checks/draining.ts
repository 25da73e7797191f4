import { selects } from '../../kinds/service.ts';
import { podLabelsOf } from '../../manifests/pod-template.ts';
import type { Finding } from '../../model/finding.ts';
import { arrayOf, at, type JsonObject, numberOf, stringOf, textOf } from '../../model/json.ts';
import { formatRef, type KubernetesObject, refOf } from '../../model/object.ts';
import { type Check, warningOf } from '../check.ts';
import { type Facts, liveOf, liveWorkloads } from '../facts.ts';
import { backendsOf } from './ingress-backends.ts';
import { mainContainers, podSpecOf } from './templates.ts';

const targetType = 'alb.ingress.kubernetes.io/target-type';
const why = 'requests of the load balancer get 502 or 504 during deploys';

/**
 * The load balancer sends requests to pods themselves, and for some seconds also to those that are ending: they must go
 * on until it knows (aws-load-balancer-controller#1719).
 */
export const drainingCheck: Check = {
  id: 'ingress/draining',
  summary: 'pods behind a load balancer serve on until it has let go of them',
  commands: ['doctor'],
  needs: ['Ingress', 'Service'],
  run(facts) {
    const served = servedBy(facts);
    return {
      passed: served.length === 0 ? '' : 'pods behind load balancers wait before they end',
      findings: served.flatMap((one) => judge(one)),
    };
  },
};

interface Served {
  readonly ingress: KubernetesObject;
  readonly workload: KubernetesObject;
  readonly container: JsonObject;
}

/** The containers that a load balancer reaches by pod address, each once. */
function servedBy(facts: Facts): readonly Served[] {
  const served = liveOf(facts, 'Ingress').flatMap((ingress) =>
    backendsOf(ingress).flatMap(({ service: name, port }) => {
      const { namespace = '' } = ingress.metadata;
      const service = facts.world.get({ apiVersion: 'v1', kind: 'Service', namespace, name });
      if (service === undefined || !reachesPods(ingress, service)) return [];
      return liveWorkloads(facts)
        .filter((workload) => workload.metadata.namespace === namespace && selects(service, podLabelsOf(workload)))
        .flatMap((workload) => {
          const container = servingContainer(podSpecOf(workload), service, port);
          return container === undefined ? [] : [{ ingress, workload, container }];
        });
    }),
  );
  return [
    ...new Map(served.map((one) => [`${formatRef(refOf(one.workload))} ${textOf(one.container.name)}`, one])).values(),
  ];
}

/** The Service's own annotation goes before that of the Ingress. */
function reachesPods(ingress: KubernetesObject, service: KubernetesObject): boolean {
  return (service.metadata.annotations?.[targetType] ?? ingress.metadata.annotations?.[targetType]) === 'ip';
}

/** The container with the port that the Service leads to; the first one where none names it. */
function servingContainer(spec: JsonObject, service: KubernetesObject, port: string): JsonObject | undefined {
  const entry = arrayOf(at(service, 'spec', 'ports')).find((one) =>
    [at(one, 'name'), at(one, 'port')].some((value) => textOf(value) === port),
  );
  const target = at(entry, 'targetPort') ?? at(entry, 'port');
  const containers = mainContainers(spec);
  return (
    containers.find(({ ports }) =>
      arrayOf(ports).some((one) => [at(one, 'name'), at(one, 'containerPort')].some((value) => value === target)),
    ) ?? containers[0]
  );
}

function judge({ ingress, workload, container }: Served): readonly Finding[] {
  const ref = refOf(workload);
  const evidence = [`${formatRef(refOf(ingress))} has ${targetType}: ip`];
  const preStop = at(container, 'lifecycle', 'preStop');
  const name = textOf(container.name);
  if (preStop === undefined) {
    const cause = `ends at once when a pod is replaced: container ${name} has no preStop sleep, so ${why}`;
    const fix = 'Add lifecycle.preStop.sleep.seconds: 20 and terminationGracePeriodSeconds: 60, then oms-deploy up.';
    return [warningOf('ingress/draining', ref, cause, fix, evidence)];
  }
  const seconds = sleepSeconds(preStop);
  const grace = numberOf(podSpecOf(workload).terminationGracePeriodSeconds, 30);
  if (seconds === undefined || grace > seconds) return [];
  const cause =
    `is killed while its preStop hook still waits: container ${name} sleeps for ${seconds} s, ` +
    `terminationGracePeriodSeconds is ${grace}, so ${why}`;
  const fix = `Raise terminationGracePeriodSeconds above ${seconds} s and the time that the program needs to end.`;
  return [warningOf('ingress/draining', ref, cause, fix, evidence)];
}

/** How long a preStop hook sleeps; undefined for one that does something else. */
function sleepSeconds(preStop: unknown): number | undefined {
  const native = at(preStop, 'sleep', 'seconds');
  if (typeof native === 'number') return native;
  const command = arrayOf(at(preStop, 'exec', 'command')).map((part) => stringOf(part) ?? '');
  const [, seconds] = /\bsleep\s+(\d+)\b/.exec(command.join(' ')) ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}
