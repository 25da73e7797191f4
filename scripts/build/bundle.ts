import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type BuildOptions, type BuildResult, build, type Plugin } from 'esbuild';
import { version } from '../../src/version.ts';
import { fieldTable } from './field-table.ts';
import { grouped } from './grouped.ts';

/** A file of dist/: its name there, and what it holds. */
export type OutputFile = readonly [name: string, contents: Uint8Array];

/** What esbuild made, and the packages of node_modules that are in it, by their folders. */
export interface Bundle {
  readonly files: readonly OutputFile[];
  readonly packages: readonly string[];
}

const outdir = 'dist';

/**
 * Of the Kubernetes client only what reads a kubeconfig: the API's models are half a megabyte that would be loaded with it,
 * and are needed by clients that it makes, of which we make none.
 */
const kubeconfigOnly: Plugin = {
  name: 'the Kubernetes client: its kubeconfig',
  setup(esbuild) {
    const dist = resolve('node_modules/@kubernetes/client-node/dist');
    esbuild.onResolve({ filter: /^@kubernetes\/client-node$/ }, () => ({ path: join(dist, 'config.js') }));
    esbuild.onResolve({ filter: /^\.\/gen\/index\.js$/ }, ({ resolveDir }) =>
      resolveDir === dist ? { path: resolve('scripts/build/no-api-client.ts') } : undefined,
    );
  },
};

const common = {
  entryPoints: ['src/main.ts'],
  write: false,
  metafile: true,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // The ES modules of packages that have both: named imports work across chunks, and less is bundled.
  mainFields: ['module', 'main'],
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  // All licences are in a file of their own.
  legalComments: 'none',
  // node-fetch takes URL from there only where Node had none, and it loads Node's deprecated punycode.
  alias: { 'whatwg-url': 'node:url' },
  plugins: [kubeconfigOnly],
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** Bundled CommonJS packages call require for Node's own modules. */
const banner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** The program in chunks: what a command needs is loaded on demand. */
export async function bundleProgram(): Promise<Bundle> {
  return bundleOf(
    await build({
      ...common,
      plugins: [...common.plugins, grouped()],
      outdir,
      splitting: true,
      banner: { js: banner },
    }),
  );
}

/** What the program reads from its folder, and what it has instead where it is one file. */
const replaced: Readonly<Record<string, string>> = {
  'src/version.ts': 'version.ts',
  'src/config/templates.ts': 'templates.ts',
  'src/lint/field-table-text.ts': 'field-table-text.ts',
  'src/sandbox/binaries.ts': 'no-sandbox.ts',
  'src/sandbox/supervisor.ts': 'no-sandbox.ts',
};

/** The program as one file that needs nothing but Node; the sandbox is not in it. */
export async function bundleSingleFile(): Promise<Bundle> {
  const { files, packages } = bundleOf(
    await build({
      ...common,
      outfile: join(outdir, 'oms-deploy.mjs'),
      banner: { js: `#!/usr/bin/env node\n${banner}` },
      plugins: [...common.plugins, replacing],
      define: {
        embeddedVersion: JSON.stringify(version()),
        embeddedFieldTable: JSON.stringify(JSON.stringify(fieldTable())),
        embeddedTemplates: JSON.stringify(templates()),
      },
    }),
  );
  return { files, packages };
}

const replacing: Plugin = {
  name: 'what one file has instead of a folder',
  setup(esbuild) {
    esbuild.onResolve({ filter: /^\..*\.ts$/ }, ({ path, resolveDir }) => {
      const name = replaced[relative('', resolve(resolveDir, path)).replaceAll('\\', '/')];
      return name === undefined ? undefined : { path: resolve('scripts/build/single-file', name) };
    });
  },
};

/** The built-in application, by path below templates/. */
function templates(): Readonly<Record<string, string>> {
  const entries = readdirSync('templates', { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(paths.map((path) => [relative('templates', path), readFileSync(path, 'utf8')]));
}

function bundleOf({ outputFiles, metafile }: BuildResult<{ write: false; metafile: true }>): Bundle {
  const packages = Object.keys(metafile.inputs).flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  );
  return {
    files: outputFiles.map(({ path, contents }) => [relative(outdir, path), contents] as const),
    packages: [...new Set(packages)].sort(),
  };
}
