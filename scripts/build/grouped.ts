import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * What commands load on demand, in one chunk: a deploy needs a hundred modules, and a file for each of them would cost it
 * more than the few that only others need. Libraries that few runs need keep chunks of their own, by these modules that
 * import them, as does what is a program of its own.
 */
const apart = [
  'src/aws/sdk/',
  'src/cluster/connect.ts',
  'src/cluster/websocket.ts',
  'src/cli/complete/',
  'src/cli/topics/',
  'src/cli/report.ts',
  'src/deploy/gitops/',
  'src/init/',
  'src/sandbox/',
  'src/ui/event-schema.ts',
  'src/ui/trace/',
];

const group = 'commands';

/** Lets `import('./x.ts')` of our own modules load the whole group. */
export function grouped(): Plugin {
  const members: string[] = [];
  const source = resolve('src');
  return {
    name: group,
    setup(esbuild) {
      esbuild.onStart(() => void members.splice(0, members.length, ...membersOf(source)));
      esbuild.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => ({
        contents: readFileSync(path, 'utf8').replaceAll(dynamicImport, (whole, name: string) => {
          const index = members.indexOf(resolve(dirname(path), name));
          return index < 0 ? whole : `import(${JSON.stringify(group)}).then((one) => one.module${index})`;
        }),
        loader: 'ts',
      }));
      esbuild.onResolve({ filter: new RegExp(`^${group}$`) }, () => ({ path: group, namespace: group }));
      esbuild.onLoad({ filter: /.*/, namespace: group }, () => ({
        contents: members.map((path, index) => `export * as module${index} from ${JSON.stringify(path)};`).join('\n'),
        resolveDir: source,
      }));
    },
  };
}

const dynamicImport = /\bimport\('(\.[^']+\.ts)'\)/g;

/** Our own modules that something loads on demand, without those that stay apart. */
function membersOf(folder: string): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const wanted = files.flatMap((file) => {
    const path = join(folder, file);
    return [...readFileSync(path, 'utf8').matchAll(dynamicImport)].map(([, name = '']) => resolve(dirname(path), name));
  });
  const isApart = (path: string): boolean =>
    apart.some((start) => relative('', path).replaceAll('\\', '/').startsWith(start));
  return [...new Set(wanted)].filter((path) => !isApart(path)).sort();
}
