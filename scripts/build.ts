import { cp, mkdir, rm } from 'node:fs/promises';
import { build } from 'esbuild';

/** Bundles src/ into dist/: one entry, and a chunk per command that loads on demand. */
await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  platform: 'node',
  target: 'node20.19',
  // The ES modules of packages that have both: named imports work across chunks, and less is bundled.
  mainFields: ['module', 'main'],
  format: 'esm',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  logLevel: 'warning',
  // Bundled CommonJS packages call require for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
});
await mkdir('dist/sandbox/control-plane', { recursive: true });
for (const file of ['control-plane/go.mod', 'control-plane/go.sum', 'kwok']) {
  await cp(`src/sandbox/${file}`, `dist/sandbox/${file}`, { recursive: true });
}
