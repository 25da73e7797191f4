import { arrayOf, at, type Json, type JsonObject, numberOf, stringOf, textOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { mainContainers } from './pod-template.ts';

export const targetType = 'alb.ingress.kubernetes.io/target-type';
const why = 'requests of the load balancer get 502 or 504 during deploys';

/** The Service's own annotation goes before that of the Ingress. */
export function reachesPods(ingress: KubernetesObject, service: KubernetesObject): boolean {
  return (service.metadata.annotations?.[targetType] ?? ingress.metadata.annotations?.[targetType]) === 'ip';
}

/** The port of the pods that a port of their Service leads to: a number, or a name. */
export function targetPortOf(service: KubernetesObject, port: string): Json | undefined {
  const entry = arrayOf(at(service, 'spec', 'ports')).find((one) =>
    [at(one, 'name'), at(one, 'port')].some((value) => textOf(value) === port),
  );
  return at(entry, 'targetPort') ?? at(entry, 'port');
}

/** The container with the port that the Service leads to; the first one where none names it. */
export function servingContainer(spec: JsonObject, service: KubernetesObject, port: string): JsonObject | undefined {
  const target = targetPortOf(service, port);
  const containers = mainContainers(spec);
  return (
    containers.find(({ ports }) =>
      arrayOf(ports).some((one) => [at(one, 'name'), at(one, 'containerPort')].some((value) => value === target)),
    ) ?? containers[0]
  );
}

/** What is wrong with how pods behind a load balancer end. */
export interface DrainingFlaw {
  /** A clause: the workload is named before it. */
  readonly cause: string;
  readonly fix: string;
  /** Below the container, or below its pod's spec. */
  readonly field: 'lifecycle' | 'terminationGracePeriodSeconds';
}

/** Whether a container behind a load balancer ends before that has let go of it. */
export function drainingFlaw(container: JsonObject, spec: JsonObject): DrainingFlaw | undefined {
  const preStop = at(container, 'lifecycle', 'preStop');
  const name = textOf(container.name);
  if (preStop === undefined) {
    return {
      cause: `ends at once when a pod is replaced: container ${name} has no preStop sleep, so ${why}`,
      fix: 'Add lifecycle.preStop.sleep.seconds: 20 and terminationGracePeriodSeconds: 60, then oms-deploy up.',
      field: 'lifecycle',
    };
  }
  const flaw = graceFlaw(container, spec);
  return flaw === undefined ? undefined : { ...flaw, cause: `${flaw.cause}, so ${why}` };
}

/** Whether a container's preStop hook sleeps for all the time that its pod has to end. */
export function graceFlaw(container: JsonObject, spec: JsonObject): DrainingFlaw | undefined {
  const seconds = sleepSeconds(at(container, 'lifecycle', 'preStop'));
  const given = spec.terminationGracePeriodSeconds ?? 30;
  const grace = numberOf(given, Number.POSITIVE_INFINITY);
  if (seconds === undefined || grace > seconds) return undefined;
  const cause =
    `is killed while its preStop hook still waits: container ${textOf(container.name)} sleeps for ${seconds} s, ` +
    `terminationGracePeriodSeconds is ${grace}`;
  const fix = `Raise terminationGracePeriodSeconds above ${seconds} s and the time that the program needs to end.`;
  return { cause, fix, field: 'terminationGracePeriodSeconds' };
}

/** How long a preStop hook sleeps; undefined for one that does something else. */
function sleepSeconds(preStop: unknown): number | undefined {
  const native = at(preStop, 'sleep', 'seconds');
  if (typeof native === 'number') return native;
  const command = arrayOf(at(preStop, 'exec', 'command')).map((part) => stringOf(part) ?? '');
  const [, seconds] = /\bsleep\s+(\d+)\b/.exec(command.join(' ')) ?? [];
  return seconds === undefined ? undefined : Number(seconds);
}
