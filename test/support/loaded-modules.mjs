// Preloaded (--import): writes the URL of each module that is loaded into the file of LOADED_MODULES, a line each.
import { appendFileSync } from 'node:fs';
import { register } from 'node:module';

register(
  `data:text/javascript,${encodeURIComponent(`
    import { appendFileSync } from 'node:fs';
    export async function load(url, context, next) {
      appendFileSync(process.env.LOADED_MODULES, url + '\\n');
      return next(url, context);
    }
  `)}`,
);
appendFileSync(process.env.LOADED_MODULES ?? '', '');
