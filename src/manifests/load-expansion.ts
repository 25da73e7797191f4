import type { expandAddons } from './addons/expand.ts';
import type { SourceFile } from './sources/source-file.ts';

/** What makes manifests of add-ons those of an application: loaded where there are some. */
export async function loadExpansion(files: readonly SourceFile[]): Promise<typeof expandAddons> {
  if (files.every(({ addon }) => addon === undefined)) return (rendering) => rendering;
  const { expandAddons: expand } = await import('./addons/expand.ts');
  return expand;
}
