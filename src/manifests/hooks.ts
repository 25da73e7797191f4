import type { Config } from '../config/schema.ts';
import { durationMs } from '../model/duration.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import type { Hook } from '../model/hook.ts';
import { type Manifest, originOf } from '../model/manifest.ts';
import {
  formatRef,
  groupOf,
  isNamed,
  type KubernetesObject,
  namesOf,
  type ObjectRef,
  type Origin,
} from '../model/object.ts';
import { didYouMean } from '../model/suggest.ts';

/** What a configuration says of a Job whose manifest is left as it is. */
export interface HookEntry {
  readonly run: Hook['run'];
  readonly delete?: Hook['delete'] | undefined;
  readonly timeout?: string | undefined;
}

const own = {
  run: 'oms-deploy.io/hook',
  delete: 'oms-deploy.io/hook-delete',
  timeout: 'oms-deploy.io/timeout',
} as const;
/** https://helm.sh/docs/topics/charts_hooks/ */
const helm = { run: 'helm.sh/hook', delete: 'helm.sh/hook-delete-policy', weight: 'helm.sh/hook-weight' } as const;
/** https://argo-cd.readthedocs.io/en/stable/user-guide/resource_hooks/ */
const argo = {
  run: 'argocd.argoproj.io/hook',
  delete: 'argocd.argoproj.io/hook-delete-policy',
  weight: 'argocd.argoproj.io/sync-wave',
} as const;

const moments: Readonly<Record<string, Hook['run']>> = {
  'pre-install': 'before',
  'pre-upgrade': 'before',
  PreSync: 'before',
  'post-install': 'after',
  'post-upgrade': 'after',
  PostSync: 'after',
};

const runs = ['before', 'after'] as const;
const deletes = ['before-next', 'on-success', 'never'] as const;

/** How an object is a hook; undefined for one that isn't. Our own annotations come before those of Argo CD and Helm. */
export function hookOf(body: KubernetesObject): Hook | undefined {
  const annotations = annotationsOf(body);
  if (!isJob(body)) return undefined;
  const run = runs.find((one) => one === annotations[own.run]) ?? foreignRun(annotations);
  if (run === undefined) return undefined;
  const weight = Number(annotations[helm.weight] ?? annotations[argo.weight] ?? 0);
  return {
    run,
    delete: deletes.find((one) => one === annotations[own.delete]) ?? foreignDelete(annotations),
    weight: Number.isInteger(weight) ? weight : 0,
  };
}

interface Hooked {
  readonly manifests: readonly Manifest[];
  /** Of the same manifests in another form, in the same order, those that stay. */
  readonly keptOf: (others: readonly Manifest[]) => readonly Manifest[];
  readonly findings: readonly Finding[];
}

/** Manifests with their hooks: what the configuration says is written on the objects, what has no place in a deploy is left out. */
export function withHooks(
  manifests: readonly Manifest[],
  { hooks, placeOf }: Pick<Config, 'hooks' | 'placeOf'>,
  isWhole: boolean,
): Hooked {
  const entries = Object.entries(hooks).map(([name, entry]): Named => {
    const originOf = (field: string): { readonly origin?: Origin } => {
      const place = placeOf(['hooks', name, field]);
      return place === undefined ? {} : { origin: place.origin };
    };
    return { name, entry, originOf };
  });
  const entryOf = ({ ref }: Manifest): Named | undefined => entries.find(({ name }) => isNamed(ref, name));
  const named = manifests.map((manifest) => {
    const own = entryOf(manifest);
    return own === undefined ? manifest : annotated(manifest, own.entry);
  });
  const left = named.filter(isLeftOut);
  return {
    manifests: named.filter((manifest) => !left.includes(manifest)),
    keptOf: (others) => others.filter((_, index) => !left.some((one) => one === named[index])),
    findings: [
      ...named.flatMap((manifest) => mistakesIn(manifest, entryOf(manifest))),
      ...left.map(leftOut),
      ...entries
        .filter(({ name }) => isWhole && !manifests.some(({ ref }) => isNamed(ref, name)))
        .map((one) => unknownEntry(one, manifests)),
    ],
  };
}

function annotated(manifest: Manifest, entry: HookEntry): Manifest {
  const { body } = manifest;
  const annotations = {
    ...body.metadata.annotations,
    [own.run]: entry.run,
    ...(entry.delete === undefined ? {} : { [own.delete]: entry.delete }),
    ...(entry.timeout === undefined ? {} : { [own.timeout]: entry.timeout }),
  };
  return { ...manifest, body: { ...body, metadata: { ...body.metadata, annotations } } };
}

