import { noImageFlags } from '../../manifests/choose-images.ts';
import { matchesDeclared, readDeclared } from '../../manifests/declared.ts';
import { namespacedBy } from '../../manifests/definitions.ts';
import { errorsOf } from '../../model/finding.ts';
import type { Filling, Manifest } from '../../model/manifest.ts';
import { formatOrigin, refKey } from '../../model/object.ts';
import { finish, invalid, type Prepared, type PrepareRequest } from '../prepare.ts';
import { fillingsByPath } from './fields.ts';

/** A manifest as it is deployed, or with its places open where it lacks a value. */
export interface ReadManifest extends Manifest {
  /** What fills its fields, by their paths. */
  readonly filled: ReadonlyMap<string, Filling>;
  /** The placeholders whose input has no value and needs none: their entry is left out, or has their own fallback. */
  readonly unfilled: ReadonlyMap<string, Filling>;
}

/**
 * The manifests as they are deployed; those that lack a value with their places open.
 *
 * @throws DeployError `invalid` where none can be read.
 */
export async function readManifests(
  request: PrepareRequest,
  prepared: Prepared,
  signal: AbortSignal,
): Promise<readonly ReadManifest[]> {
  const { manifests } = finish(prepared, request, namespacedBy(prepared.manifests));
  const { cwd, env, readStdin } = request.resolve;
  const { namespace } = prepared;
  const images = request.images ?? noImageFlags;
  const declared = await readDeclared({ ...request, namespace, reading: { cwd, env, readStdin }, images }, signal);
  const open = declared.manifests.filter((one) => !manifests.some((manifest) => isSame(one, manifest)));
  const errors = errorsOf(prepared.findings);
  if (manifests.length + open.length === 0 && errors.length > 0) throw invalid(errors);
  return [
    ...manifests.map((manifest) => {
      const filled = fillingsByPath(manifest);
      const twins = declared.manifests.filter((one) => isSame(one, manifest));
      const unfilled = twins.flatMap((twin) => [...fillingsByPath(twin)]).filter(([path]) => !filled.has(path));
      return { ...manifest, filled, unfilled: new Map(unfilled) };
    }),
    ...open.map((manifest) => ({ ...manifest, filled: fillingsByPath(manifest), unfilled: new Map() })),
  ];
}

/** The inputs that manifests have placeholders for. */
export function namesIn(manifests: readonly ReadManifest[]): ReadonlySet<string> {
  const fillings = manifests.flatMap(({ filled, unfilled }) => [...filled.values(), ...unfilled.values()]);
  return new Set(fillings.flatMap(({ inputs }) => inputs.map(({ name }) => name)));
}

/** Whether an object with open places, its name perhaps among them, becomes another one. */
function isSame(declared: Manifest, { ref, origin }: Manifest): boolean {
  const { kind, name } = declared.ref;
  if (refKey(declared.ref) === refKey(ref)) return true;
  return kind === ref.kind && formatOrigin(declared.origin) === formatOrigin(origin) && matchesDeclared(name, ref.name);
}
