import { waveAnnotation, waveOf } from '../kinds/index.ts';
import { backendsOf } from '../kinds/ingress.ts';
import { selects } from '../kinds/service.ts';
import type { Manifest } from '../model/manifest.ts';
import { groupOf, type KubernetesObject } from '../model/object.ts';
import { isAlb } from './load-balancer.ts';
import { podLabelsOf, podTemplateOf } from './pod-template.ts';

/** Label of a namespace in which new pods wait for the health checks of their load balancer. */
const injectLabel = 'elbv2.k8s.aws/pod-readiness-gate-inject';

/** That of the Services: the controller gives a pod its gate only where the load balancer is there when the pod is made. */
const wave = '3';

/**
 * Moves Application Load Balancers before the pods where the manifests ask for readiness gates. A wave that the manifest
 * says itself stays.
 */
export function withEarlyIngresses(manifests: readonly Manifest[]): readonly Manifest[] {
  const gated = gatedNamespaces(manifests);
  if (gated.size === 0) return manifests;
  return manifests.map((manifest) => {
    const { body } = manifest;
    if (!isGated(manifest, gated) || body.metadata.annotations?.[waveAnnotation] !== undefined) return manifest;
    const annotations = { ...body.metadata.annotations, [waveAnnotation]: wave };
    return { ...manifest, body: { ...body, metadata: { ...body.metadata, annotations } } };
  });
}

/** What pods that get gates need before them: of a workload its load balancers, of these their Services. */
export function gateNeeds(manifests: readonly Manifest[]): (manifest: Manifest) => readonly Manifest[] {
  const gated = gatedNamespaces(manifests);
  const ingresses = manifests.filter((one) => isGated(one, gated));
  if (ingresses.length === 0) return () => [];
  const services = manifests.filter(({ ref }) => ref.apiVersion === 'v1' && ref.kind === 'Service');
  const behind = (ingress: Manifest): readonly Manifest[] => {
    const names = new Set(backendsOf(ingress.body).map(({ service }) => service));
    return services.filter(({ ref }) => ref.namespace === ingress.ref.namespace && names.has(ref.name));
  };
  return (manifest) => {
    if (isGated(manifest, gated)) return behind(manifest);
    if (podTemplateOf(manifest.body) === undefined) return [];
    const { namespace } = manifest.ref;
    const leadsHere = (ingress: Manifest): boolean =>
      ingress.ref.namespace === namespace &&
      behind(ingress).some(({ body }) => selects(body, podLabelsOf(manifest.body)));
    // One that is to come later, by its own wave, is not waited for.
    return ingresses.filter((one) => waveOf(one.body) < waveOf(manifest.body) && leadsHere(one));
  };
}

function gatedNamespaces(manifests: readonly Manifest[]): ReadonlySet<string> {
  const namespaces = manifests.filter(({ ref }) => ref.apiVersion === 'v1' && ref.kind === 'Namespace');
  return new Set(namespaces.filter(({ body }) => hasGates(body)).map(({ ref }) => ref.name));
}

function hasGates({ metadata }: KubernetesObject): boolean {
  return metadata.labels?.[injectLabel] === 'enabled';
}

function isGated({ ref, body }: Manifest, gated: ReadonlySet<string>): boolean {
  const isIngress = ref.kind === 'Ingress' && groupOf(ref.apiVersion) === 'networking.k8s.io';
  return isIngress && gated.has(ref.namespace ?? '') && isAlb(body);
}
