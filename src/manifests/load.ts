import { readFile, stat } from 'node:fs/promises';
import type { PlaceholderStyle } from '../config/schema.ts';
import type { Environment } from '../context.ts';
import { systemCodeOf } from '../errors.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { checkText, decodeManifest, maxFileBytes } from './sources/decode.ts';
import { renderKustomization } from './sources/kustomize.ts';
import { displayName } from './sources/names.ts';
import { selectPaths } from './sources/select.ts';
import type { ManifestPath, Selected } from './sources/selection.ts';
import { type Read, sift } from './sources/sift.ts';
import { helmParts, type SourceFile } from './sources/source-file.ts';

/** What reading manifests needs of the outside world. */
export interface ManifestReading {
  readonly cwd: string;
  readonly env: Environment;
  readonly readStdin: () => Promise<string>;
}

export interface LoadRequest extends ManifestReading {
  /** Files, folders, globs and `-` for standard input; relative ones start at `directory`. A leading `!` leaves out. */
  readonly paths: readonly ManifestPath[];
  readonly directory: string;
  /** The styles of placeholders that are on: with `mustache`, braces need no template engine. */
  readonly styles: readonly PlaceholderStyle[];
}

/** Files of manifests in a stable order, and what was wrong with others, or is to be known of them. */
export interface LoadedFiles {
  readonly files: readonly SourceFile[];
  readonly findings: readonly Finding[];
}

/**
 * Gets from paths to the texts of manifests: paths as given, below a folder by name; a folder with a kustomization is
 * rendered by Kustomize. Files that aren't manifests are passed over where they were found in a folder or by a glob.
 *
 * @throws DeployError `usage` where standard input is a terminal; `interrupted`.
 */
export async function loadFiles(request: LoadRequest, signal: AbortSignal): Promise<LoadedFiles> {
  const { selected, findings } = await selectPaths(request);
  const read = await Promise.all(selected.map(async (one) => ofAddon(await readOne(one, request, signal), one.addon)));
  return sift(read, findings, request);
}

function ofAddon(read: Read, addon: string | undefined): Read {
  return addon === undefined || read.state === 'wrong' ? read : { ...read, file: { ...read.file, addon } };
}

async function readOne(one: Selected, { cwd, env, readStdin }: ManifestReading, signal: AbortSignal): Promise<Read> {
  switch (one.type) {
    case 'stdin':
      return readPiped(await readStdin());
    case 'kustomization': {
      const rendered = await renderKustomization(one.folder, { name: displayName(one.folder, cwd), env, cwd }, signal);
      return 'cause' in rendered ? { state: 'wrong', finding: rendered } : { state: 'rendered', file: rendered };
    }
    case 'file': {
      const name = displayName(one.path, cwd);
      const text = await readText(one.path, name);
      if (typeof text !== 'string') return { state: 'wrong', finding: text };
      return { state: 'file', file: { name, text }, path: one.path, isNamed: one.isNamed };
    }
  }
}

function readPiped(piped: string): Read {
  const name = '<stdin>';
  if (piped.trim() === '') {
    const cause = 'Nothing came in on standard input.';
    const fix = 'Look at the program before the pipe: it may have failed.';
    return { state: 'wrong', finding: errorFinding('manifests/empty', cause, fix) };
  }
  const text = checkText(piped, name);
  if (typeof text !== 'string') return { state: 'wrong', finding: text };
  return { state: 'file', file: { name, text, parts: helmParts(text) }, isNamed: true };
}

async function readText(path: string, name: string): Promise<string | Finding> {
  try {
    const { size } = await stat(path);
    if (size <= maxFileBytes) return decodeManifest(await readFile(path), name);
    return errorFinding(
      'manifests/size',
      `${name} has ${Math.ceil(size / 1024 / 1024)} MiB: more than ${maxFileBytes / 1024 / 1024} MiB are no manifest.`,
      `Leave it out: -f '!${name}', or split it.`,
    );
  } catch (error) {
    const cause = `${name} can't be read (${systemCodeOf(error) ?? 'error'}).`;
    return errorFinding('manifests/unreadable', cause, 'Make it readable, or leave it out.');
  }
}
