import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type InputOptions, type OutputOptions, type Plugin, type RolldownOutput, rolldown } from 'rolldown';
import { builtInWord, loadConfig } from '../../src/config/load.ts';
import { version } from '../../src/version.ts';
import { chunks } from './chunks.ts';
import { fieldTable } from './field-table.ts';
import { filesBelow } from './files-below.ts';

/** A file of dist/: its name there, and what it holds. */
export type OutputFile = readonly [name: string, contents: Uint8Array];

/** What the bundler made, and the packages of node_modules that are in it, by their folders. */
export interface Bundle {
  readonly files: readonly OutputFile[];
  readonly packages: readonly string[];
}

/**
 * Of the Kubernetes client only what reads a kubeconfig: the API's models are half a megabyte that would be loaded with it,
 * and are needed by clients that it makes, of which we make none.
 */
const kubeconfigOnly: Plugin = {
  name: 'the Kubernetes client: its kubeconfig',
  resolveId: {
    filter: { id: [/^@kubernetes\/client-node$/, /^\.\/gen\/index\.js$/] },
    handler(id, importer = '') {
      const dist = resolve('node_modules/@kubernetes/client-node/dist');
      if (id === '@kubernetes/client-node') return join(dist, 'config.js');
      return dirname(importer) === dist ? resolve('scripts/build/no-api-client.ts') : undefined;
    },
  },
};

/** What libraries load, or have Node load, at every start, and few runs or none need. */
const slim: Plugin = {
  name: 'what would be loaded in vain',
  resolveId: {
    filter: { id: [/^whatwg-url$/, /^yaml$/, /^socks-proxy-agent$/, /^(?:node:)?(?:child_process|http)$/] },
    handler(id, importer = '', { kind }) {
      switch (id.replace('node:', '')) {
        // node-fetch takes URL from there only where Node had none, and it loads Node's deprecated punycode.
        case 'whatwg-url':
          return { id: 'node:url', external: true };
        // The same as ES modules, which its package has for browsers alone: sixty modules fewer that call each other.
        case 'yaml':
          return resolve('node_modules/yaml/browser/index.js');
        // Commander would start commands that are programs of their own: we have none.
        case 'child_process':
          return importer.includes('/node_modules/commander/') ? resolve('scripts/build/no-programs.ts') : undefined;
        case 'socks-proxy-agent':
        case 'http':
          return kind === 'import-statement'
            ? resolve(`scripts/build/on-demand/${id.replace('node:', '')}.ts`)
            : undefined;
        default:
          return undefined;
      }
    },
  },
};

const common = {
  input: 'src/main.ts',
  platform: 'node',
  // The ES modules of packages that have both: named imports work across chunks, and less is bundled.
  resolve: { mainFields: ['module', 'main'] },
  plugins: [kubeconfigOnly, slim],
  preserveEntrySignatures: false,
  // A module that is loaded at the start anyway may still be asked for where it is needed.
  checks: { ineffectiveDynamicImport: false },
} as const satisfies InputOptions;

const output = {
  format: 'esm',
  // Names stay: a stack is read by people.
  minify: {
    compress: { target: 'node20.19' },
    mangle: { keepNames: true },
    codegen: { removeWhitespace: true, legalComments: 'none', asciiOnly: true },
  },
} as const satisfies OutputOptions;

/** The program in chunks: what a command needs is loaded on demand. */
export async function bundleProgram(): Promise<Bundle> {
  const { plugin, groups } = chunks(common.input);
  const bundle = await rolldown({
    ...common,
    plugins: [...common.plugins, plugin, instead(ofAnyBuild)],
    transform: { define: { embeddedBuiltIn: await builtInSettings() } },
  });
  return bundleOf(
    await bundle.generate({
      ...output,
      entryFileNames: 'main.js',
      chunkFileNames: '[name]-[hash].js',
      codeSplitting: { includeDependenciesRecursively: false, groups },
    }),
  );
}

/** The program as one file that needs nothing but Node; the sandbox is not in it. */
export async function bundleSingleFile(): Promise<Bundle> {
  const bundle = await rolldown({
    ...common,
    plugins: [...common.plugins, instead({ ...ofAnyBuild, ...ofOneFile })],
    transform: {
      define: {
        embeddedBuiltIn: await builtInSettings(),
        embeddedVersion: JSON.stringify(version()),
        embeddedFieldTable: JSON.stringify(JSON.stringify(fieldTable())),
        embeddedTemplates: JSON.stringify(templates()),
      },
    },
  });
  return bundleOf(
    await bundle.generate({
      ...output,
      entryFileNames: 'oms-deploy.mjs',
      banner: '#!/usr/bin/env node',
      codeSplitting: false,
    }),
  );
}

/** Modules that a build has others for, in instead/. */
type Instead = Readonly<Record<string, string>>;

const ofAnyBuild: Instead = { 'src/config/built-in.ts': 'built-in.ts' };

/** What the program reads from its folder, and what it has instead where it is one file. */
const ofOneFile: Instead = {
  'src/version.ts': 'version.ts',
  'src/config/templates.ts': 'templates.ts',
  'src/lint/field-table-text.ts': 'field-table-text.ts',
  'src/sandbox/binaries.ts': 'no-sandbox.ts',
  'src/sandbox/node/parts.ts': 'no-sandbox.ts',
  'src/sandbox/supervisor.ts': 'no-sandbox.ts',
};

function instead(names: Instead): Plugin {
  return {
    name: 'what a build has instead',
    resolveId: {
      filter: { id: /^\..*\.ts$/ },
      handler(id, importer = '') {
        const name = names[relative('', resolve(dirname(importer), id)).replaceAll('\\', '/')];
        return name === undefined ? undefined : resolve('scripts/build/instead', name);
      },
    },
  };
}

/** The built-in configuration, checked. */
async function builtInSettings(): Promise<string> {
  const config = await loadConfig({ path: builtInWord, cwd: '/' });
  const here: ReadonlySet<string> = new Set(['file', 'directory', 'origin', 'isAsked', 'overrides', 'placeOf']);
  if (config.overrides.length > 0) throw new Error('src/config/built-in.ts has no room for overrides');
  return JSON.stringify(Object.fromEntries(Object.entries(config).filter(([name]) => !here.has(name))));
}

/** The built-in application, by path below templates/. */
function templates(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    filesBelow('templates').map((path) => [path, readFileSync(join('templates', path), 'utf8')]),
  );
}

function bundleOf({ output: files }: RolldownOutput): Bundle {
  const modules = files.flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : []));
  const packages = modules.flatMap(
    (id) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(relative('', id).replaceAll('\\', '/'))?.[0] ?? [],
  );
  const bytes = new TextEncoder();
  return {
    files: files.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, bytes.encode(file.code)] as const] : [])),
    packages: [...new Set(packages)].sort(),
  };
}
