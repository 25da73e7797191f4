import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { systemCodeOf } from '../errors.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import type { Origin } from '../model/object.ts';

/** A manifest file as text; `name` is how messages call it: relative to where the user stands. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
  /** Where all of it comes from, if its own lines are not those of a file. */
  readonly origin?: Origin;
}

export interface LoadRequest {
  /** Files, folders and `-` for standard input; relative ones start at `directory`. */
  readonly paths: readonly string[];
  readonly directory: string;
  readonly cwd: string;
  readonly readStdin: () => Promise<string>;
}

const manifestFile = /\.(ya?ml|json)$/i;

/** Reads manifest files in a stable order: paths as given, folders by name, deep. */
export async function loadFiles(
  request: LoadRequest,
): Promise<{ readonly files: readonly SourceFile[]; readonly findings: readonly Finding[] }> {
  const findings: Finding[] = [];
  const files = new Map<string, SourceFile>();
  for (const path of request.paths) {
    if (path === '-') {
      files.set('-', { name: '<stdin>', text: await request.readStdin() });
      continue;
    }
    const absolute = resolve(request.directory, path);
    const found = await findFiles(absolute, path);
    if ('cause' in found) {
      findings.push(found);
      continue;
    }
    const texts = await Promise.all(found.map((file) => readFile(file, 'utf8')));
    found.forEach((file, index) => {
      files.set(file, { name: displayName(file, request.cwd), text: texts[index] ?? '' });
    });
  }
  return { files: [...files.values()], findings };
}

async function findFiles(absolute: string, asGiven: string): Promise<readonly string[] | Finding> {
  try {
    if ((await stat(absolute)).isFile()) return [absolute];
    const entries = await readdir(absolute, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile() && manifestFile.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !relative(absolute, file).split(/[\\/]/).some(isHidden))
      .sort();
    if (files.length > 0) return files;
    return errorFinding(
      'manifests/empty',
      `The folder ${asGiven} holds no manifest: no file in it ends in .yaml, .yml or .json.`,
      'Name the folder with your manifests: --manifests <path>.',
    );
  } catch (error) {
    const missing = systemCodeOf(error) === 'ENOENT';
    return errorFinding(
      missing ? 'manifests/missing' : 'manifests/unreadable',
      missing
        ? `There is no file or folder ${asGiven}.`
        : `${asGiven} can't be read (${systemCodeOf(error) ?? 'error'}).`,
      'Check the path: --manifests <path>.',
    );
  }
}

/** Editors' and tools' own files (`.git`, `.terraform`) are not manifests. */
function isHidden(name: string): boolean {
  return name.startsWith('.');
}

/** Below the working directory a relative path; elsewhere the absolute one, never a row of `../`. */
function displayName(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path.startsWith('..') ? file : path;
}
