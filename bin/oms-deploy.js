#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';

if (!existsSync(new URL('../dist/main.js', import.meta.url))) {
  process.stderr.write('oms-deploy is not built here.\n  do  Run npm ci && npm run build in its folder.\n');
  process.exit(2);
}
// Compiled code is kept between runs where Node can do so (22.1 and later): the bundle starts faster.
module.enableCompileCache?.();
await import('../dist/main.js');
