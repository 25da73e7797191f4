import { addressesOf } from '../kinds/ingress.ts';
import { arrayOf, at, isObject, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';

/** Before the name of each annotation that the AWS Load Balancer Controller reads. */
const prefix = 'alb.ingress.kubernetes.io/';
/** How a class was named before IngressClass. */
const oldClass = 'kubernetes.io/ingress.class';

/** An annotation of an Ingress or a Service for the AWS Load Balancer Controller: `scheme`, `listen-ports`. */
export function albAnnotation({ metadata }: KubernetesObject, name: string): string | undefined {
  return metadata.annotations?.[`${prefix}${name}`];
}

/** Whether an Ingress becomes an Application Load Balancer: by its class, or by the annotations that speak of one. */
export function isAlb(ingress: KubernetesObject): boolean {
  const annotations = ingress.metadata.annotations ?? {};
  const named = stringOf(at(ingress, 'spec', 'ingressClassName')) ?? annotations[oldClass];
  return named === 'alb' || Object.keys(annotations).some((name) => name.startsWith(prefix));
}

/** A port at which an Ingress is served. */
export interface Listener {
  readonly scheme: 'http' | 'https';
  readonly port: number;
}

const http: Listener = { scheme: 'http', port: 80 };
const https: Listener = { scheme: 'https', port: 443 };

/** Where an Ingress is served: what its annotations say of an ALB, else port 80, and 443 where it has certificates. */
export function listenersOf(ingress: KubernetesObject): readonly Listener[] {
  if (!isAlb(ingress)) return arrayOf(at(ingress, 'spec', 'tls')).length > 0 ? [http, https] : [http];
  const said = saidListeners(albAnnotation(ingress, 'listen-ports') ?? '');
  if (said.length > 0) return said;
  return albAnnotation(ingress, 'certificate-arn') === undefined ? [http] : [https];
}

/** `[{"HTTP": 80}, {"HTTPS": 443}]`; none for what isn't of this form. */
function saidListeners(text: string): readonly Listener[] {
  return entriesIn(text).flatMap((entry): readonly Listener[] => {
    const [pair] = Object.entries(isObject(entry) ? entry : {});
    const [name, port] = pair ?? [];
    if (typeof port !== 'number' || (name !== 'HTTP' && name !== 'HTTPS')) return [];
    return [{ scheme: name === 'HTTP' ? 'http' : 'https', port }];
  });
}

function entriesIn(text: string): readonly unknown[] {
  try {
    return arrayOf(JSON.parse(text));
  } catch {
    return [];
  }
}

/** The host names for which an Ingress has rules; none where one of its rules is for all of them. */
function hostsOf(ingress: KubernetesObject): readonly string[] {
  const hosts = arrayOf(at(ingress, 'spec', 'rules')).map((rule) => stringOf(at(rule, 'host')));
  const isForAll = hosts.includes(undefined) || at(ingress, 'spec', 'defaultBackend') !== undefined;
  return isForAll ? [] : [...new Set(hosts.filter((host) => host !== undefined))];
}

/** Where users reach an Ingress: at its hosts and its addresses, over HTTPS where it has that. */
export function urlsOf(ingress: KubernetesObject): readonly string[] {
  const addresses = addressesOf(ingress);
  const listeners = listenersOf(ingress);
  const listener = listeners.find(({ scheme }) => scheme === 'https') ?? listeners[0] ?? http;
  if (addresses.length === 0) return [];
  const hosts = hostsOf(ingress).filter((host) => !host.startsWith('*'));
  return [...hosts, ...addresses].map((host) => urlOf(listener, host));
}

/** `https://shop.example.com`, with the port where it isn't that of the scheme. */
export function urlOf({ scheme, port }: Listener, host: string, path = ''): string {
  const isUsual = port === (scheme === 'http' ? http : https).port;
  return `${scheme}://${host}${isUsual ? '' : `:${port}`}${path}`;
}
