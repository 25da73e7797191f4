import { type Backend, backendsOf } from '../../kinds/ingress.ts';
import { arrayOf, at, objectOf, textOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { formatRef } from '../../model/object.ts';
import { isOpen } from '../../model/open.ts';
import { findManifest, manifestsOf } from '../facts.ts';
import type { Flaw, Rule } from '../rule.ts';

/** The load balancer answers 503 "Backend service does not exist" where one of them is missing. */
export const ingressBackend: Rule = {
  id: 'ingress/backend',
  severity: 'error',
  summary: 'an Ingress names a port that its Service lacks; a Service that the manifests lack is a warning',
  fix: 'Correct the port in the Ingress, or those of the Service, and deploy: oms-deploy up.',
  run: (facts) =>
    manifestsOf(facts, 'networking.k8s.io', 'Ingress').flatMap((manifest) =>
      backendsOf(manifest.body).flatMap((backend): Flaw[] => {
        const { service: name, port } = backend;
        const ref = { apiVersion: 'v1', kind: 'Service', namespace: manifest.ref.namespace ?? '', name };
        const service = findManifest(facts, ref);
        const path = pathOf(manifest, backend);
        if (isOpen(name) || isOpen(port)) return [];
        if (service === undefined && !facts.isWhole) return [];
        if (service === undefined) {
          const cause = `sends requests to ${formatRef(ref)}, which is not among the manifests`;
          const fix = `Add ${formatRef(ref)}, or correct the backend of the Ingress: without it they get 503.`;
          return [{ manifest, path, severity: 'warning', cause, fix }];
        }
        const ports = arrayOf(at(service.body, 'spec', 'ports')).map(objectOf);
        const values = ports.flatMap((one) => [one.name, one.port]);
        if (values.some((value) => textOf(value) === port || isOpen(value))) return [];
        const found = ports.map((one) => [textOf(one.name), textOf(one.port)].filter(Boolean).join(':'));
        const cause = `sends requests to port ${port} of ${formatRef(ref)}, which has no such port`;
        return [{ manifest, path, cause, evidence: [`the Service has: ${found.join(', ') || 'none'}`] }];
      }),
    ),
};

/** Where the backend stands first. */
function pathOf({ body }: Manifest, { service, port }: Backend): string {
  const isIt = (backend: unknown): boolean => {
    const name = at(backend, 'service', 'name');
    const said = at(backend, 'service', 'port', 'name') ?? at(backend, 'service', 'port', 'number');
    return name === service && textOf(said) === port;
  };
  if (isIt(at(body, 'spec', 'defaultBackend'))) return 'spec.defaultBackend.service.name';
  const found = arrayOf(at(body, 'spec', 'rules')).flatMap((rule, outer) =>
    arrayOf(at(rule, 'http', 'paths')).flatMap((path, inner) =>
      isIt(at(path, 'backend')) ? [`spec.rules[${outer}].http.paths[${inner}].backend.service.name`] : [],
    ),
  );
  return found[0] ?? 'spec';
}
