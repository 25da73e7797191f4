import { arrayOf, at, type Json, type JsonObject, numberOf, objectOf, stringOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { declaredPorts, distinct, type PodPort, podPortsOf, protocolOf } from '../network/calls.ts';

/** Which port of its pods a Service's monitor has asked; all null: whichever it leads to. */
export interface ServicePort {
  /** The name of a port of the Service. */
  readonly port: string | null;
  /** The name or number of a port that the pods declare. */
  readonly targetPort: string | number | null;
}

/** The same for the monitor of pods. */
export interface PodsPort {
  /** The name of a port that the pods declare. */
  readonly port: string | null;
  readonly portNumber: number | null;
}

const metricsNames: ReadonlySet<Json | undefined> = new Set(['metrics', 'http-metrics']);

function isMetrics({ name }: JsonObject): boolean {
  return metricsNames.has(name);
}

/** Whether a Service has a port for metrics. */
export function hasMetricsPort(service: Manifest): boolean {
  return tcpPortsOf(service).some(isMetrics);
}

/** Whether pods declare one. */
export function declaresMetrics(workload: Manifest): boolean {
  return declaredTcp(workload).some(isMetrics);
}

/** By the annotation `prometheus.io/port`, which means a port of the pods, else one for metrics, else the first. */
export function servicePort(
  service: Manifest,
  workloads: readonly Manifest[],
  wanted: number | undefined,
): ServicePort {
  const ports = tcpPortsOf(service);
  const declared = workloads.flatMap(declaredTcp);
  if (wanted !== undefined) {
    const leading = ports.find((one) => leadsTo(service, one, workloads).some(({ port }) => port === wanted));
    return leading === undefined ? { port: null, targetPort: wanted } : asServicePort(leading, declared);
  }
  const named = ports.find(isMetrics);
  if (named !== undefined) return asServicePort(named, declared);
  const ofPods = declared.find(isMetrics);
  if (ofPods !== undefined) return { port: null, targetPort: stringOf(ofPods.name) ?? null };
  return asServicePort(ports[0] ?? {}, declared);
}

/** The same of pods without a Service. Where they declare no port, one of the name that it should have. */
export function podsPort(workload: Manifest, wanted: number | undefined): PodsPort {
  if (wanted !== undefined) return { port: null, portNumber: wanted };
  const declared = declaredTcp(workload);
  const found = declared.find(isMetrics) ?? declared[0];
  if (found === undefined) return { port: 'metrics', portNumber: null };
  const name = stringOf(found.name) ?? null;
  return { port: name, portNumber: name === null ? numberOf(found.containerPort, 0) : null };
}

/** The ports of a workload's pods that are asked through a Service, as NetworkPolicies name them. */
export function askedThrough(
  service: Manifest,
  { port, targetPort }: ServicePort,
  workload: Manifest,
): readonly PodPort[] {
  if (targetPort !== null) return declaredAs(workload, targetPort);
  const meant = tcpPortsOf(service).filter(({ name }) => port === null || name === port);
  return distinct(meant.flatMap((one) => leadsTo(service, one, [workload])));
}

/** The same of pods that are asked themselves. */
export function askedOf({ port, portNumber }: PodsPort, workload: Manifest): readonly PodPort[] {
  return declaredAs(workload, port ?? portNumber ?? 0);
}

/** The operator finds a port that pods declare alone, by its name or its number. */
function declaredAs(workload: Manifest, wanted: string | number): readonly PodPort[] {
  const found = declaredTcp(workload).filter(({ name, containerPort }) => name === wanted || containerPort === wanted);
  return distinct(found.map(({ containerPort }) => ({ protocol: 'TCP', port: numberOf(containerPort, 0) })));
}

/** A port of a Service without a name is called by what it leads to, where the pods declare that. */
function asServicePort({ name, port, targetPort = port }: JsonObject, declared: readonly JsonObject[]): ServicePort {
  const called = stringOf(name);
  if (called !== undefined) return { port: called, targetPort: null };
  const found = declared.find((one) => one.name === targetPort || one.containerPort === targetPort);
  const isTarget = found !== undefined && (typeof targetPort === 'string' || typeof targetPort === 'number');
  return { port: null, targetPort: isTarget ? targetPort : null };
}

/** The ports of a Service by which HTTP can be asked. */
export function tcpPortsOf({ body }: Manifest): readonly JsonObject[] {
  return arrayOf(at(body, 'spec', 'ports'))
    .map(objectOf)
    .filter(isTcp);
}

function declaredTcp(workload: Manifest): readonly JsonObject[] {
  return declaredPorts(workload).filter(isTcp);
}

function isTcp(port: JsonObject | PodPort): boolean {
  return protocolOf(port) === 'TCP';
}

/** The ports of pods that a port of a Service leads to. */
function leadsTo(service: Manifest, { port }: JsonObject, workloads: readonly Manifest[]): readonly PodPort[] {
  return podPortsOf(service, workloads, [numberOf(port, 0)]).filter(isTcp);
}
