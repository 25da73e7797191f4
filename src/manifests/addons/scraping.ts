import { selects } from '../../kinds/service.ts';
import { arrayOf, at, stringOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { groupOf } from '../../model/object.ts';
import { matchesSelector } from '../../model/selector.ts';
import { servicesIn } from '../network/traffic.ts';
import { podLabelsOf, podTemplateOf } from '../pod-template.ts';
import { type Application, runningWorkloads } from './application.ts';
import { hasMetricsPort, tcpPortsOf } from './scrape-ports.ts';

/** Pods that Prometheus is to ask for their figures: behind a Service, or those of a workload. */
export interface Scrape {
  readonly service?: Manifest;
  /** Each workload is of one scrape alone: asked twice, its figures would count twice. */
  readonly workloads: readonly Manifest[];
}

/**
 * What is to be scraped of an application. Pods are asked through a Service where one is in front of them and of no others;
 * one with a port for metrics goes first. Left out is what says so (`prometheus.io/scrape: "false"`), and what a monitor of
 * the manifests asks already.
 */
export function scrapesOf(application: Application): readonly Scrape[] {
  const workloads = runningWorkloads(application);
  const services = servicesIn(application.manifests, application.namespace);
  let open = workloads.filter(
    (one) => isWanted(one, behindWhich(one, services)) && !isMonitored(one, services, application),
  );
  const scrapes: Scrape[] = [];
  for (const service of services.filter(isScrapable).toSorted(byMetricsPort)) {
    const behind = workloads.filter(({ body }) => selects(service.body, podLabelsOf(body)));
    if (behind.length === 0 || !behind.every((one) => open.includes(one))) continue;
    scrapes.push({ service, workloads: behind });
    open = open.filter((one) => !behind.includes(one));
  }
  return [...scrapes, ...open.map((workload) => ({ workloads: [workload] }))];
}

/** The annotation `prometheus.io/<name>` of a Service, or of the pods of a workload. */
export function scrapeAnnotation({ body }: Manifest, name: 'path' | 'port' | 'scrape'): string | undefined {
  const annotations = at(podTemplateOf(body) ?? body, 'metadata', 'annotations');
  return stringOf(at(annotations, `prometheus.io/${name}`));
}

function behindWhich({ body }: Manifest, services: readonly Manifest[]): readonly Manifest[] {
  return services.filter((service) => selects(service.body, podLabelsOf(body)));
}

/** What the pods themselves say goes before what a Service in front of them says. */
function isWanted(workload: Manifest, services: readonly Manifest[]): boolean {
  const own = scrapeAnnotation(workload, 'scrape');
  return own === undefined ? services.every(isAllowed) : own !== 'false';
}

function isAllowed(service: Manifest): boolean {
  return scrapeAnnotation(service, 'scrape') !== 'false';
}

/** A Service without ports has no endpoints, and one of another host no pods. */
function isScrapable(service: Manifest): boolean {
  const isElsewhere = at(service.body, 'spec', 'type') === 'ExternalName';
  return isAllowed(service) && !isElsewhere && tcpPortsOf(service).length > 0;
}

function byMetricsPort(a: Manifest, b: Manifest): number {
  return Number(hasMetricsPort(b)) - Number(hasMetricsPort(a));
}

/** Whether a ServiceMonitor or PodMonitor of the manifests is for the pods of a workload. */
function isMonitored(
  workload: Manifest,
  services: readonly Manifest[],
  { manifests, namespace }: Application,
): boolean {
  const monitors = manifests.filter(
    (one) => groupOf(one.ref.apiVersion) === 'monitoring.coreos.com' && isFor(one, namespace),
  );
  return monitors.some(({ ref, body }) => {
    const matches = (labels: unknown): boolean => matchesSelector(at(body, 'spec', 'selector'), labels);
    if (ref.kind === 'PodMonitor') return matches(podLabelsOf(workload.body));
    return (
      ref.kind === 'ServiceMonitor' &&
      behindWhich(workload, services).some((service) => matches(service.body.metadata.labels))
    );
  });
}

/** Monitors look in their own namespace, where they don't say another. */
function isFor({ ref, body }: Manifest, namespace: string): boolean {
  const elsewhere = at(body, 'spec', 'namespaceSelector');
  if (at(elsewhere, 'any') === true) return true;
  const names = arrayOf(at(elsewhere, 'matchNames'));
  return names.length === 0 ? ref.namespace === namespace : names.includes(namespace);
}
