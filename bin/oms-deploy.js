#!/usr/bin/env node
import module from 'node:module';

// Compiled code is kept between runs where Node can do so (22.1 and later): the bundle starts faster.
module.enableCompileCache?.();
await import('../dist/main.js');
