import type { ClusterIdentity } from '../cluster/cluster.ts';
import { placedImages } from '../manifests/containers.ts';
import { pullSecretsIn } from '../manifests/pull-secrets.ts';
import { isExternalSecret, writtenSecretOf } from '../manifests/written-secrets.ts';
import { ecrRegistryOf } from '../model/ecr.ts';
import type { Finding } from '../model/finding.ts';
import { arrayOf, at, objectOf, stringOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatRef, groupOf } from '../model/object.ts';

/**
 * Images that the tokens which the External Secrets Operator makes don't help to pull: ECR gives its token with the host of
 * one registry, that of the account and region of who asks for it. Of pods that have another pull secret, too, nothing is said.
 */
export function pullTokenFindings(manifests: readonly Manifest[], identity: ClusterIdentity): readonly Finding[] {
  if (identity.isSandbox) return [];
  const pullSecretsOf = pullSecretsIn(manifests);
  return manifests.filter(isGenerator).flatMap((generator): readonly Finding[] => {
    const { region, account } = registryOf(generator, manifests, identity);
    const secrets = secretsOf(generator, manifests);
    const pulling = manifests.filter((one) => {
      const names = one.ref.namespace === generator.ref.namespace ? pullSecretsOf(one) : [];
      return names.length > 0 && names.every((name) => secrets.includes(name));
    });
    const others = pulling.flatMap(({ ref, body }) => {
      const images = placedImages(body).filter(({ image }) => {
        const registry = ecrRegistryOf(image);
        if (registry === undefined) return false;
        return differs(registry.region, region) || differs(registry.account, account);
      });
      return images.map(({ image }) => `${formatRef(ref)}: ${image}`);
    });
    if (others.length === 0) return [];
    const { ref, origin } = generator;
    const where = account === undefined ? `of ${region}` : `of the account ${account} in ${region}`;
    return [
      {
        id: 'images/pull-token',
        severity: 'warning',
        object: ref,
        origin,
        cause: `The pull secret ${secrets.join(', ')} gets a token for the ECR registry ${where} alone: it doesn't help to pull images of others.`,
        evidence: [...new Set(others)],
        fix: 'Take them from that registry, let the role of the nodes pull them, or give all pods a pull secret for all registries: --set image_pull_secret=<name>.',
      },
    ];
  });
}

function isGenerator({ ref, body }: Manifest): boolean {
  const isOfEcr = ref.kind === 'ECRAuthorizationToken' && groupOf(ref.apiVersion) === 'generators.external-secrets.io';
  return isOfEcr && at(body, 'spec', 'scope') !== 'public' && stringOf(at(body, 'spec', 'region')) !== undefined;
}

/** Of the role that asks; without one the operator's own is of the account of the cluster. */
function registryOf(
  { ref, body }: Manifest,
  manifests: readonly Manifest[],
  identity: ClusterIdentity,
): { readonly region: string; readonly account: string | undefined } {
  const named = stringOf(at(body, 'spec', 'auth', 'jwt', 'serviceAccountRef', 'name'));
  const serviceAccount = manifests.find(
    (one) => one.ref.kind === 'ServiceAccount' && one.ref.name === named && one.ref.namespace === ref.namespace,
  );
  const role = stringOf(at(body, 'spec', 'role')) ?? serviceAccount?.body.metadata.annotations?.[roleAnnotation];
  const [, account = identity.account] = /^arn:[^:]+:iam::(\d{12}):/.exec(role ?? '') ?? [];
  return { region: stringOf(at(body, 'spec', 'region')) ?? '', account };
}

const roleAnnotation = 'eks.amazonaws.com/role-arn';

/** The names of the Secrets that a generator's tokens go into. */
function secretsOf({ ref }: Manifest, manifests: readonly Manifest[]): readonly string[] {
  return manifests
    .filter((one) => isExternalSecret(one) && one.ref.namespace === ref.namespace)
    .filter(({ body }) =>
      arrayOf(at(body, 'spec', 'dataFrom')).some((one) => {
        const { kind, name } = objectOf(at(one, 'sourceRef', 'generatorRef'));
        return kind === ref.kind && name === ref.name;
      }),
    )
    .map((one) => writtenSecretOf(one).name);
}

function differs(registry: string, target: string | undefined): boolean {
  return target !== undefined && registry !== target;
}
