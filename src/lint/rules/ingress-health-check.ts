import { targetPortOf } from '../../manifests/draining.ts';
import { albAnnotation, isAlb } from '../../manifests/load-balancer.ts';
import { arrayOf, at, type Json, type JsonObject, stringOf } from '../../model/json.ts';
import { formatRef } from '../../model/object.ts';
import { isOpen } from '../../model/open.ts';
import type { Flaw, Rule } from '../rule.ts';
import { behindIngresses, type Served } from '../served.ts';

/** The AWS Load Balancer Controller doesn't read probes: where nothing says what to ask, pods that answer 404 at / are unhealthy. */
export const ingressHealthCheck: Rule = {
  id: 'ingress/health-check',
  severity: 'warning',
  summary:
    "an ALB asks a Service's pods for `/`, and their readiness probe asks for another path: nothing says healthcheck-path",
  fix: 'Annotate the Service: alb.ingress.kubernetes.io/healthcheck-path.',
  run(facts) {
    const flaws = behindIngresses(facts, isAlb).flatMap(flawsOf);
    return [...new Map(flaws.map((flaw) => [flaw.manifest, flaw])).values()];
  },
};

function flawsOf({ ingress, service, port, place: { container, name } }: Served): readonly Flaw[] {
  const said = (annotation: string): string | undefined =>
    albAnnotation(service.body, annotation) ?? albAnnotation(ingress.body, annotation);
  // Another port is asked, or by another protocol, which has a default of its own.
  if (['healthcheck-path', 'healthcheck-port', 'backend-protocol-version'].some((one) => said(one) !== undefined))
    return [];
  const probe = at(container, 'readinessProbe', 'httpGet');
  const path = stringOf(at(probe, 'path')) ?? '/';
  const asked = numberOfPort(at(probe, 'port'), container);
  if (path === '/' || isOpen(path) || asked === undefined) return [];
  if (asked !== numberOfPort(targetPortOf(service.body, port), container)) return [];
  const cause = `is asked for / by the health checks of ${formatRef(ingress.ref)}: a pod that answers anything but 200 there gets no requests`;
  const fix = `Annotate the Service: alb.ingress.kubernetes.io/healthcheck-path: ${path}.`;
  const evidence = [`the readiness probe of container ${name} asks for ${path}`];
  return [{ manifest: service, path: 'metadata.name', cause, fix, evidence }];
}

function numberOfPort(port: Json | undefined, container: JsonObject): Json | undefined {
  if (typeof port !== 'string') return port;
  return at(
    arrayOf(container.ports).find((one) => at(one, 'name') === port),
    'containerPort',
  );
}
