import { formatRight } from '../../src/model/right.ts';
import { autoscaler, config, manifests } from './app.ts';
import type { Rule } from './rbac.ts';
import type { AuditEvent, TestSandbox } from './sandbox.ts';

/** The small application with all kinds that the Role of templates/access is for. */
export const everyKind: Readonly<Record<string, string>> = {
  'oms-deploy.yaml': config,
  'k8s/app.yaml': `${manifests}---\n${autoscaler}`,
  'k8s/more.yaml': `apiVersion: v1
kind: Namespace
metadata: {name: web, labels: {team: orders}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, annotations: {alb.ingress.kubernetes.io/healthcheck-path: /ready}}
spec:
  ingressClassName: alb
  defaultBackend: {service: {name: reader, port: {number: 80}}}
`,
};

/** A right of a rule with one of each, as findings write it; `namespace` undefined for one of a ClusterRole. */
export function textOf({ apiGroups, resources, verbs }: Rule, namespace: string | undefined): string {
  const [group = '', resource = '', verb = ''] = [apiGroups[0], resources[0], verbs[0]];
  return formatRight({ verb, group, resource, ...(namespace === undefined ? {} : { namespace }) });
}

/** The rights that a ServiceAccount has used, without where: `patch deployments.apps`. */
export async function rightsUsed(
  sandbox: TestSandbox,
  namespace: string,
  account: string,
): Promise<ReadonlySet<string>> {
  const user = `system:serviceaccount:${namespace}:${account}`;
  const events = await sandbox.auditEvents((event) => event.user === user);
  return new Set(events.flatMap(rightsOf).map((text) => text.replace(/ in .*/, '')));
}

/** Server-side apply of what is new uses the right to create, too, and so does a WebSocket. */
function rightsOf({ verb, requestURI, code }: AuditEvent): readonly string[] {
  const [path = ''] = requestURI.split('?');
  const parts = path.split('/').filter((part) => part !== '');
  const [root, first = '', ...rest] = parts;
  if (root !== 'api' && root !== 'apis') return [];
  const group = root === 'apis' ? first : '';
  const tail = root === 'apis' ? rest.slice(1) : rest;
  const inside = tail[0] === 'namespaces' && tail.length > 2 ? tail.slice(2) : tail;
  const [plural, , subresource] = inside;
  if (plural === undefined || group === 'authorization.k8s.io') return [];
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  const verbs = (verb === 'patch' && code === 201) || code === 101 ? [verb, 'create'] : [verb];
  return verbs.map((one) => formatRight({ verb: one, group, resource }));
}
