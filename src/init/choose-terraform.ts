import { dirname } from 'node:path/posix';
import { DeployError } from '../errors.ts';
import type { Host } from '../events.ts';
import { type OutputsRequest, readOutputs } from '../inputs/terraform.ts';
import type { DeploymentEvidence, TerraformEvidence, TextFile } from './evidence.ts';
import { declaredOutputs, realOutputs } from './scan-terraform.ts';

/**
 * The outputs of Terraform: real ones where a flag says where they are, else what the files declare. Where several
 * folders have outputs, somebody who can be asked chooses; else the first in order is taken.
 *
 * @throws DeployError `interrupted`.
 */
export async function chooseTerraform(
  files: readonly TextFile[],
  { terraformDir }: DeploymentEvidence,
  request: OutputsRequest,
  host: Host | undefined,
  signal: AbortSignal,
): Promise<TerraformEvidence> {
  const { terraformDir: dir, outputsFile } = request;
  if (dir !== undefined || outputsFile !== undefined) {
    const reading = await readOutputs(request, signal);
    if (reading.findings.length === 0)
      return { ...(dir === undefined ? {} : { dir }), outputs: realOutputs(reading), isReal: true };
    if (dir === undefined)
      throw new DeployError('invalid', "The outputs can't be read. Nothing was written.", {
        findings: reading.findings,
      });
  }
  const folders = foldersWithOutputs(files);
  const given = dir ?? terraformDir?.replace(/^\.\/|\/$/g, '');
  const known = folders.find((folder) => folder === given);
  const [first] = folders;
  if (first === undefined) return { ...(dir === undefined ? {} : { dir }), outputs: [], isReal: false };
  const folder = known ?? (folders.length > 1 && host !== undefined ? await askFolder(folders, host, signal) : first);
  return { dir: folder, outputs: declaredOutputs(filesOf(folder, files)), isReal: false };
}

/** Folders whose own files declare outputs, modules left out: those that are usual first, then by name. */
function foldersWithOutputs(files: readonly TextFile[]): readonly string[] {
  const folders = [...new Set(files.filter(({ path }) => path.endsWith('.tf')).map(({ path }) => dirname(path)))];
  const rank = (folder: string): number => {
    const place = usual.indexOf(folder.replace(/^(?:\.\.\/)+/, ''));
    const stage = /(?:^|\/)dev(?:elopment)?$/.test(folder) ? 0 : 1;
    return (place < 0 ? usual.length : place) * 2 + stage;
  };
  return folders
    .filter((folder) => !/(?:^|\/)modules?\//.test(`${folder}/`))
    .filter((folder) => declaredOutputs(filesOf(folder, files)).length > 0)
    .toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

const usual = ['terraform', 'infra', 'infrastructure', 'iac', 'tf', '.'];

function filesOf(folder: string, files: readonly TextFile[]): readonly TextFile[] {
  return files.filter(({ path }) => path.endsWith('.tf') && dirname(path) === folder);
}

async function askFolder(folders: readonly string[], host: Host, signal: AbortSignal): Promise<string> {
  const choices = folders.map((folder) => ({ value: folder, name: folder }));
  const message = 'Which Terraform folder has the outputs of this application?';
  return host.choose({ type: 'choice', message, choices, flag: '--terraform-dir' }, signal);
}
