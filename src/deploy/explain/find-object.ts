import { DeployError } from '../../errors.ts';
import type { Manifest } from '../../model/manifest.ts';
import { formatRef, pluralOf } from '../../model/object.ts';
import { didYouMean } from '../../model/suggest.ts';

/** The short names that kubectl has for kinds of its own. */
const shortNames: Readonly<Record<string, string>> = {
  cm: 'configmap',
  cj: 'cronjob',
  crd: 'customresourcedefinition',
  deploy: 'deployment',
  ds: 'daemonset',
  hpa: 'horizontalpodautoscaler',
  ing: 'ingress',
  netpol: 'networkpolicy',
  ns: 'namespace',
  pdb: 'poddisruptionbudget',
  po: 'pod',
  pv: 'persistentvolume',
  pvc: 'persistentvolumeclaim',
  quota: 'resourcequota',
  rs: 'replicaset',
  sa: 'serviceaccount',
  sts: 'statefulset',
  svc: 'service',
};

/** The manifests that may be meant by `configmap/app-config`, `cm/app-config`, `ConfigMap/shop/app-config` or just a name. */
export function manifestsNamed<T extends Pick<Manifest, 'ref'>>(text: string, manifests: readonly T[]): readonly T[] {
  const parts = text.split('/');
  const name = parts.at(-1) ?? '';
  const kind = parts.length > 1 ? (parts[0] ?? '').toLowerCase() : undefined;
  const namespace = parts.length > 2 ? parts[1] : undefined;
  const isKind = (ref: Manifest['ref']): boolean => {
    if (kind === undefined) return true;
    const full = shortNames[kind] ?? kind;
    return ref.kind.toLowerCase() === full || pluralOf(ref.kind) === full;
  };
  return manifests.filter(
    ({ ref }) => ref.name === name && isKind(ref) && (namespace === undefined || ref.namespace === namespace),
  );
}

/**
 * The one that is. `inputs` might have been named, too.
 *
 * @throws DeployError `usage` where there is none, or several.
 */
export function findManifest<T extends Pick<Manifest, 'ref'>>(
  text: string,
  manifests: readonly T[],
  inputs: readonly string[] = [],
): T {
  const found = manifestsNamed(text, manifests);
  const [only, ...others] = found;
  if (only === undefined) {
    const known = manifests.map(({ ref }) => `${ref.kind}/${ref.name}`);
    const bare = [...manifests.map(({ ref }) => ref.name), ...inputs];
    const orInput = inputs.length === 0 ? '' : `, or an input: ${firstOf(inputs)}`;
    throw new DeployError('usage', `The manifests have no ${text}.`, {
      fix:
        didYouMean(text, text.includes('/') ? known : bare) ||
        `Name one of their objects: ${firstOf(known)}${orInput}.`,
    });
  }
  if (others.length === 0) return only;
  throw new DeployError('usage', `${text} is not clear.`, {
    why: `There are ${found.map(({ ref }) => formatRef(ref)).join(' and ')}.`,
    fix: 'Name its kind, and its namespace where that is needed: <kind>/<namespace>/<name>.',
  });
}

function firstOf(names: readonly string[]): string {
  return [...names.slice(0, 12), ...(names.length > 12 ? ['...'] : [])].join(', ');
}
