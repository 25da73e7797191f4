import { at, stringOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { groupOf } from '../model/object.ts';

/** The stores of the External Secrets Operator that read AWS: `name`, or `ClusterSecretStore/name`. */
export interface SecretStores {
  readonly secretsManager?: string | undefined;
  readonly ssm?: string | undefined;
}

/** On a SecretStore of the manifests: `external` lets it give the Secrets whose values AWS keeps. */
const secretsAnnotation = 'oms-deploy.io/secrets';

/** The services of AWS that a SecretStore reads, as its API names them. */
const services = { SecretsManager: 'secretsManager', ParameterStore: 'ssm' } as const;

/** The stores among manifests that give Secrets. https://external-secrets.io/latest/provider/aws-secrets-manager/ */
export interface GivingStores {
  readonly manifests: readonly Manifest[];
  readonly names: SecretStores;
  /** The version that goes with them. */
  readonly apiVersion: string;
}

/** Finds the stores; undefined where there are none. */
export function givingStoresIn(manifests: readonly Manifest[]): GivingStores | undefined {
  const stores = manifests.filter(isGiving);
  const [first] = stores;
  if (first === undefined) return undefined;
  const names = stores.flatMap((store) => {
    const service = serviceOf(store);
    return service === undefined ? [] : [[services[service], nameOf(store)] as const];
  });
  // The first one of a service counts: one of the application comes before that of an add-on.
  return { manifests: stores, names: Object.fromEntries(names.toReversed()), apiVersion: first.ref.apiVersion };
}

/** Whether a store of this name, as `SecretStores` has it, is the one. */
export function isNamed(store: Manifest, name: string | undefined): boolean {
  return nameOf(store) === name;
}

/** Whether a manifest is a store that gives Secrets. */
export function isGiving({ ref, body }: Manifest): boolean {
  const isStore = ref.kind === 'SecretStore' || ref.kind === 'ClusterSecretStore';
  return (
    isStore &&
    groupOf(ref.apiVersion) === 'external-secrets.io' &&
    body.metadata.annotations?.[secretsAnnotation] === 'external'
  );
}

function serviceOf({ body }: Manifest): keyof typeof services | undefined {
  const service = stringOf(at(body, 'spec', 'provider', 'aws', 'service'));
  return service === 'SecretsManager' || service === 'ParameterStore' ? service : undefined;
}

function nameOf({ ref: { kind, name } }: Manifest): string {
  return kind === 'SecretStore' ? name : `${kind}/${name}`;
}
