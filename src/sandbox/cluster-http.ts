import { arrayOf, at, type Json, numberOf, stringOf } from '../model/json.ts';
import type { ApiClient } from './api.ts';
import { type Controls, isHealthPath } from './controls.ts';

/** The Service that a host name of cluster DNS means. */
export interface ServiceAddress {
  readonly name: string;
  /** Undefined for a bare name: it depends on the caller's namespace, which we don't know. */
  readonly namespace: string | undefined;
}

/** What is answered to a request from inside the cluster. */
export interface ClusterAnswer {
  readonly status: number;
  readonly service: string;
  readonly namespace: string;
  readonly message: string;
}

/** Reads `name`, `name.namespace`, `name.namespace.svc` and `name.namespace.svc.cluster.local`. */
export function serviceAddress(host: string): ServiceAddress | undefined {
  const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
  const pattern = new RegExp(`^(${label})(?:\\.(${label})(?:\\.svc(?:\\.cluster\\.local)?)?)?\\.?$`, 'i');
  const [, name, namespace] = pattern.exec(host) ?? [];
  return name === undefined ? undefined : { name: name.toLowerCase(), namespace: namespace?.toLowerCase() };
}

/**
 * Answers a request for a Service as a pod would get it: 502 where there is no such Service or port, 503 where none of
 * its endpoints is ready, else what the controls say of the path.
 */
export async function answerInCluster(url: URL, api: ApiClient, controls: Controls): Promise<ClusterAnswer> {
  const address = serviceAddress(url.hostname);
  const services = address === undefined ? [] : await findServices(address, api);
  const name = address?.name ?? url.hostname;
  // A bare name is clear where only one namespace has it.
  const namespace = address?.namespace ?? (services.length === 1 ? namespaceOf(services[0]) : undefined);
  const base = { service: name, namespace: namespace ?? '' };
  if (services.length === 0) return { ...base, status: 502, message: `could not resolve host: ${url.hostname}` };
  const port = Number(url.port === '' ? 80 : url.port);
  const open = services.filter((service) => hasPort(service, port));
  if (open.length === 0) return { ...base, status: 502, message: `the service has no port ${port}` };
  const ready = await Promise.all(open.map((service) => hasReadyEndpoint(name, namespaceOf(service), api)));
  if (!ready.includes(true)) return { ...base, status: 503, message: 'no endpoint of the service is ready' };
  const status = controls.healthOf(namespace, name, url.pathname) ?? (isHealthPath(url.pathname) ? 200 : 404);
  return { ...base, status, message: status === 404 ? 'Not found' : status < 400 ? 'Healthy' : 'Unhealthy' };
}

async function findServices({ name, namespace }: ServiceAddress, api: ApiClient): Promise<readonly Json[]> {
  const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
  return items(api, `/api/v1${scope}/services?fieldSelector=${encodeURIComponent(`metadata.name=${name}`)}`);
}

function namespaceOf(service: Json | undefined): string {
  return stringOf(at(service, 'metadata', 'namespace')) ?? '';
}

/** A headless Service has no address of its own: its name leads to the pods, whatever the port. */
function hasPort(service: Json, port: number): boolean {
  if (at(service, 'spec', 'clusterIP') === 'None') return true;
  return arrayOf(at(service, 'spec', 'ports')).some((one) => numberOf(at(one, 'port'), 0) === port);
}

async function hasReadyEndpoint(service: string, namespace: string, api: ApiClient): Promise<boolean> {
  const selector = encodeURIComponent(`kubernetes.io/service-name=${service}`);
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices?labelSelector=${selector}`;
  const endpoints = (await items(api, path)).flatMap((slice) => arrayOf(at(slice, 'endpoints')));
  // The API says: an endpoint that doesn't say is ready.
  return endpoints.some((endpoint) => at(endpoint, 'conditions', 'ready') !== false);
}

async function items(api: ApiClient, path: string): Promise<readonly Json[]> {
  const answer = await api.call('GET', path);
  if (answer.status !== 200) throw new Error(`the API server answers ${answer.status}`);
  return arrayOf(at(answer.body, 'items'));
}
