import { arrayOf, at, stringOf } from '../model/json.ts';
import { groupOf, type KubernetesObject, type ObjectRef, refKey } from '../model/object.ts';

/** Something with a ref and a body: a manifest, or a change's. */
interface Written {
  readonly ref: ObjectRef;
  readonly body: KubernetesObject;
}

/** Whether an object makes a Secret of what a store has. */
export function isExternalSecret({ ref }: Pick<Written, 'ref'>): boolean {
  return ref.kind === 'ExternalSecret' && groupOf(ref.apiVersion) === 'external-secrets.io';
}

/** https://external-secrets.io/latest/api/externalsecret/: the Secret has the name of its target, or its own. */
export function writtenSecretOf({ ref, body }: Written): ObjectRef {
  const name = stringOf(at(body, 'spec', 'target', 'name')) ?? ref.name;
  return { ...ref, apiVersion: 'v1', kind: 'Secret', name };
}

/** The ExternalSecrets among objects, by the `refKey` of the Secret that each of them makes. */
export function writersIn<T extends Written>(objects: readonly T[]): ReadonlyMap<string, T> {
  return new Map(objects.filter(isExternalSecret).map((one) => [refKey(writtenSecretOf(one)), one]));
}

/** Whether a field manager is the External Secrets Operator: `externalsecrets.external-secrets.io/<name>`. */
export function isWriter(manager: string): boolean {
  return manager.startsWith('externalsecrets.external-secrets.io');
}

/**
 * Whether the operator has made a Secret for an ExternalSecret that is gone: it labels those that it owns, and nobody owns
 * this one any more.
 */
export function isLeftBehind({ metadata }: KubernetesObject): boolean {
  const isLabelled = metadata.labels?.['reconcile.external-secrets.io/created-by'] !== undefined;
  return isLabelled && !arrayOf(metadata.ownerReferences).some((owner) => at(owner, 'kind') === 'ExternalSecret');
}
