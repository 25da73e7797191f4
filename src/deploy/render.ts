import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { Host } from '../events.ts';
import { redactorOf } from '../inputs/redact.ts';
import { createSurroundings } from '../inputs/surroundings.ts';
import { waveOf } from '../kinds/index.ts';
import { noImageFlags } from '../manifests/choose-images.ts';
import { hashConfigs, saltSecrets } from '../manifests/config-hash.ts';
import { namespacedBy } from '../manifests/definitions.ts';
import { isIdentity } from '../manifests/identity.ts';
import type { Path } from '../model/field-path.ts';
import { errorsOf, type Finding } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatYaml } from '../model/yaml.ts';
import { putBack, secretPathsOf, textAt } from '../releases/secrets.ts';
import { finish, invalid, type PrepareRequest, prepare } from './prepare.ts';
import { writeRendered } from './write-rendered.ts';

export interface RenderRequest extends PrepareRequest {
  /** Write a file per object here, instead of one text. */
  readonly directory?: string;
  readonly showSecrets: boolean;
}

export interface Rendered {
  /** All documents in the order of application; empty where they went to files. */
  readonly yaml: string;
  readonly files: readonly string[];
  readonly objects: number;
  readonly findings: readonly Finding[];
}

/**
 * Writes what would be applied, in the order of its waves.
 *
 * @throws DeployError `invalid` with all findings; then nothing is written.
 */
export async function renderManifests(request: RenderRequest, host: Host, signal: AbortSignal): Promise<Rendered> {
  const surroundings = createSurroundings(request.resolve, host, signal);
  const prepared = await prepare(request, surroundings, host, signal);
  const finished = finish(prepared, warningOnly(request), namespacedBy(prepared.manifests));
  const findings = [...prepared.findings, ...finished.findings];
  if (errorsOf(findings).length > 0) throw invalid(findings, 'Nothing was written.');
  for (const finding of findings) host.emit({ type: 'finding', finding });
  // No cluster, so no salt to keep: this one ties the hashes of this rendering together.
  const salt = randomBytes(12).toString('hex');
  const manifests = request.showSecrets
    ? hashConfigs(saltSecrets(finished.manifests, () => salt))
    : redacted(finished.manifests);
  const ordered = [...manifests].sort((a, b) => waveOf(a.body) - waveOf(b.body));
  if (request.showSecrets) host.protect((text) => text);
  const files =
    request.directory === undefined
      ? []
      : await writeRendered(ordered, resolve(request.resolve.cwd, request.directory));
  const yaml = request.directory === undefined ? ordered.map(({ body }) => `---\n${formatYaml(body)}`).join('') : '';
  return { yaml, files, objects: ordered.length, findings };
}

/** What is only written down may name any image. */
export function warningOnly<T extends PrepareRequest>(request: T): T {
  return { ...request, images: { ...noImageFlags, ...request.images, allowLatest: true } };
}

/**
 * Without what secret inputs have filled, told by its place: of a secret that is also a name, the filter over all output
 * leaves some.
 */
function withoutFilled(manifest: Manifest, isMeant: (path: Path) => boolean): Manifest {
  const paths = secretPathsOf(manifest, () => false).filter(isMeant);
  const secrets = (manifest.fillings ?? []).flatMap(({ inputs }) => inputs.filter(({ secret }) => secret));
  const clean = redactorOf(secrets.map(({ value }) => String(value)));
  const texts = paths.map((path) => {
    const text = textAt(manifest.body, path);
    // What the filter finds nothing in is encoded, or too short for it.
    return clean(text) === text || manifest.ref.kind === 'Secret' ? '****' : clean(text);
  });
  return { ...manifest, body: putBack(manifest.body, paths, texts) };
}

function withoutMade(manifest: Manifest): Manifest {
  const { makes: _, ...others } = manifest;
  return others;
}

/**
 * Names last: the hash of a configuration goes to who reads it by its name. What an operator makes has no salt here: a hash
 * of it would give its values away.
 */
function redacted(manifests: readonly Manifest[]): readonly Manifest[] {
  const contents = manifests.map((manifest) => withoutFilled(withoutMade(manifest), (path) => !isIdentity(path)));
  return hashConfigs(contents).map((manifest) => withoutFilled(manifest, isIdentity));
}
