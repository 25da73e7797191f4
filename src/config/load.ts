import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DeployError, messageOf, systemCodeOf } from '../errors.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import type { Origin } from '../model/object.ts';
import { offsetOf, parseYaml } from '../model/yaml.ts';
import { fieldOf, mistakesOf } from './mistakes.ts';
import { type Config, configSchema } from './schema.ts';

/** The file that is read where no `--config` is given and it exists in the working directory. */
const configFileName = 'oms-deploy.yaml';

/**
 * Reads the configuration: `--config`, else `oms-deploy.yaml` here, else the built-in application.
 *
 * @throws DeployError `invalid` with a finding per mistake, at its line.
 */
export async function loadConfig(path: string | undefined, cwd: string): Promise<Config> {
  const here = join(cwd, configFileName);
  const isBuiltIn = path === undefined && !existsSync(here);
  const file = path !== undefined ? resolve(cwd, path) : isBuiltIn ? join(templatesDirectory(), configFileName) : here;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new DeployError(
      'invalid',
      `The configuration ${path ?? file} can't be read (${systemCodeOf(error) ?? 'error'}).`,
      {
        fix: 'Check the path: --config <file>.',
      },
    );
  }
  return { ...parseConfig(text, file, cwd), origin: isBuiltIn ? 'built-in' : 'file' };
}

/**
 * The configuration for manifests that come without one, from what is known of the built-in application's inputs: the
 * Terraform outputs and AWS facts that stand behind a name. Its defaults were chosen for it alone, and don't hold here.
 */
export function configForManifests(builtIn: Config, namespace: string): Config {
  const inputs = Object.entries(builtIn.inputs).flatMap(([name, { description, secret, sources, prompt }]) =>
    sources.length === 0 ? [] : [[name, { description, secret, sources, prompt, optional: false }] as const],
  );
  return {
    ...builtIn,
    application: namespace,
    namespace,
    addons: {},
    images: {},
    inputs: Object.fromEntries(inputs),
    origin: 'manifests',
  };
}

/** The folder with the built-in application's manifests: beside src/ in a checkout, beside dist/ in a package. */
function templatesDirectory(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  const candidates = ['..', '../..'].map((up) => join(start, up, 'templates'));
  const found = candidates.find((candidate) => existsSync(join(candidate, configFileName)));
  if (found === undefined) throw new Error(`templates not found in ${candidates.join(', ')}`);
  return found;
}

function parseConfig(text: string, file: string, cwd: string): Omit<Config, 'origin'> {
  const relativePath = relative(cwd, file);
  const name = relativePath.startsWith('..') ? file : relativePath;
  const { documents, lines } = parseYaml(text);
  const [document] = documents;
  const originAt = (offset: number): Origin => ({ file: name, line: lines.linePos(offset).line });
  const fail = (findings: readonly Finding[]): never => {
    throw new DeployError('invalid', `The configuration ${name} is not valid.`, { findings });
  };
  const syntax = document?.errors ?? [];
  if (syntax.length > 0) fail(syntax.map(({ message, pos }) => notYaml(message, originAt(pos[0]))));
  let value: unknown;
  try {
    value = document?.toJS() ?? {};
  } catch (error) {
    // An alias without its anchor, or so many of them that they are an attack.
    return fail([notYaml(messageOf(error), originAt(0))]);
  }
  const parsed = configSchema.safeParse(value);
  if (parsed.success) return { ...parsed.data, file: name, directory: dirname(file) };
  return fail(
    parsed.error.issues.flatMap((issue) =>
      mistakesOf(issue, value).map(({ path, cause, fix }) => {
        const offset = document === undefined ? undefined : offsetOf(document, fieldOf(path));
        return errorFinding('config/invalid', cause, fix, { origin: originAt(offset ?? 0) });
      }),
    ),
  );
}

function notYaml(message: string, origin: Origin): Finding {
  return errorFinding('config/yaml', `The configuration isn't valid YAML: ${message}`, 'Correct the file.', { origin });
}
