import { saltOf, templateSaltOf, withSalt } from '../../manifests/config-hash.ts';
import { isExternalSecret, writtenSecretOf } from '../../manifests/written-secrets.ts';
import type { Manifest } from '../../model/manifest.ts';
import { type KubernetesObject, refKey, refOf } from '../../model/object.ts';

/**
 * The Secret that an ExternalSecret of ours makes, as something to read: none for one that was written by hand, whose values
 * restart no pod.
 */
export function madeSecretOf(manifest: Manifest): readonly Pick<Manifest, 'ref'>[] {
  const { body, makes } = manifest;
  if (makes !== undefined) return [{ ref: refOf(makes) }];
  const isCounted = isExternalSecret(manifest) && templateSaltOf(body) !== undefined;
  return isCounted ? [{ ref: writtenSecretOf(manifest) }] : [];
}

/**
 * An ExternalSecret with the Secret that it makes. Of one from the record of a release the values aren't known: those count
 * that are there. As long as no Secret is there, the salt of its template stays.
 */
export function withMadeSecret(manifest: Manifest, live: ReadonlyMap<string, KubernetesObject>): Manifest {
  const [secret] = madeSecretOf(manifest);
  if (secret === undefined) return manifest;
  const makes = manifest.makes ?? live.get(refKey(secret.ref));
  if (makes === undefined) return manifest;
  const salt = saltOf(makes) ?? templateSaltOf(live.get(refKey(manifest.ref)));
  return { ...manifest, makes: salt === undefined ? makes : withSalt(makes, salt) };
}
