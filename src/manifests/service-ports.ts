import { arrayOf, at, type JsonObject, objectOf, stringOf, textOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';

/** A port of a Service that leads nowhere. */
export interface StrayPort {
  readonly index: number;
  /** A clause: the Service is named before it. */
  readonly cause: string;
  readonly fix: string;
  readonly evidence: readonly string[];
  /** A name that no container has leads nowhere; a number may be open without being declared. */
  readonly isCertain: boolean;
}

/** The ports of a Service that no container of its pods names or opens. */
export function strayPorts(service: KubernetesObject, containers: readonly JsonObject[]): readonly StrayPort[] {
  const ports = containers.flatMap((container) => arrayOf(container.ports).map(objectOf));
  return arrayOf(at(service, 'spec', 'ports')).flatMap((entry, index) => {
    const { port, targetPort } = objectOf(entry);
    const target = targetPort ?? port;
    const isThere = ports.some(({ name, containerPort }) =>
      typeof target === 'string' ? name === target : containerPort === target,
    );
    if (isThere || (typeof target === 'number' && ports.length === 0)) return [];
    const found = ports.map(({ name, containerPort }) => `${stringOf(name) ?? ''}:${textOf(containerPort)}`);
    const evidence = [`the pods' containers have: ${[...new Set(found)].join(', ') || 'no ports'}`];
    const cause = `sends port ${textOf(port)} to ${textOf(target)}, which no container of its pods has`;
    const fix = 'Correct targetPort, or the ports of the container.';
    return [{ index, cause, fix, evidence, isCertain: typeof target === 'string' }];
  });
}
