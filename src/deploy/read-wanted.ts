import { hiddenNames } from '../inputs/compose.ts';
import { envNameOf } from '../inputs/names.ts';
import type { ResolveRequest } from '../inputs/resolve.ts';
import type { InputSpecs } from '../inputs/specs.ts';
import { wantedInputs, withParts } from '../inputs/wanted.ts';
import type { ImageFlags } from '../manifests/choose-images.ts';
import type { ManifestReading } from '../manifests/load.ts';
import { type LoadedManifests, loadChosen } from '../manifests/load-chosen.ts';
import type { ManifestChoice } from '../manifests/paths.ts';
import { type Uses, usesOf } from '../manifests/uses.ts';
import type { Origin } from '../model/object.ts';

/** Which manifests, and what by hand. */
export interface WantedRequest extends Omit<ManifestChoice, 'reading'> {
  readonly resolve: ManifestReading & Pick<ResolveRequest, 'set'>;
  /** What the flags say of images. */
  readonly images?: ImageFlags;
}

/** The manifests of a run, and the inputs that they want. */
export interface WantedInputs {
  readonly loaded: LoadedManifests;
  /** The names of those that the manifests use, with what they are composed of. */
  readonly used: ReadonlySet<string>;
  /** Of all that are declared or used. */
  readonly specs: InputSpecs;
  /** Some manifests could not be read as a whole: whether an input fills a Secret there is unknown. */
  readonly isPart: boolean;
}

/** Reads the manifests, and which inputs they want. What is wrong with them is among what was loaded. */
export async function readWanted(request: WantedRequest, signal: AbortSignal): Promise<WantedInputs> {
  const { config } = request;
  const { cwd, env, readStdin } = request.resolve;
  const loaded = await loadChosen({ ...request, reading: { cwd, env, readStdin } }, request.images, signal);
  const written = usesOf([...loaded.files, ...loaded.overrides.map(({ file }) => file)]);
  const uses = withParts(meantUses(written, request), config);
  return {
    loaded,
    used: new Set(uses.names.keys()),
    specs: wantedInputs(config, uses),
    isPart: loaded.isUnread || written.isBroken,
  };
}

/** The used inputs whose values may be shown: none of them is secret, nor may be. */
export function shownNames({ used, specs, isPart }: WantedInputs): ReadonlySet<string> {
  const hidden = hiddenNames(specs, new Map());
  return new Set([...used].filter((name) => !isPart && !hidden.has(name)));
}

/** In texts for a shell or another program an input is meant only where somebody has declared or given it. */
function meantUses(
  { names, inProse, inSecrets }: Uses,
  { config, resolve: { set, env } }: WantedRequest,
): { readonly names: ReadonlyMap<string, Origin>; readonly inSecrets: ReadonlySet<string> } {
  const isGiven = (name: string): boolean =>
    set.some((text) => text.startsWith(`${name}=`)) || env[envNameOf(name)] !== undefined;
  const meant = [...inProse].filter(([name]) => name in config.inputs || isGiven(name));
  return { names: new Map([...meant, ...names]), inSecrets };
}
