import type { Finding } from '../../../model/finding.ts';
import type { Manifest } from '../../../model/manifest.ts';
import { formatRef } from '../../../model/object.ts';
import { namesIn } from '../../../model/text.ts';
import type { PodPort } from '../../network/calls.ts';
import { ingressPoliciesOf } from '../../network/policies.ts';
import { type Application, aboutWorkload } from '../application.ts';
import { askedOf, askedThrough, declaresMetrics, hasMetricsPort, podsPort, servicePort } from '../scrape-ports.ts';
import { type Scrape, scrapeAnnotation, scrapesOf } from '../scraping.ts';
import type { Collection } from './collection.ts';

/** The Services through which Prometheus asks for figures. */
export const scrapedServices: Collection = {
  name: 'scraped-service',
  items: (application) =>
    scrapesOf(application).flatMap((scrape) => {
      const { service, workloads } = scrape;
      if (service === undefined) return [];
      const { name } = service.ref;
      const label = service.body.metadata.labels?.['app.kubernetes.io/name'] ?? name;
      const port = servicePort(service, workloads, wantedPort(scrape));
      return [{ service: { name, label, ...port, path: said(scrape, 'path') ?? null } }];
    }),
};

/** The workloads whose pods it asks themselves: no Service leads to them. */
export const scrapedWorkloads: Collection = {
  name: 'scraped-workload',
  items: (application) =>
    scrapesOf(application)
      .filter(({ service }) => service === undefined)
      .flatMap((scrape) =>
        scrape.workloads.map((workload) => ({
          workload: {
            ...aboutWorkload(workload),
            path: said(scrape, 'path') ?? null,
            ...podsPort(workload, wantedPort(scrape)),
          },
        })),
      ),
  notes(application) {
    const asked = askedPorts(application);
    return [...asked.flatMap(noteOf), ...assumedIn(asked)];
  },
};

/** The workloads that it asks, and could not: a NetworkPolicy cuts their pods off. */
export const closedWorkloads: Collection = {
  name: 'closed-scraped-workload',
  items: (application) =>
    askedPorts(application)
      .filter(({ workload, ports }) => ports.length > 0 && isClosed(workload, application))
      .map(({ workload, ports }) => ({
        workload: { ...aboutWorkload(workload), ports },
      })),
};

interface AskedPorts {
  readonly workload: Manifest;
  readonly wanted: number | undefined;
  /** None: its pods declare no such port. */
  readonly ports: readonly PodPort[];
  /** Whether it is only guessed that they have figures. */
  readonly isAssumed: boolean;
}

function askedPorts(application: Application): readonly AskedPorts[] {
  return scrapesOf(application).flatMap((scrape) => {
    const { service, workloads } = scrape;
    const wanted = wantedPort(scrape);
    const isAssumed = !saysMetrics(scrape);
    return workloads.map((workload) => ({
      workload,
      wanted,
      isAssumed,
      ports:
        service === undefined
          ? askedOf(podsPort(workload, wanted), workload)
          : askedThrough(service, servicePort(service, workloads, wanted), workload),
    }));
  });
}

/** A monitor finds only what is declared: one without such a port is no error, and gives nothing. */
function noteOf({ workload: { ref, origin }, wanted, ports }: AskedPorts): readonly Finding[] {
  if (ports.length > 0) return [];
  const what = wanted === undefined ? 'no port' : `no port ${wanted}, which prometheus.io/port names`;
  const example = wanted ?? 9090;
  return [
    {
      id: 'monitoring/no-port',
      severity: wanted === undefined ? 'info' : 'warning',
      object: ref,
      origin,
      cause: `The pods of ${formatRef(ref)} declare ${what}: Prometheus finds nothing to ask there.`,
      evidence: [],
      fix: `Declare it (ports: [{name: metrics, containerPort: ${example}}]). If they have no figures, say so on the pod template: prometheus.io/scrape: "false".`,
    },
  ];
}

/** Pods of which nothing says that they have figures: one that has none is a target that is down for ever. */
function assumedIn(asked: readonly AskedPorts[]): readonly Finding[] {
  const assumed = asked.filter(({ isAssumed, ports }) => isAssumed && ports.length > 0);
  if (assumed.length === 0) return [];
  return [
    {
      id: 'monitoring/assumed-port',
      severity: 'info',
      cause: `Nothing says that these have figures, so Prometheus asks their first port: ${namesIn(assumed.map(({ workload }) => workload.ref.name))}.`,
      evidence: [],
      fix: 'Name the port metrics, or annotate pod template or Service: prometheus.io/port, prometheus.io/path, or prometheus.io/scrape "false" where there are none.',
    },
  ];
}

/** By an annotation, or the name of a port. */
function saysMetrics(scrape: Scrape): boolean {
  const { service, workloads } = scrape;
  return (
    (['scrape', 'port', 'path'] as const).some((name) => said(scrape, name) !== undefined) ||
    (service !== undefined && hasMetricsPort(service)) ||
    workloads.some(declaresMetrics)
  );
}

/** What the Service says, else the first of the workloads that says something. */
function said({ service, workloads }: Scrape, name: 'path' | 'port' | 'scrape'): string | undefined {
  const places = [...(service === undefined ? [] : [service]), ...workloads];
  return places.map((one) => scrapeAnnotation(one, name)).find((text) => text !== undefined);
}

function wantedPort(scrape: Scrape): number | undefined {
  const text = said(scrape, 'port') ?? '';
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function isClosed(workload: Manifest, { manifests }: Application): boolean {
  return ingressPoliciesOf(workload, manifests).length > 0;
}
