import type { Finding } from '../model/finding.ts';
import { builtIns, type Input } from '../model/input.ts';
import type { Manifest } from '../model/manifest.ts';
import { openPlace, openValueOf } from '../model/open.ts';
import type { ImageFlags } from './choose-images.ts';
import { namespacedBy } from './definitions.ts';
import { withHooks } from './hooks.ts';
import { loadChosen } from './load-chosen.ts';
import { loadExpansion } from './load-expansion.ts';
import type { ManifestChoice } from './paths.ts';
import { render } from './render.ts';
import { stampManifests } from './stamp.ts';
import { usesOf } from './uses.ts';

/** What the manifest files say should be there, whatever the inputs are. */
export interface Declared {
  /** Completed as a deploy does. */
  readonly manifests: readonly Manifest[];
  /** The same in the same order, as the files say. */
  readonly written: readonly Manifest[];
  readonly findings: readonly Finding[];
  /** What is wrong with hooks, or is left out as one: of no interest to who looks at what is deployed. */
  readonly hookFindings: readonly Finding[];
}

/** Reads the manifests with every placeholder open, and completes them as a deploy does. */
export async function readDeclared(
  choice: ManifestChoice & {
    readonly namespace: string;
    readonly images?: Pick<ImageFlags, 'settings' | 'tag'>;
  },
  signal: AbortSignal,
): Promise<Declared> {
  const { config, namespace } = choice;
  const loaded = await loadChosen(choice, choice.images, signal);
  const { names, inProse } = usesOf([...loaded.files, ...loaded.overrides.map(({ file }) => file)]);
  const used = [...names.keys(), ...inProse.keys(), ''];
  const inputs = new Map(used.map((name) => [name, openInput(name)]));
  inputs.set('namespace', { ...openInput('namespace'), value: namespace });
  inputs.set('application', { ...openInput('application'), value: config.application });
  const values = {
    inputs,
    absent: new Set<string>(),
    missing: new Set<string>(),
    meant: new Set([...Object.keys(config.inputs), ...builtIns]),
    encoded: new Set(used),
    secret: new Set<string>(),
    known: [],
  };
  const expand = await loadExpansion(loaded.files);
  const rendering = expand(render(loaded.files, values, loaded), { config, namespace });
  const stamped = stampManifests(rendering.manifests, {
    application: config.application,
    namespace,
    writtenFor: config.homes,
    labels: config.labels,
    isNamespaced: namespacedBy(rendering.manifests),
  });
  // What is left out of a deploy isn't missed either.
  const { manifests, keptOf, findings: hookFindings } = withHooks(stamped, config, !loaded.isPart);
  const written = keptOf(rendering.manifests);
  return { manifests, written, findings: [...loaded.findings, ...rendering.findings], hookFindings };
}

function openInput(name: string): Input {
  return { name, value: openValueOf(name), secret: false, source: { kind: 'config', detail: '' } };
}

/** Whether a text could be what a declared one becomes once its open places are filled. */
export function matchesDeclared(declared: string, live: string): boolean {
  const parts = declared.split(openPlace).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.+')}$`, 's').test(live);
}
