import { selects } from '../../kinds/service.ts';
import { arrayOf, at, type Json, type JsonObject, numberOf, objectOf, stringOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { mainContainers, podLabelsOf, specOfPods } from '../pod-template.ts';
import type { TextRead } from './texts-read.ts';

/** A port of pods, as NetworkPolicies name it. */
export type PodPort = { readonly protocol: string; readonly port: number };

/** A Service that texts name, and the ports of its pods that are meant. */
export interface Call {
  readonly service: Manifest;
  readonly ports: readonly PodPort[];
}

/**
 * The Services of a namespace that texts name as hosts: `http://risk-engine`, `risk-engine:80`,
 * `risk-engine.shop.svc.cluster.local`. A word that stands alone in a longer text is no host.
 */
export function callsIn(
  texts: readonly TextRead[],
  services: readonly Manifest[],
  workloads: readonly Manifest[],
): readonly Call[] {
  return services.flatMap((service) => {
    const { name, namespace = '' } = service.ref;
    const host = `${escaped(name)}(?:\\.${escaped(namespace)}(?:\\.svc(?:\\.[a-z0-9.-]+?)?)?)?`;
    const found = texts.flatMap(({ text }) => [
      ...text.matchAll(new RegExp(`([a-z][a-z0-9+.-]*)://(?:[^/@\\s]*@)?${host}(?::(\\d+))?(?=[/?#\\s"',;]|$)`, 'g')),
      ...text.matchAll(new RegExp(`(?:^|[,;=\\s])()${host}:(\\d+)(?=[/,;\\s]|$)`, 'g')),
      ...text.matchAll(new RegExp(`^()${host}()$`, 'g')),
    ]);
    if (found.length === 0) return [];
    const asked = found.map(([, scheme = '', port = '']) => (port === '' ? usualPorts[scheme] : Number(port)));
    const ports = podPortsOf(service, workloads, asked.includes(undefined) ? undefined : asked);
    return ports.length === 0 ? [] : [{ service, ports }];
  });
}

const usualPorts: Readonly<Record<string, number>> = { http: 80, ws: 80, https: 443, wss: 443, grpc: 80 };

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\-]/g, String.raw`\$&`);
}

/** The ports of the pods behind a Service, of all of its ports or of these. NetworkPolicies judge by the pods' ports, not the Service's. */
export function podPortsOf(
  { body }: Manifest,
  workloads: readonly Manifest[],
  asked?: readonly (number | undefined)[],
): readonly PodPort[] {
  const pods = workloads.filter((one) => selects(body, podLabelsOf(one.body)));
  const found = arrayOf(at(body, 'spec', 'ports'))
    .map(objectOf)
    .filter(({ port }) => asked === undefined || asked.includes(numberOf(port, 0)))
    .flatMap(({ port, targetPort, protocol }) => {
      const target = targetPort ?? port;
      const numbers = typeof target === 'number' ? [target] : pods.flatMap((one) => namedPorts(one, target));
      return numbers.map((number): PodPort => ({ protocol: protocolOf({ protocol }), port: number }));
    });
  return distinct(found);
}

function namedPorts(workload: Manifest, name: Json | undefined): readonly number[] {
  const ports = declaredPorts(workload).filter((one) => one.name === name);
  return ports.map(({ containerPort }) => numberOf(containerPort, 0));
}

/** The ports that the containers of a workload declare. */
export function declaredPorts({ body }: Manifest): readonly JsonObject[] {
  return mainContainers(specOfPods(body)).flatMap((container) => arrayOf(container.ports).map(objectOf));
}

/** Each once, by number. */
export function distinct(ports: readonly PodPort[]): readonly PodPort[] {
  const byText = new Map(ports.map((one) => [`${one.protocol} ${String(one.port).padStart(5, '0')}`, one]));
  return [...byText].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** The protocol of a port: TCP where none is said, as everywhere in the API. */
export function protocolOf({ protocol }: JsonObject): string {
  return stringOf(protocol) ?? 'TCP';
}
