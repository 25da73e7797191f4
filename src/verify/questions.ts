import { podsOf } from '../kinds/index.ts';
import { containersOf } from '../kinds/pods/containers.ts';
import { isAlive } from '../kinds/pods/index.ts';
import { isTrue } from '../kinds/replicas.ts';
import { selectedPods } from '../kinds/service.ts';
import { arrayOf, at, isObject, type Json, objectOf, stringOf } from '../model/json.ts';
import { type KubernetesObject, type ObjectRef, refOf } from '../model/object.ts';
import type { World } from '../model/world.ts';

/** The annotation of a Service with the path at which a WebSocket opens. */
const websocketAnnotation = 'oms-deploy.io/websocket';

/** Something to ask one pod, as its manifests define it. */
export interface Question {
  readonly workload: ObjectRef;
  readonly pod: ObjectRef;
  /** Whether the pod is ready. Of one that isn't, only containers that run are asked, and only what their probes ask. */
  readonly ready: boolean;
  readonly kind: 'http' | 'websocket';
  readonly port: number;
  readonly path: string;
  readonly scheme: 'http' | 'https';
}

/** Of a workload with many pods these are enough to tell. */
const podsAsked = 5;

/** The HTTP probes of the live workloads' containers, and the WebSocket paths of their Services and Ingresses. */
export function questionsOf(
  workloads: readonly KubernetesObject[],
  services: readonly KubernetesObject[],
  ingresses: readonly KubernetesObject[],
  world: World,
): readonly Question[] {
  const selected = services.map((service) => ({ service, pods: new Set(selectedPods(service, world)) }));
  return workloads.flatMap((workload) => {
    const ready = readyPods(workload, world).slice(0, podsAsked);
    const unready = unreadyPods(workload, world).slice(0, podsAsked);
    return [
      ...ready.flatMap((pod) => probeQuestions(workload, pod, true)),
      ...unready.flatMap((pod) => probeQuestions(workload, pod, false)),
      ...ready.flatMap((pod) =>
        selected
          .filter((one) => one.pods.has(pod))
          .flatMap(({ service }) => websocketQuestions(workload, pod, service, ingresses)),
      ),
    ];
  });
}

/** The pods of a workload's newest revision that are ready. */
export function readyPods(workload: KubernetesObject, world: World): readonly KubernetesObject[] {
  return podsOf(workload, world).filter((pod) => isAlive(pod) && isTrue(pod, 'Ready'));
}

function unreadyPods(workload: KubernetesObject, world: World): readonly KubernetesObject[] {
  return podsOf(workload, world).filter((pod) => isAlive(pod) && !isTrue(pod, 'Ready'));
}

function probeQuestions(workload: KubernetesObject, pod: KubernetesObject, ready: boolean): readonly Question[] {
  const running = containersOf(pod).filter(({ runningSinceMs }) => runningSinceMs !== undefined);
  const names = new Set(running.map(({ name }) => name));
  const asked = arrayOf(at(pod, 'spec', 'containers'))
    .filter(isObject)
    .filter(({ name }) => ready || names.has(stringOf(name) ?? ''))
    .flatMap((container) =>
      [container.livenessProbe, container.readinessProbe, container.startupProbe].flatMap((probe) => {
        const http = at(probe, 'httpGet');
        if (!isObject(http)) return [];
        const port = portNumber(http.port, pod);
        const scheme: Question['scheme'] = http.scheme === 'HTTPS' ? 'https' : 'http';
        return port === undefined ? [] : [{ port, path: stringOf(http.path) ?? '/', scheme }];
      }),
    );
  const distinct = new Map(asked.map((question) => [`${question.port}${question.path}`, question]));
  return [...distinct.values()].map((question) => ({
    workload: refOf(workload),
    pod: refOf(pod),
    ready,
    kind: 'http',
    ...question,
  }));
}

function websocketQuestions(
  workload: KubernetesObject,
  pod: KubernetesObject,
  service: KubernetesObject,
  ingresses: readonly KubernetesObject[],
): readonly Question[] {
  const paths = websocketPaths(service, ingresses);
  const [first] = arrayOf(at(service, 'spec', 'ports'));
  const port = portNumber(objectOf(first).targetPort ?? objectOf(first).port, pod);
  if (port === undefined) return [];
  return paths.map((path) => ({
    workload: refOf(workload),
    pod: refOf(pod),
    ready: true,
    kind: 'websocket',
    port,
    path,
    scheme: 'http',
  }));
}

/** The paths at which a Service says, or an Ingress shows, that a WebSocket opens. */
export function websocketPaths(service: KubernetesObject, ingresses: readonly KubernetesObject[]): readonly string[] {
  const own = service.metadata.annotations?.[websocketAnnotation];
  const shown = ingresses.flatMap((one) => socketPaths(one, service));
  return [...new Set([...(own === undefined ? [] : [own]), ...shown])];
}

/** By custom, what an Ingress sends to a Service below /ws is a WebSocket. */
function socketPaths(ingress: KubernetesObject, service: KubernetesObject): readonly string[] {
  const paths = arrayOf(at(ingress, 'spec', 'rules')).flatMap((rule) => arrayOf(at(rule, 'http', 'paths')));
  return paths.flatMap((entry) => {
    const path = stringOf(at(entry, 'path')) ?? '';
    const isOurs = at(entry, 'backend', 'service', 'name') === service.metadata.name;
    return isOurs && /^\/ws(\/|$)/.test(path) ? [path] : [];
  });
}

/** The number of a port that may be given by its name. */
function portNumber(port: Json | undefined, pod: KubernetesObject): number | undefined {
  if (typeof port === 'number') return port;
  const named = arrayOf(at(pod, 'spec', 'containers'))
    .flatMap((container) => arrayOf(objectOf(container).ports))
    .map(objectOf)
    .find(({ name }) => name === port);
  return typeof named?.containerPort === 'number' ? named.containerPort : undefined;
}