function isJob({ apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>): boolean {
  return kind === 'Job' && groupOf(apiVersion) === 'batch';
}

type Annotations = Readonly<Record<string, string>>;

/** A key with nothing behind it is null in YAML. */
function annotationsOf({ metadata }: KubernetesObject): Annotations {
  return metadata.annotations ?? {};
}

function listed(text: string | undefined): readonly string[] {
  return (text ?? '').split(',').flatMap((one) => one.trim() || []);
}

function foreignRun(annotations: Annotations): Hook['run'] | undefined {
  return [...listed(annotations[argo.run]), ...listed(annotations[helm.run])].flatMap((one) => moments[one] ?? [])[0];
}

/** That a failed one is deleted is passed over: what it says would be gone. */
function foreignDelete(annotations: Annotations): Hook['delete'] {
  const policies = [...listed(annotations[argo.delete]), ...listed(annotations[helm.delete])];
  return policies.some((one) => one === 'hook-succeeded' || one === 'HookSucceeded') ? 'on-success' : 'before-next';
}

/** For other moments than a deploy: tests, deletions, rollbacks. Argo CD's `Sync` is the deploy itself. */
function isLeftOut({ body }: Manifest): boolean {
  const annotations = annotationsOf(body);
  if (annotations[own.run] !== undefined) return false;
  const events = [...listed(annotations[argo.run]), ...listed(annotations[helm.run])];
  return (
    events.length > 0 && events.every((one) => moments[one] === undefined && one !== 'Sync' && one !== 'crd-install')
  );
}

function leftOut(manifest: Manifest): Finding {
  const { ref, body } = manifest;
  const annotations = annotationsOf(body);
  const key = annotations[argo.run] === undefined ? helm.run : argo.run;
  return {
    id: 'hooks/left-out',
    severity: 'info',
    object: ref,
    origin: originOf(manifest, `metadata.annotations[${key}]`),
    cause: `${formatRef(ref)} is left out: it is for another moment than a deploy (${key}: ${annotations[key] ?? ''}).`,
    evidence: [],
    fix: `To deploy it all the same, remove the annotation ${key}, or make it a hook: ${own.run}: before, or after.`,
  };
}

/** Wrong values of our own annotations; what Helm or Argo CD don't know, they find themselves. */
function mistakesIn(manifest: Manifest, entry: Named | undefined): readonly Finding[] {
  if (entry !== undefined && !isJob(manifest.ref)) return [noJob(entry, manifest)];
  const annotations = annotationsOf(manifest.body);
  const { [own.run]: run, [own.delete]: policy, [own.timeout]: timeout } = annotations;
  const wrong = (key: string, cause: string, fix: string): Finding =>
    errorFinding('hooks/invalid', `${formatRef(manifest.ref)}: ${cause}`, fix, {
      object: manifest.ref,
      origin: originOf(manifest, `metadata.annotations[${key}]`),
    });
  const isOneOf = (values: readonly string[], value: string): boolean => values.includes(value);
  const isHook = run !== undefined || policy !== undefined;
  return [
    ...(run !== undefined && !isJob(manifest.ref)
      ? [wrong(own.run, 'only a Job can be a hook.', `Remove the annotation ${own.run}, or make it a Job.`)]
      : []),
    ...(run === undefined || isOneOf(runs, run)
      ? []
      : [wrong(own.run, `${own.run} is ${JSON.stringify(run)}.`, 'Write before or after.')]),
    ...(policy === undefined || isOneOf(deletes, policy)
      ? []
      : [wrong(own.delete, `${own.delete} is ${JSON.stringify(policy)}.`, `Write ${deletes.join(', ')}.`)]),
    ...(policy !== undefined && run === undefined && hookOf(manifest.body) === undefined
      ? [wrong(own.delete, `it has ${own.delete}, and is no hook.`, `Add ${own.run}: before, or after.`)]
      : []),
    ...(isHook && timeout !== undefined && durationMs(timeout) === undefined
      ? [wrong(own.timeout, `${own.timeout} is ${JSON.stringify(timeout)}.`, 'Write a duration such as 90s or 5m.')]
      : []),
  ];
}

/** An entry of `hooks` in the configuration, and where its fields stand. */
interface Named {
  readonly name: string;
  readonly entry: HookEntry;
  readonly originOf: (field: string) => { readonly origin?: Origin };
}

function noJob({ name, originOf }: Named, { ref }: Manifest): Finding {
  const cause = `hooks: of the configuration names ${name}: only a Job can be a hook.`;
  return errorFinding('hooks/invalid', cause, 'Take it out of hooks:, or name a Job.', {
    object: ref,
    ...originOf('run'),
  });
}

function unknownEntry({ name, originOf }: Named, manifests: readonly Manifest[]): Finding {
  const near = didYouMean(
    name,
    manifests.filter(({ ref }) => isJob(ref)).flatMap(({ ref }) => namesOf(ref)),
  );
  return {
    id: 'hooks/unknown',
    severity: 'warning',
    ...originOf(''),
    cause: `The configuration has a hook ${name}, and no manifest has such an object.`,
    evidence: [],
    fix: near || 'Correct its name under hooks, or remove it.',
  };
}
