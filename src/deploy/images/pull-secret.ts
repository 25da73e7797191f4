import type { RegistryToken } from '../../aws/ecr.ts';
import { podSpecOf, withPodSpec } from '../../manifests/containers.ts';
import { pullSecretsNamed } from '../../manifests/pull-secrets.ts';
import { managedByLabel, partOfLabel } from '../../manifests/stamp.ts';
import { formatSpan } from '../../model/age.ts';
import type { EcrRegistry } from '../../model/ecr.ts';
import { errorFinding, type Finding } from '../../model/finding.ts';
import { arrayOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import type { Place } from '../../releases/place.ts';
import type { EcrImages } from './ecr-images.ts';
import type { EcrUse } from './resolve-images.ts';

/** On a Secret: its values are made anew by every run, and are no difference between two plans. */
export const renewedAnnotation = 'oms-deploy.io/renewed';

export interface WithPullSecret {
  readonly manifests: readonly Manifest[];
  readonly findings: readonly Finding[];
  /** What must not be seen. */
  readonly secretValues: readonly string[];
}

/**
 * Adds a pull secret for the ECR images of manifests, where one is asked for. The pod templates name it, and its content
 * is no part of them: a new token restarts no pod.
 */
export async function withPullSecret(
  name: string,
  manifests: readonly Manifest[],
  uses: readonly EcrUse[],
  place: Pick<Place, 'application' | 'namespace'>,
  ecr: EcrImages,
  signal: AbortSignal,
): Promise<WithPullSecret> {
  const registries = [
    ...new Map(uses.map(({ image: { repository } }) => [repository.registry.host, repository.registry])).values(),
  ];
  if (registries.length === 0) return { manifests, findings: [unneeded(name)], secretValues: [] };
  const readings = await Promise.all(registries.map((registry) => ecr.token(registry, signal)));
  const tokens: { readonly registry: EcrRegistry; readonly token: RegistryToken }[] = [];
  const failed = new Map<string, Finding>();
  for (const [index, registry] of registries.entries()) {
    const reading = readings[index];
    if (reading?.ok === true && reading.value !== undefined) tokens.push({ registry, token: reading.value });
    else failed.set(registry.region, reading?.ok === false ? reading.finding : noToken(registry));
  }
  if (failed.size > 0) return { manifests, findings: [...failed.values()], secretValues: [] };
  const secret = secretOf(name, place, tokens);
  const users = new Set(uses.map(({ manifest }) => manifest));
  const others = manifests.filter(({ ref }) => ref.kind !== 'Secret' || ref.name !== name);
  return {
    manifests: [
      ...others.map((one) => (users.has(one) ? { ...one, body: naming(one.body, name) } : one)),
      secret.manifest,
    ],
    findings: [expires(name, Math.min(...tokens.map(({ token }) => token.expiresMs)))],
    secretValues: secret.values,
  };
}

function noToken({ host }: EcrRegistry): Finding {
  return errorFinding('aws/failed', `ECR gave no token for ${host}.`, 'Try: aws ecr get-login-password.');
}

function unneeded(name: string): Finding {
  const cause = `The pull secret ${name} was not made: no image is in a private ECR registry.`;
  const fix = 'Leave --pull-secret, or imagePullSecret in the configuration, out.';
  return { id: 'images/pull-secret', severity: 'warning', cause, evidence: [], fix };
}

function expires(name: string, expiresMs: number): Finding {
  const time = new Date(expiresMs)
    .toISOString()
    .replace(/:\d\d\.\d+Z$/, ' UTC')
    .replace('T', ' ');
  const cause = `The token in the pull secret ${name} expires at ${time} (in ${formatSpan(expiresMs - Date.now())}): ECR's tokens last 12 hours, and from then on new pods can't pull their images.`;
  const fix =
    'Let the role of the nodes pull (AmazonEC2ContainerRegistryPullOnly) and leave the pull secret out; else run up again before that.';
  return { id: 'images/pull-secret', severity: 'warning', cause, evidence: [], fix };
}

function secretOf(
  name: string,
  { application, namespace }: Pick<Place, 'application' | 'namespace'>,
  tokens: readonly { readonly registry: EcrRegistry; readonly token: RegistryToken }[],
): { readonly manifest: Manifest; readonly values: readonly string[] } {
  const auths = tokens.map(({ registry: { host }, token: { password } }) => {
    const auth = Buffer.from(`AWS:${password}`).toString('base64');
    return { host, entry: { username: 'AWS', password, auth } };
  });
  const config = JSON.stringify({ auths: Object.fromEntries(auths.map(({ host, entry }) => [host, entry])) });
  const body: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace,
      labels: { 'app.kubernetes.io/name': name, [partOfLabel]: application, [managedByLabel]: 'oms-deploy' },
      annotations: { [renewedAnnotation]: 'by every deploy: an ECR token for 12 hours' },
    },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
  };
  const origin = { file: '(pull secret of the deploy)', line: 1 };
  return {
    manifest: { ref: refOf(body), body, origin, lineOf: () => undefined },
    values: [config, ...auths.flatMap(({ entry: { password, auth } }) => [password, auth])],
  };
}

function naming(body: KubernetesObject, name: string): KubernetesObject {
  const spec = podSpecOf(body);
  if (spec === undefined || pullSecretsNamed(body).includes(name)) return body;
  return withPodSpec(body, { ...spec, imagePullSecrets: [...arrayOf(spec.imagePullSecrets), { name }] });
}
