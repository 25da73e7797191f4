import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseYaml } from '../../model/yaml.ts';
import { templatesDirectory } from '../templates.ts';
import { type AddonDefinition, definitionSchema } from './definition.ts';

/** An add-on that comes with this program: for any application. */
export interface ShippedAddon extends AddonDefinition {
  readonly name: string;
}

const definitionFile = 'addon.yaml';

/** All of them by name; the paths of their manifests are absolute. */
export async function shippedAddons(): Promise<ReadonlyMap<string, ShippedAddon>> {
  const folder = join(templatesDirectory(), 'addons');
  const names = (await readdir(folder)).sort().filter((name) => existsSync(join(folder, name, definitionFile)));
  const addons = await Promise.all(names.map((name) => readAddon(join(folder, name), name)));
  return new Map(addons.map((addon) => [addon.name, addon]));
}

/** The add-ons that have an input of this name: they are off, where a run doesn't know the input. */
export async function addonsWithInput(input: string): Promise<readonly string[]> {
  return [...(await shippedAddons()).values()]
    .filter(({ inputs }) => Object.hasOwn(inputs, input))
    .map(({ name }) => name);
}

async function readAddon(folder: string, name: string): Promise<ShippedAddon> {
  const text = await readFile(join(folder, definitionFile), 'utf8');
  const [document] = parseYaml(text).documents;
  // Ours, and held by a test: a mistake in it is a bug.
  const definition = definitionSchema.parse(document?.toJS());
  return { ...definition, name, manifests: definition.manifests.map((file) => join(folder, file)) };
}
