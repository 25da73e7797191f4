import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { TextFile } from './evidence.ts';

/** Folders of tools and of other people's code. */
const passed: ReadonlySet<string> = new Set([
  ...['node_modules', 'vendor', 'charts', 'dist', 'build', 'target', 'venv', '__pycache__', 'coverage'],
]);
/** Hidden folders are passed, too, but for the workflows of GitHub. */
const hiddenTaken: ReadonlySet<string> = new Set(['.github', '.k8s']);

const wanted = /\.(?:ya?ml|json|tf|sh|bash|mk)$|(?:^|\/)(?:Makefile|Jenkinsfile|Kustomization)$/;
const maxDepth = 6;
const maxFiles = 4000;
const maxBytes = 1_000_000;

/**
 * Reads the files of a folder that may say something of a deployment, by their names in order. Folders of Helm charts are
 * passed over: they are no manifests until Helm has rendered them. A folder that isn't there has none.
 */
export async function findFiles(folder: string, cwd: string): Promise<readonly TextFile[]> {
  const paths = await pathsBelow(resolve(cwd, folder), 0);
  const files = await Promise.all(paths.slice(0, maxFiles).map((path) => readText(path, cwd)));
  return files.filter((file) => file !== undefined);
}

async function pathsBelow(path: string, depth: number): Promise<readonly string[]> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined) return [];
  if (info.isFile()) return [path];
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  if (depth > 0 && entries.some(({ name }) => name === 'Chart.yaml')) return [];
  const found = await Promise.all(
    entries
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(async (entry) => {
        const inside = join(path, entry.name);
        if (entry.isFile()) return wanted.test(`/${entry.name}`) ? [inside] : [];
        return entry.isDirectory() && depth < maxDepth && !isPassed(entry.name) ? pathsBelow(inside, depth + 1) : [];
      }),
  );
  return found.flat();
}

function isPassed(name: string): boolean {
  return passed.has(name) || (name.startsWith('.') && !hiddenTaken.has(name));
}

async function readText(path: string, cwd: string): Promise<TextFile | undefined> {
  const info = await stat(path).catch(() => undefined);
  if (info === undefined || info.size > maxBytes) return undefined;
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const name = relative(cwd, path).split(sep).join('/');
  return text === undefined ? undefined : { path: name, text: text.replace(/^\uFEFF/, '') };
}
