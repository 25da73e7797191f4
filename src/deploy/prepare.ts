import { setImmediate } from 'node:timers/promises';
import type { Config } from '../config/schema.ts';
import { DeployError } from '../errors.ts';
import type { Host } from '../events.ts';
import { hiddenNames } from '../inputs/compose.ts';
import { namedSecrets, redactor, secretsOf } from '../inputs/redact.ts';
import { type ResolveRequest, resolveInputs } from '../inputs/resolve.ts';
import type { InputSpecs } from '../inputs/specs.ts';
import type { Surroundings } from '../inputs/surroundings.ts';
import { configOptions, hasAll } from '../lint/config-options.ts';
import { factsOf, newestMinor } from '../lint/facts.ts';
import { lint } from '../lint/lint.ts';
import { inputsOfTag, noImageFlags } from '../manifests/choose-images.ts';
import type { Values } from '../manifests/fill-document.ts';
import { withHooks } from '../manifests/hooks.ts';
import { namesOf } from '../manifests/identity.ts';
import { loadExpansion } from '../manifests/load-expansion.ts';
import { render } from '../manifests/render.ts';
import { givingStoresIn } from '../manifests/secret-stores.ts';
import { stampManifests } from '../manifests/stamp.ts';
import { countOf } from '../model/age.ts';
import { errorsOf, type Finding } from '../model/finding.ts';
import { builtIns, type Input, type Inputs, isByHand, type Source, shownSource } from '../model/input.ts';
import type { Manifest } from '../model/manifest.ts';
import type { FromStores } from './external-secrets/from-stores.ts';
import { readWanted, type WantedRequest } from './read-wanted.ts';

/** What a run is asked to deploy. */
export interface PrepareRequest extends WantedRequest {
  /** `--namespace`; else the configuration's. */
  readonly namespace?: string;
  readonly resolve: Omit<ResolveRequest, 'specs' | 'directory'>;
  /** Also say what is only good advice. */
  readonly wantsAdvice?: boolean;
}

/** Inputs and manifests, and all that is wrong with them. */
export interface Prepared {
  readonly application: string;
  readonly namespace: string;
  /** Only the inputs that the manifests use. */
  readonly inputs: readonly Input[];
  /** Rendered; `stamp` completes them once it is known which kinds have a namespace. */
  readonly manifests: readonly Manifest[];
  readonly findings: readonly Finding[];
  /** The values that must not be seen: a record keeps them apart. */
  readonly secretValues: readonly string[];
  /** The inputs of which nothing may be shown, those without a value too. */
  readonly secretInputs: ReadonlySet<string>;
  /** All inputs, and how they are looked for. */
  readonly resolved: { readonly inputs: Inputs; readonly specs: InputSpecs };
  /** The same manifests with other values of the inputs. */
  readonly renderWith: (inputs: Inputs) => readonly Manifest[];
  /** The same manifests without these add-ons. */
  readonly without: (addons: ReadonlySet<string>) => readonly Manifest[];
  /** Lets SecretStores of the manifests give their Secrets; `complete` as these manifests were. Absent where none does. */
  readonly fromStores?: (manifests: readonly Manifest[], complete: Complete) => FromStores;
}

type Complete = (manifests: readonly Manifest[]) => readonly Manifest[];

/** Reads manifests and inputs, and renders. Nothing is sent to a cluster, and nothing that is wrong ends it early. */
export async function prepare(
  request: PrepareRequest,
  surroundings: Surroundings,
  host: Host,
  signal: AbortSignal,
): Promise<Prepared> {
  const { config } = request;
  const namespace = request.namespace ?? config.namespace;
  const { loaded, used, specs } = await readWanted(request, signal);
  const resolution = await resolveInputs(
    {
      ...request.resolve,
      specs,
      directory: config.directory,
      addonsWith: async (input) => (await import('../config/addons/catalog.ts')).addonsWithInput(input),
      ofTag: () => inputsOfTag(loaded.files, config.images),
    },
    surroundings,
    host,
    signal,
  );
  const inputs = new Map([...resolution.inputs, ...builtInInputs(request, namespace)]);
  host.protect(redactor(inputs));
  const expand = await loadExpansion(loaded.files);
  const renderIt = (values: Inputs, files = loaded.files) =>
    expand(render(files, valuesOf(config, specs, values, resolution.explained), loaded), { config, namespace });
  // Rendering takes a while, in which nothing else is done: what the cluster has answered is heard before and after it.
  await setImmediate();
  const rendering = renderIt(inputs);
  await setImmediate();
  const names = () => namesOf(rendering.manifests, config.application, namespace);
  host.protect(redactor(inputs, names));
  const resolved = { inputs, specs };
  const renderWith = (others: Inputs): readonly Manifest[] => renderIt(others).manifests;
  const isGiven = givingStoresIn(rendering.manifests) !== undefined;
  return {
    application: config.application,
    namespace,
    inputs: [...resolution.inputs.values()].filter(({ name }) => used.has(name)),
    manifests: rendering.manifests,
    findings: [
      ...loaded.findings,
      // What a manifest that can't be read would have used is unknown.
      ...resolution.findings.filter(({ id }) => !loaded.isUnread || id !== 'inputs/unknown'),
      ...(errorsOf([...loaded.findings, ...rendering.findings]).length > 0
        ? []
        : unused(resolution.inputs, new Set([...used, ...loaded.replaced]))),
      ...rendering.findings,
      ...namedSecrets(inputs, names).map(alsoName),
    ],
    secretValues: secretsOf(inputs),
    secretInputs: hiddenNames(specs, inputs),
    resolved,
    renderWith,
    without: (addons) =>
      renderIt(
        inputs,
        loaded.files.filter(({ addon }) => addon === undefined || !addons.has(addon)),
      ).manifests,
    ...(isGiven ? { fromStores: await storesOf(config, { resolved, renderWith }, surroundings) } : {}),
  };
}

