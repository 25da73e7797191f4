import { podTemplateOf } from '../../manifests/pod-template.ts';
import type { Hook } from '../../model/hook.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { annotated, staysUnpruned } from './annotate.ts';
import { filesOf, type Handed, type Handover, openRepository, openRepositoryFinding } from './engine.ts';
import { isClaim, type Slot } from './slots.ts';

const waveKey = 'argocd.argoproj.io/sync-wave';
const hookKey = 'argocd.argoproj.io/hook';
const deleteKey = 'argocd.argoproj.io/hook-delete-policy';
const optionsKey = 'argocd.argoproj.io/sync-options';

/** Argo CD takes Helm's hooks for its own, too: what has another place in the plan must not have them. */
const foreign = { [deleteKey]: undefined, 'helm.sh/hook': undefined, 'helm.sh/hook-weight': undefined } as const;

/**
 * Objects with sync waves, and the Application that has them.
 * https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
 */
export function forArgoCd({ application, namespace, slots, source }: Handover): Handed {
  const moved = withClaimsLate(slots);
  const waves = syncWaves(moved);
  const files = moved.flatMap((slot, index) =>
    filesOf({ ...slot, manifests: slot.manifests.map((one) => inWave(one, waves[index] ?? 0, slot.hook)) }),
  );
  const makesNamespace = moved.some(({ manifests }) => manifests.some((one) => isNamespace(one, namespace)));
  const repository = source.repo ?? openRepository;
  const body: KubernetesObject = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: application, namespace: 'argocd' },
    spec: {
      project: 'default',
      source: {
        repoURL: repository,
        targetRevision: source.revision ?? 'HEAD',
        path: source.path === '.' ? 'waves' : `${source.path}/waves`,
        directory: { recurse: true },
      },
      destination: { server: 'https://kubernetes.default.svc', namespace },
      syncPolicy: policy(makesNamespace),
    },
  };
  return {
    files: [{ path: 'application.yaml', objects: [body] }, ...files],
    findings: source.repo === undefined ? [openRepositoryFinding('application.yaml')] : [],
  };
}

/** As `up` does it: what left the manifests goes at the end, and a namespace that is missing is made. */
function policy(makesNamespace: boolean): JsonObject {
  const own = makesNamespace ? [] : ['CreateNamespace=true'];
  return {
    automated: { prune: true },
    syncOptions: ['ServerSideApply=true', ...own, 'PruneLast=true'],
    retry: { limit: 3, backoff: { duration: '10s', factor: 2, maxDuration: '3m' } },
  };
}

function isNamespace({ ref }: Manifest, name: string): boolean {
  return ref.apiVersion === 'v1' && ref.kind === 'Namespace' && ref.name === name;
}

/**
 * The number of the plan's wave, moved up where a hook or a step comes between: within one wave Argo CD applies all at
 * once.
 */
function syncWaves(slots: readonly Slot[]): readonly number[] {
  const numbers: number[] = [];
  for (const { wave } of slots) numbers.push(Math.max(wave, (numbers.at(-1) ?? -1) + 1));
  return numbers;
}

/**
 * Argo CD waits until a wave is healthy, and a claim may be bound only for the first pod that mounts it: it goes with the
 * first pods.
 */
function withClaimsLate(slots: readonly Slot[]): readonly Slot[] {
  const first = slots.findIndex(({ manifests }) => manifests.some(startsPods));
  const early = slots.slice(0, Math.max(first, 0)).flatMap(({ manifests }) => manifests.filter(isClaim));
  if (early.length === 0) return slots;
  return slots.flatMap((slot, index) => {
    if (index === first) return [{ ...slot, manifests: [...early, ...slot.manifests] }];
    const manifests = index < first ? slot.manifests.filter((one) => !isClaim(one)) : slot.manifests;
    return manifests.length === 0 ? [] : [{ ...slot, manifests }];
  });
}

function startsPods({ body }: Manifest): boolean {
  return body.kind === 'Pod' || podTemplateOf(body) !== undefined;
}

/** Argo CD has no PreSync that comes after the ConfigMaps: `before` is a hook of the sync itself, in its own wave. */
const moments: Readonly<Record<Hook['run'], string>> = { before: 'Sync', after: 'PostSync' };

const deletePolicies: Readonly<Record<Exclude<Hook['delete'], 'never'>, string>> = {
  'before-next': 'BeforeHookCreation',
  'on-success': 'BeforeHookCreation,HookSucceeded',
};

function inWave(manifest: Manifest, wave: number, hook: Hook | undefined): Manifest {
  const { body, ref } = manifest;
  // A Job that is to run once is none of Argo CD's hooks, which all run again; so are claims that go with one.
  const isHook = hook !== undefined && hook.delete !== 'never' && ref.kind === 'Job';
  const own = isHook
    ? { [hookKey]: moments[hook.run], [deleteKey]: deletePolicies[hook.delete] }
    : { [hookKey]: undefined };
  const options = staysUnpruned(manifest) ? ['Prune=false', 'Delete=false'] : [];
  const given = body.metadata.annotations?.[optionsKey];
  const all = [...(given === undefined ? [] : [given]), ...options].join(',');
  return {
    ...manifest,
    body: annotated(body, {
      ...foreign,
      'helm.sh/hook-delete-policy': undefined,
      ...own,
      [waveKey]: String(wave),
      ...(all === '' ? {} : { [optionsKey]: all }),
    }),
  };
}
