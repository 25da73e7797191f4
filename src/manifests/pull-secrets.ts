import { arrayOf, at, stringOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { type KubernetesObject, refKey } from '../model/object.ts';
import { podSpecOf } from './containers.ts';

/** The names of the pull secrets that a ServiceAccount has, or that pods name themselves. */
export function pullSecretsNamed(object: KubernetesObject): readonly string[] {
  const { imagePullSecrets } = (object.kind === 'ServiceAccount' ? object : podSpecOf(object)) ?? {};
  return arrayOf(imagePullSecrets).flatMap((one) => stringOf(at(one, 'name')) ?? []);
}

/** The names of the pull secrets of a manifest's pods: those that they name, else those of their ServiceAccount. */
export function pullSecretsIn(manifests: readonly Manifest[]): (manifest: Manifest) => readonly string[] {
  const accounts = new Map(manifests.filter(isAccount).map((one) => [refKey(one.ref), one]));
  return ({ ref: { namespace }, body }) => {
    const spec = podSpecOf(body);
    const own = pullSecretsNamed(body);
    if (spec === undefined || own.length > 0) return own;
    const place = namespace === undefined ? {} : { namespace };
    const name = stringOf(spec.serviceAccountName) ?? 'default';
    const account = accounts.get(refKey({ apiVersion: 'v1', kind: 'ServiceAccount', ...place, name }));
    return account === undefined ? [] : pullSecretsNamed(account.body);
  };
}

function isAccount({ ref }: Manifest): boolean {
  return ref.apiVersion === 'v1' && ref.kind === 'ServiceAccount';
}
