import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { Host } from '../events.ts';
import { createSurroundings } from '../inputs/surroundings.ts';
import { waveOf } from '../kinds/index.ts';
import { noImageFlags } from '../manifests/choose-images.ts';
import { hashConfigs, saltSecrets } from '../manifests/config-hash.ts';
import { namespacedBy } from '../manifests/definitions.ts';
import { errorsOf, type Finding } from '../model/finding.ts';
import { objectOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatYaml } from '../model/yaml.ts';
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
  const manifests = hashConfigs(
    request.showSecrets ? saltSecrets(finished.manifests, () => salt) : finished.manifests.map(redact),
  );
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

function redact(manifest: Manifest): Manifest {
  const { body } = manifest;
  if (body.kind !== 'Secret') return manifest;
  const data = Object.fromEntries(Object.keys(objectOf(body.data)).map((key) => [key, '****']));
  return { ...manifest, body: { ...body, data } };
}
