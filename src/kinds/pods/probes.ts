import { formatSpan } from '../../model/age.ts';
import { arrayOf, at, isObject, type JsonObject, numberOf, objectOf, stringOf, textOf } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { eventCount, eventTimeMs, type World } from '../../model/world.ts';
import { type Container, keyOf, logRefOf, placeOf, quote } from './containers.ts';
import type { Signal } from './signal.ts';

/**
 * A container that runs and isn't ready, once its probe has had the time that it asks for. Never certain: a program that
 * waits for a dependency gets ready by itself; at the end of the wait it is what the deploy waited for.
 */
export function probeSignals(container: Container, world: World): readonly Signal[] {
  const { ready, runningSinceMs } = container;
  if (ready || runningSinceMs === undefined) return [];
  const probe = probeOf(container);
  if (probe === undefined || world.nowMs - runningSinceMs < windowMs(container)) return [];
  const event = lastUnhealthy(container, runningSinceMs, world);
  const said = /^(\w+) probe failed: (.*)/s.exec(stringOf(event?.message) ?? '');
  const name = said?.[1]?.toLowerCase() ?? probe.name;
  const answer = said?.[2] === undefined ? '' : `: ${quote(said[2])}`;
  const age =
    event === undefined ? '' : ` (x${eventCount(event)}, ${formatSpan(world.nowMs - eventTimeMs(event))} ago)`;
  return [
    {
      key: keyOf(container, 'probe'),
      occurrence: '',
      rule: {},
      problem: {
        id: 'pod/not-ready',
        cause: `its ${name} probe (${questionOf(probe.spec)}) fails${answer}`,
        fix: `See what the program says: oms-deploy logs. Check path, port and time limits of the ${name}Probe.`,
        evidence: [
          `${placeOf(container)}: runs for ${formatSpan(world.nowMs - runningSinceMs)} and is not ready` +
            (event === undefined ? '' : `; Unhealthy${age}: ${quote(stringOf(event.message) ?? '')}`),
        ],
        container: logRefOf(container),
        about: { container: container.name, field: `${name}Probe` },
      },
    },
  ];
}

/** What a pod itself waits for although its containers are ready: a load balancer's readiness gate. */
export function gateSignals(pod: KubernetesObject): readonly Signal[] {
  const conditions = arrayOf(at(pod, 'status', 'conditions')).filter(isObject);
  const isTrue = (type: string): boolean => conditions.some((entry) => entry.type === type && entry.status === 'True');
  if (!isTrue('ContainersReady')) return [];
  return arrayOf(at(pod, 'spec', 'readinessGates')).flatMap((gate) => {
    const type = stringOf(objectOf(gate).conditionType) ?? '';
    if (isTrue(type)) return [];
    const condition = conditions.find((entry) => entry.type === type);
    const message = condition === undefined ? 'not set yet' : quote(stringOf(condition.message) ?? '');
    return [
      {
        key: `${pod.metadata.uid ?? ''}/gate/${type}`,
        occurrence: '',
        rule: {},
        problem: {
          id: 'pod/readiness-gate',
          cause: `its readiness gate ${type} is not met: ${message}`,
          fix: 'Look at the controller that sets it (the AWS Load Balancer Controller for target-health gates).',
          evidence: [`pod ${pod.metadata.name ?? ''}: containers ready, readiness gate ${type} not met`],
        },
      },
    ];
  });
}

interface Probe {
  readonly name: 'startup' | 'readiness';
  readonly spec: JsonObject;
}

/** The probe that is asked now: the startup probe until it has succeeded, the readiness probe then. */
export function probeOf(container: Container): Probe | undefined {
  const { spec, pod, name, kind } = container;
  if (kind !== 'container') return undefined;
  const status = arrayOf(at(pod, 'status', 'containerStatuses')).find((entry) => objectOf(entry).name === name);
  const hasStarted = objectOf(status).started === true;
  if (!hasStarted && isObject(spec.startupProbe)) return { name: 'startup', spec: spec.startupProbe };
  if (isObject(spec.readinessProbe)) return { name: 'readiness', spec: spec.readinessProbe };
  return undefined;
}

/** The time in which a probe may fail: before it is over, failing is no news. The defaults are the API's. */
function windowMs({ spec }: Container): number {
  const window = (probe: JsonObject): number =>
    numberOf(probe.initialDelaySeconds, 0) + numberOf(probe.periodSeconds, 10) * numberOf(probe.failureThreshold, 3);
  const probes = [spec.startupProbe, spec.readinessProbe].filter(isObject);
  return probes.reduce((sum, probe) => sum + window(probe), 0) * 1000;
}

/** What a probe asks: `GET /ready on port 80`. */
export function questionOf(probe: JsonObject): string {
  const http = probe.httpGet;
  if (isObject(http)) return `GET ${stringOf(http.path) ?? '/'} on port ${textOf(http.port)}`;
  if (isObject(probe.tcpSocket)) return `TCP port ${textOf(probe.tcpSocket.port)}`;
  if (isObject(probe.grpc)) return `gRPC port ${textOf(probe.grpc.port)}`;
  const command = arrayOf(at(probe, 'exec', 'command')).map(textOf);
  return quote(`the command ${command.join(' ')}`);
}

function lastUnhealthy(container: Container, sinceMs: number, world: World): KubernetesObject | undefined {
  const field = `{${container.name}}`;
  return world.eventsOf(container.pod.metadata.uid ?? '').findLast((event) => {
    const path = stringOf(at(event, 'involvedObject', 'fieldPath')) ?? field;
    return event.reason === 'Unhealthy' && path.endsWith(field) && eventTimeMs(event) >= sinceMs - 1000;
  });
}
