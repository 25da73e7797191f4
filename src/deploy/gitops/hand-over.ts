import { resolve } from 'node:path';
import type { Host } from '../../events.ts';
import { storedLocationOf } from '../../inputs/stored.ts';
import { createSurroundings } from '../../inputs/surroundings.ts';
import { hashConfigs } from '../../manifests/config-hash.ts';
import { namespacedBy } from '../../manifests/definitions.ts';
import type { SecretStores } from '../../manifests/secret-stores.ts';
import { errorFinding, errorsOf, type Finding } from '../../model/finding.ts';
import { type Manifest, originOf } from '../../model/manifest.ts';
import { formatRef } from '../../model/object.ts';
import { type Blinds, blind } from '../external-secrets/blinds.ts';
import { externalSecretOf, type SecretRules } from '../external-secrets/external-secret.ts';
import { withNamespace } from '../namespace.ts';
import { finish, invalid, type Prepared, type PrepareRequest, prepare } from '../prepare.ts';
import { type Rendered, warningOnly } from '../render.ts';
import { forArgoCd } from './argocd.ts';
import type { EngineName, Handed, Handover, Source } from './engine.ts';
import { forFlux } from './flux.ts';
import { slotsOf } from './slots.ts';
import { writeFiles, yamlOf } from './write-files.ts';

export interface HandoverRequest extends PrepareRequest {
  readonly engine: EngineName;
  readonly source: Source;
  readonly stores: SecretStores;
  /** Write a folder per wave here, instead of one text. */
  readonly directory?: string;
}

const engines: Readonly<Record<EngineName, (handover: Handover) => Handed>> = { argocd: forArgoCd, flux: forFlux };

/**
 * Renders the manifests for an engine that carries the rollout out: the same objects, in the order of the plan. No value of
 * a secret input gets into them.
 *
 * @throws DeployError `invalid` with all findings, or `refused` for the folder; then nothing is written.
 */
export async function handOver(request: HandoverRequest, host: Host, signal: AbortSignal): Promise<Rendered> {
  const { config, engine, source, stores } = request;
  const surroundings = createSurroundings(request.resolve, host, signal);
  const prepared = await prepare(request, surroundings, host, signal);
  const isNamespaced = namespacedBy(prepared.manifests);
  const blinds = blind(prepared.resolved);
  host.protect(blinds.redact);
  const found = [...prepared.findings, ...finish(prepared, warningOnly(request), isNamespaced).findings];
  const blinded: Prepared = { ...prepared, manifests: prepared.renderWith(blinds.inputs) };
  const { manifests } = finish(blinded, warningOnly(request), isNamespaced);
  const terraform = await surroundings.outputs();
  const secrets = withoutSecrets(manifests, {
    blinds,
    stores,
    apiVersion: 'external-secrets.io/v1',
    noStore: { secretsManager: 'no store is named (--secret-store)', ssm: 'no store is named (--parameter-store)' },
    locationOf: (input) => storedLocationOf(input, config.inputs[input.name]?.sources ?? [], terraform),
  });
  const { application, namespace } = prepared;
  // Argo CD makes the namespace by itself.
  const placed =
    engine === 'argocd' || namespace === 'default'
      ? secrets.manifests
      : withNamespace(secrets.manifests, { application, namespace, namespaceState: 'missing' });
  const slots = slotsOf(hashConfigs(placed));
  const handed = engines[engine]({ application, namespace, slots, source });
  const findings = [...found, ...secrets.findings, ...handed.findings];
  if (errorsOf(findings).length > 0) throw invalid(findings, 'Nothing was written.');
  for (const finding of findings) host.emit({ type: 'finding', finding });
  const objects = handed.files.flatMap((file) => file.objects);
  if (request.directory === undefined) return { yaml: yamlOf(objects), files: [], objects: objects.length, findings };
  const { paths, removed } = await writeFiles(handed.files, resolve(request.resolve.cwd, request.directory));
  if (removed.length > 0) {
    const message = `Removed from ${request.directory}, of the rendering before: ${removed.join(', ')}`;
    host.emit({ type: 'step', name: 'render', message });
  }
  return { yaml: '', files: paths, objects: objects.length, findings };
}

/** Manifests without a Secret, nor the value of a secret input anywhere else. */
function withoutSecrets(
  manifests: readonly Manifest[],
  rules: SecretRules,
): { readonly manifests: readonly Manifest[]; readonly findings: readonly Finding[] } {
  const outcomes = manifests.map((manifest) => {
    const { ref } = manifest;
    if (ref.apiVersion === 'v1' && ref.kind === 'Secret') {
      const outcome = externalSecretOf(manifest, rules);
      return 'manifest' in outcome ? outcome.manifest : leftOut(manifest, outcome.reasons);
    }
    return inTheClear(manifest, rules.blinds) ?? manifest;
  });
  return {
    manifests: outcomes.flatMap((one) => ('cause' in one ? [] : [one])),
    findings: outcomes.flatMap((one) => ('cause' in one ? [one] : [])),
  };
}

function leftOut({ ref, origin }: Manifest, evidence: readonly string[]): Finding {
  return {
    id: 'gitops/secret-left-out',
    severity: 'warning',
    object: ref,
    origin,
    cause: `${formatRef(ref)} is left out: no Secret goes to git, and not all of it can be read from AWS by an ExternalSecret.`,
    evidence,
    fix: 'Let its inputs come from Secrets Manager or Parameter Store (sources) and name the store: --secret-store, --parameter-store. Or make the Secret in the cluster yourself, before its pods start.',
  };
}

function inTheClear(manifest: Manifest, { inputsIn }: Blinds): Finding | undefined {
  const inputs = inputsIn(JSON.stringify(manifest.body));
  if (inputs.length === 0) return undefined;
  const names = new Set(inputs.map(({ name }) => name));
  const filled = (manifest.fillings ?? []).find(({ inputs: used }) => used.some(({ secret }) => secret));
  const cause = `${formatRef(manifest.ref)} has the secret input ${[...names].join(', ')} in the clear: it would go to git.`;
  return errorFinding(
    'gitops/secret-in-clear',
    cause,
    'Put the value into a Secret, and let the pods read it from there.',
    {
      object: manifest.ref,
      origin: filled?.origin ?? originOf(manifest, 'metadata.name'),
    },
  );
}
