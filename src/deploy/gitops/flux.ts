import { createHash } from 'node:crypto';
import { podTemplateOf, withPodTemplate } from '../../manifests/pod-template.ts';
import { durationMs } from '../../model/duration.ts';
import { type JsonObject, objectOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { timeoutAnnotation } from '../tracking.ts';
import { annotated, staysUnpruned } from './annotate.ts';
import { filesOf, folderOf, type Handed, type Handover, openRepositoryFinding, type RenderedFile } from './engine.ts';
import { fluxSource } from './flux-source.ts';
import { isClaim, type Slot, slugOf } from './slots.ts';

const fluxNamespace = 'flux-system';
const pruneKey = 'kustomize.toolkit.fluxcd.io/prune';
const forceKey = 'kustomize.toolkit.fluxcd.io/force';
/** On the pods of a hook: what it runs for. Another value makes it another Job, which runs anew. */
const runsForKey = 'oms-deploy.io/runs-for';

/** As long as `up` waits by default. */
const defaultTimeoutMs = 600_000;

/**
 * A folder per wave, and a Kustomization for each that waits for the one before.
 * https://fluxcd.io/flux/components/kustomize/kustomizations/
 */
export function forFlux({ application, slots, source }: Handover): Handed {
  const { made, sourceRef } = fluxSource(application, fluxNamespace, source);
  const all = digestOf(slots);
  const names = slots.map(({ name }) => shortName(`${application}-${name}`));
  const kustomizations = slots.map((slot, index): KubernetesObject => {
    const before = names[index - 1];
    return {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: names[index] ?? '', namespace: fluxNamespace },
      spec: {
        ...(before === undefined ? {} : { dependsOn: [{ name: before }] }),
        sourceRef,
        path: `./${source.path === '.' ? '' : `${source.path}/`}${folderOf(slot)}`,
        interval: '10m',
        retryInterval: '1m',
        timeout: `${timeoutMs(slot) / 1000}s`,
        prune: true,
        ...health(slot),
      },
    };
  });
  return {
    files: [
      { path: 'flux.yaml', objects: [...made, ...kustomizations] },
      ...slots.flatMap((slot) =>
        folderFiles({ ...slot, manifests: slot.manifests.map((one) => inSlot(one, slot, all)) }),
      ),
    ],
    findings: source.repo === undefined ? [openRepositoryFinding('flux.yaml')] : [],
  };
}

function folderFiles(slot: Slot): readonly RenderedFile[] {
  const files = filesOf(slot);
  const folder = folderOf(slot);
  const resources = files.map(({ path }) => path.slice(folder.length + 1));
  const list = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    metadata: { name: slot.name },
    resources,
  };
  return [{ path: `${folder}/kustomization.yaml`, objects: [list] }, ...files];
}

/** A claim may be bound only for the first pod that mounts it: the wave must not wait for it. */
function health({ manifests }: Slot): JsonObject {
  if (!manifests.some(isClaim)) return { wait: true };
  const healthChecks = manifests
    .filter((one) => !isClaim(one))
    .map(({ ref: { apiVersion, kind, name, namespace } }) => ({
      apiVersion,
      kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
    }));
  return healthChecks.length === 0 ? {} : { healthChecks };
}

function timeoutMs({ manifests }: Slot): number {
  const own = manifests.map(({ body }) => durationMs(body.metadata.annotations?.[timeoutAnnotation] ?? '') ?? 0);
  return Math.max(defaultTimeoutMs, ...own);
}

function inSlot(manifest: Manifest, { hook }: Slot, all: string): Manifest {
  const { body } = manifest;
  const kept = staysUnpruned(manifest) ? annotated(body, { [pruneKey]: 'disabled' }) : body;
  if (hook === undefined || hook.delete === 'never') return { ...manifest, body: kept };
  return { ...manifest, body: runningFor(annotated(kept, { [forceKey]: 'Enabled' }), all) };
}

/** A hook runs again where what it prepares or tests is another one; its Job can't be changed, so it is made anew. */
function runningFor(job: KubernetesObject, all: string): KubernetesObject {
  const template = podTemplateOf(job);
  if (template === undefined) return job;
  const metadata = objectOf(template.metadata);
  const annotations = { ...objectOf(metadata.annotations), [runsForKey]: all };
  return withPodTemplate(job, { ...template, metadata: { ...metadata, annotations } });
}

/** Of all that makes a deploy run its hooks: workloads, configuration, the hooks themselves. */
function digestOf(slots: readonly Slot[]): string {
  const bodies = slots.flatMap(({ manifests }) => manifests.map(({ body }) => body)).filter(isRunOrRead);
  return createHash('sha256').update(JSON.stringify(bodies)).digest('hex').slice(0, 16);
}

function isRunOrRead(body: KubernetesObject): boolean {
  return podTemplateOf(body) !== undefined || ['Pod', 'ConfigMap', 'ExternalSecret'].includes(body.kind);
}

/** Flux labels what it applies with this name: at most 63 characters. */
function shortName(name: string): string {
  const lower = slugOf(name);
  if (lower.length <= 63) return lower;
  return `${lower.slice(0, 54)}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}
