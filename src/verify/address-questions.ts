import { addressesOf } from '../kinds/ingress.ts';
import { albAnnotation, type Listener, listenersOf } from '../manifests/load-balancer.ts';
import { arrayOf, at, stringOf } from '../model/json.ts';
import { type KubernetesObject, type ObjectRef, refOf } from '../model/object.ts';

/** A request to the load balancer of an Ingress, as a user would send it. */
export interface AddressQuestion {
  readonly ingress: ObjectRef;
  readonly address: string;
  readonly listener: Listener;
  /** The host that its rule is for; absent where it is for all of them. */
  readonly host?: string;
  readonly path: string;
  /** The Service that is to answer; absent where the listener only sends on to HTTPS. */
  readonly service?: ObjectRef;
}

/**
 * What is asked of the load balancer of an Ingress: a path of each Service behind it, over HTTPS where it has that, and
 * whether plain HTTP is sent on where it is to be.
 */
export function addressQuestions(ingress: KubernetesObject): readonly AddressQuestion[] {
  const [address] = addressesOf(ingress);
  const listeners = listenersOf(ingress);
  const best = listeners.find(({ scheme }) => scheme === 'https') ?? listeners[0];
  const routes = routesOf(ingress);
  const [first] = routes;
  if (address === undefined || best === undefined || first === undefined) return [];
  const asked = { ingress: refOf(ingress), address };
  const { service: _, ...anyPath } = first;
  const sentOn = listeners.filter(({ scheme }) => scheme === 'http' && isSentOn(ingress));
  return [
    ...routes.map((route) => ({ ...asked, listener: best, ...route })),
    ...sentOn.map((listener) => ({ ...asked, listener, ...anyPath })),
  ];
}

function isSentOn(ingress: KubernetesObject): boolean {
  return albAnnotation(ingress, 'ssl-redirect') !== undefined;
}

type Route = Required<Pick<AddressQuestion, 'path' | 'service'>> & Pick<AddressQuestion, 'host'>;

/** A way to each Service of an Ingress: the first one that leads there. */
function routesOf(ingress: KubernetesObject): readonly Route[] {
  const { namespace = '' } = ingress.metadata;
  const routeTo = (backend: unknown, path: string, host: string | undefined): readonly Route[] => {
    const name = stringOf(at(backend, 'service', 'name'));
    // An action of the ALB controller is no Service.
    if (name === undefined || at(backend, 'service', 'port', 'name') === 'use-annotation') return [];
    const service = { apiVersion: 'v1', kind: 'Service', namespace, name };
    return [{ path, service, ...(host === undefined ? {} : { host: host.replace(/^\*/, 'oms-deploy') }) }];
  };
  const routes = [
    ...arrayOf(at(ingress, 'spec', 'rules')).flatMap((rule) =>
      arrayOf(at(rule, 'http', 'paths')).flatMap((entry) =>
        routeTo(at(entry, 'backend'), plainPath(stringOf(at(entry, 'path')) ?? '/'), stringOf(at(rule, 'host'))),
      ),
    ),
    ...routeTo(at(ingress, 'spec', 'defaultBackend'), '/', undefined),
  ];
  return [...new Map(routes.toReversed().map((route) => [route.service.name, route])).values()].toReversed();
}

/** A path that a pattern of a controller matches, as far as it is plain text: `/api/*` is `/api/`. */
function plainPath(pattern: string): string {
  const [plain = ''] = pattern.split(/[*?([{|$^\\]/);
  return plain.startsWith('/') ? plain : '/';
}
