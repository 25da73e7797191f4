import type { Addon, Config } from '../schema.ts';
import type { ShippedAddon } from './catalog.ts';

/** `--with all`: every add-on that there is. */
export const allAddons = 'all';

/**
 * The configuration with the add-ons that come with this program, and switched on what is asked for. Their inputs are as if
 * the configuration had them; what it says of an input itself stays.
 */
export async function withAddons(config: Config, asked: readonly string[]): Promise<Config> {
  const isWanted = asked.length > 0 || Object.values(config.addons).some(({ state }) => state !== 'off');
  return isWanted ? withKnownAddons(config, asked) : config;
}

/** The same also where none is switched on: to choose from. */
export async function withKnownAddons(config: Config, asked: readonly string[]): Promise<Config> {
  const { shippedAddons } = await import('./catalog.ts');
  const shipped = await shippedAddons();
  const names = [...new Set([...Object.keys(config.addons), ...shipped.keys()])];
  const addons = names.map((name) => {
    const said: Addon = config.addons[name] ?? { state: 'off' };
    const { state } = said;
    const own = said.manifests === undefined ? shipped.get(name) : undefined;
    const isOn = asked.includes(name) || (asked.includes(allAddons) && state === 'off');
    const addon: Addon = { ...(own === undefined ? said : aboutOf(own)), state: isOn ? 'on' : state };
    return { name, addon, shipped: own };
  });
  const inputs = addons.flatMap(({ addon, shipped: one }) =>
    addon.state === 'off' || one === undefined ? [] : Object.entries(one.inputs),
  );
  return {
    ...config,
    addons: Object.fromEntries(addons.map(({ name, addon }) => [name, addon])),
    inputs: { ...Object.fromEntries(inputs), ...config.inputs },
  };
}

/** What a configuration knows of one. */
function aboutOf(shipped: ShippedAddon): Omit<Addon, 'state'> {
  const { name: _, ...about } = shipped;
  return about;
}

/** Whether an add-on is the configuration's own: it may have what else the configuration speaks of. */
export function isOwn({ needs }: Addon): boolean {
  return needs === undefined;
}