async function storesOf(
  config: Config,
  { resolved, renderWith }: Pick<Prepared, 'resolved' | 'renderWith'>,
  surroundings: Surroundings,
): Promise<NonNullable<Prepared['fromStores']>> {
  const [{ blind }, { fromStores }, { storedLocationOf }] = await Promise.all([
    import('./external-secrets/blinds.ts'),
    import('./external-secrets/from-stores.ts'),
    import('../inputs/stored.ts'),
  ]);
  const blinds = blind(resolved);
  const outputs = await surroundings.outputs();
  return (manifests, complete) =>
    fromStores(manifests, {
      blinds,
      blinded: complete(renderWith(blinds.inputs)),
      locationOf: (input) => storedLocationOf(input, config.inputs[input.name]?.sources ?? [], outputs),
    });
}

/** Completes rendered manifests and lints them; what the cluster or the preflight say better is left to them. */
export function finish(
  prepared: Prepared,
  request: Pick<PrepareRequest, 'config' | 'images' | 'manifests' | 'addons' | 'wantsAdvice'>,
  isNamespaced: (manifest: Manifest) => boolean,
): { readonly manifests: readonly Manifest[]; readonly findings: readonly Finding[] } {
  const { config, images = noImageFlags, wantsAdvice = false } = request;
  const { application, namespace } = prepared;
  const stamp = { application, namespace, writtenFor: config.homes, labels: config.labels, isNamespaced };
  const complete: Complete = (those) => stampManifests(those, stamp);
  const stamped = complete(prepared.manifests);
  const given = prepared.fromStores?.(stamped, complete) ?? { manifests: stamped, findings: [] };
  const isGood = errorsOf(prepared.findings).length === 0;
  // What lacks a value isn't among them.
  const isWhole = isGood && hasAll(request);
  const { manifests, keptOf, findings } = withHooks(given.manifests, config, isWhole);
  const allowLatest = images.allowLatest || config.allowLatest;
  const facts = factsOf(keptOf(prepared.manifests), manifests, {
    isWhole,
    minor: newestMinor,
    allowLatest,
  });
  const found = lint(facts, { ...configOptions(request), by: 'plan', wantsAdvice });
  // Of what lacks a value it isn't known whether a store would give it.
  return { manifests, findings: [...(isGood ? given.findings : []), ...findings, ...found] };
}

/** The error for inputs or manifests that can't be deployed: one message with all findings. */
export function invalid(findings: readonly Finding[], state = 'Nothing was changed.'): DeployError {
  const errors = findings.filter(({ severity }) => severity === 'error');
  // Only where AWS or the cluster alone stand in the way is it not the user's files that are wrong.
  const elsewhere = errors.every(
    ({ id }) => /^(aws|cluster|target|access|quota|webhooks)\//.test(id) && id !== 'cluster/unknown-kind',
  );
  const count = countOf(errors.length, 'problem');
  return new DeployError(elsewhere ? 'refused' : 'invalid', `${count}. ${state}`, { findings });
}

/** Values that were given for nothing: often a typo in a manifest, or a file that was left out. */
function unused(inputs: Inputs, used: ReadonlySet<string>): readonly Finding[] {
  const given = [...inputs.values()].filter(({ name, source }) => !used.has(name) && source.kind !== 'default');
  const shown = given.map(({ name, source }) => `${name} (${shownSource(source)})`);
  if (shown.length === 0) return [];
  const [only = ''] = shown;
  const cause =
    shown.length === 1
      ? `The input ${only} is used by no manifest.`
      : `${shown.length} inputs are used by no manifest.`;
  return [
    {
      id: 'inputs/unused',
      severity: 'warning',
      cause,
      evidence: shown.length === 1 ? [] : shown,
      fix: 'Remove them, or check the placeholders of the manifests.',
    },
  ];
}

function alsoName({ name }: Input): Finding {
  return {
    id: 'secrets/common',
    severity: 'warning',
    cause: `The secret input ${name} has a value that is also a name, or a part of one: names stay readable.`,
    evidence: [],
    fix: `Don't use a name as a secret: give ${name} another value, or write "secret: false" at it in the configuration.`,
  };
}

function builtInInputs({ config, namespace }: PrepareRequest, target: string): Inputs {
  const source: Source =
    namespace === undefined ? { kind: 'config', detail: config.file } : { kind: 'flag', detail: '--namespace' };
  const input = (name: string, value: string): readonly [string, Input] => [
    name,
    { name, value, secret: false, source },
  ];
  return new Map([input('namespace', target), input('application', config.application)]);
}

function valuesOf(config: Config, specs: InputSpecs, inputs: Inputs, explained: ReadonlySet<string>): Values {
  const without = Object.entries(config.inputs).filter(([name]) => !inputs.has(name));
  const names = (optional: boolean) =>
    new Set(without.filter(([, spec]) => spec.optional === optional).map(([name]) => name));
  const given = [...inputs.values()].filter(({ source }) => isByHand(source)).map(({ name }) => name);
  const secret = new Set(Object.keys(specs).filter((name) => specs[name]?.secret === true));
  return {
    inputs,
    absent: names(true),
    meant: new Set([...Object.keys(config.inputs), ...builtIns, ...given]),
    encoded: new Set(Object.keys(specs).filter((name) => specs[name]?.encoding === 'base64')),
    missing: new Set([...names(false), ...explained]),
    secret,
    known: [...Object.keys(config.inputs), ...builtIns],
  };
}
