import { relative, resolve } from 'node:path';
import type { CodeSplittingGroup, Plugin, PluginContext } from 'rolldown';

/**
 * Libraries that few runs need keep chunks of their own, by these modules of ours that import them, as does what is a
 * program of its own.
 */
const apart = [
  'src/aws/sdk/',
  'src/cluster/connect.ts',
  'src/cluster/websocket.ts',
  'src/config/addons/catalog.ts',
  'src/config/json-schema.ts',
  'src/config/read-config.ts',
  'src/config/settings.ts',
  'src/cli/complete/',
  'src/cli/topics/',
  'src/cli/report.ts',
  'src/deploy/gitops/',
  'src/init/',
  'src/manifests/addons/',
  'src/sandbox/',
  'src/ui/event-schema.ts',
  'src/ui/trace/',
];

/**
 * Two chunks for nearly all of our code: what starts with the program, and what commands load on demand. A deploy needs
 * hundreds of modules, and a file for each of them would cost it more than the few that only others need.
 */
export function chunks(entry: string): { readonly plugin: Plugin; readonly groups: CodeSplittingGroup[] } {
  let atStart: ReadonlySet<string> = new Set();
  let onDemand: ReadonlySet<string> = new Set();
  const plugin: Plugin = {
    name: 'chunks',
    buildEnd() {
      atStart = reached(this, [resolve(entry)]);
      onDemand = reached(this, [...atStart], isCommands);
    },
  };
  const groups: CodeSplittingGroup[] = [
    // The entry waits for what it has loaded, which waits for its own imports: it can't be one of those.
    { name: 'base', test: (id) => atStart.has(id) && id !== resolve(entry) },
    { name: 'commands', test: (id) => onDemand.has(id) && !atStart.has(id) },
  ];
  return { plugin, groups };
}

/** The modules that some import at once, themselves included, and what those load on demand as far as it is wanted. */
function reached(
  build: PluginContext,
  from: readonly string[],
  isWanted: (id: string) => boolean = () => false,
): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const module = build.getModuleInfo(id);
    if (seen.has(id) || module === null) continue;
    seen.add(id);
    open.push(...module.importedIds, ...module.dynamicallyImportedIds.filter(isWanted));
  }
  return seen;
}

/** Our own modules; a package that is loaded on demand is one that few runs need. */
function isCommands(id: string): boolean {
  const path = relative('', id).replaceAll('\\', '/');
  return path.startsWith('src/') && !apart.some((start) => path.startsWith(start));
}
