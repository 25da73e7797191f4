import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DeployError, messageOf } from '../errors.ts';
import type { Host } from '../events.ts';
import { waveOf } from '../kinds/index.ts';
import { hashConfigs, saltSecrets } from '../manifests/config-hash.ts';
import { errorsOf, type Finding } from '../model/finding.ts';
import { objectOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatYaml } from '../model/yaml.ts';
import { isNamespacedByKind } from './deploy.ts';
import { finish, invalid, type PrepareRequest, prepare } from './prepare.ts';

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
  const prepared = await prepare(request, host, signal);
  const finished = finish(prepared, request.config, isNamespacedByKind);
  const findings = [...prepared.findings, ...finished.findings];
  if (errorsOf(findings).length > 0) throw invalid(findings, 'Nothing was written.');
  // No cluster, so no salt to keep: this one ties the hashes of this rendering together.
  const salt = randomBytes(12).toString('hex');
  const manifests = hashConfigs(
    request.showSecrets ? saltSecrets(finished.manifests, () => salt) : finished.manifests.map(redact),
  );
  const ordered = [...manifests].sort((a, b) => waveOf(a.body) - waveOf(b.body));
  if (request.showSecrets) host.protect((text) => text);
  const files =
    request.directory === undefined ? [] : await writeAll(ordered, resolve(request.resolve.cwd, request.directory));
  const yaml = request.directory === undefined ? ordered.map(({ body }) => `---\n${formatYaml(body)}`).join('') : '';
  return { yaml, files, objects: ordered.length, findings };
}

function redact(manifest: Manifest): Manifest {
  const { body } = manifest;
  if (body.kind !== 'Secret') return manifest;
  const data = Object.fromEntries(Object.keys(objectOf(body.data)).map((key) => [key, '****']));
  return { ...manifest, body: { ...body, data } };
}

async function writeAll(manifests: readonly Manifest[], directory: string): Promise<readonly string[]> {
  try {
    await mkdir(directory, { recursive: true });
    const width = String(manifests.length).length;
    return await Promise.all(
      manifests.map(async ({ ref, body }, index) => {
        const name = `${String(index + 1).padStart(width, '0')}-${ref.kind}-${ref.name}`
          .toLowerCase()
          .replace(/[^a-z0-9.-]/g, '-');
        const file = join(directory, `${name}.yaml`);
        // Whoever may not read a Secret in the cluster shall not read it here.
        await writeFile(file, formatYaml(body), { mode: ref.kind === 'Secret' ? 0o600 : 0o644 });
        return file;
      }),
    );
  } catch (error) {
    throw new DeployError('refused', `The folder ${directory} can't be written.`, {
      why: messageOf(error),
      fix: 'Choose another one: --output-dir.',
    });
  }
}
