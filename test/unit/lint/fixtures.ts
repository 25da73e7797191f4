import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { configForManifests, loadConfig } from '../../../src/config/load.ts';
import { factsOf, type LintFacts, newestMinor } from '../../../src/lint/facts.ts';
import { loadFieldTable } from '../../../src/lint/fields.ts';
import { readDeclared } from '../../../src/manifests/declared.ts';

/** Manifests that break a rule, and such that keep it, in a folder of its own. */
export function fixtureOf(id: string, side: 'breaks' | 'keeps'): string {
  return fileURLToPath(new URL(`../../fixtures/lint/${id.replace('/', '-')}/${side}.yaml`, import.meta.url));
}

/** The lines of a fixture where its rule has something to say: those that end with `# here`. */
export function linesOf(file: string): readonly number[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, index) => (line.endsWith('# here') ? [index + 1] : []));
}

/** What rules judge, of manifests in a text: as `lint` sees them, with every placeholder open. */
export async function factsFrom(
  text: string,
  given: Partial<Pick<LintFacts, 'isWhole' | 'minor' | 'allowLatest'>> = {},
): Promise<LintFacts> {
  const builtIn = await loadConfig({ cwd: tmpdir() });
  const config = configForManifests(builtIn, 'shop');
  const reading = { cwd: tmpdir(), env: {}, readStdin: () => Promise.resolve(text) };
  const { written, manifests } = await readDeclared(
    { config, namespace: 'shop', manifests: ['-'], addons: [], reading },
    new AbortController().signal,
  );
  return factsOf(written, manifests, {
    isWhole: true,
    minor: newestMinor,
    allowLatest: false,
    declared: new Set([...Object.keys(builtIn.inputs), 'namespace', 'application']),
    fields: await loadFieldTable(),
    ...given,
  });
}
