import type { Cluster } from '../cluster/cluster.ts';
import type { Discovery } from '../cluster/discovery.ts';
import { outputsIn } from '../config/outputs.ts';
import type { InputEntry } from '../config/schema/inputs.ts';
import type { Config } from '../config/schema.ts';
import { DeployError } from '../errors.ts';
import { missingNeeds, type Need } from '../verify/addon-needs.ts';
import type { InputEntries } from './own-addon-inputs.ts';

/** An add-on, and whether the cluster can take it. */
export interface ListedAddon {
  readonly name: string;
  readonly state: 'on' | 'optional' | 'off';
  readonly description?: string;
  /** Absent for one of the configuration's own, which doesn't say. */
  readonly needs?: readonly Need[];
  readonly inputs: readonly AddonInput[];
  /** Those of its needs that the cluster lacks; absent where it wasn't asked. */
  readonly missing?: readonly Need[];
}

/** What an add-on may be told, by `--set` and all else that gives inputs. */
export interface AddonInput {
  readonly name: string;
  readonly description: string;
  /** What it is without being told; absent where it is looked for, or must be given. */
  readonly default?: string;
  /** The Terraform outputs that have it, in order of preference. */
  readonly outputs: readonly string[];
}

export interface AddonList {
  readonly addons: readonly ListedAddon[];
  /** Absent where it wasn't reached. */
  readonly cluster?: string;
  /** Why it wasn't. */
  readonly unknown?: string;
}

/**
 * All add-ons that there are, with what the cluster has of what they need. Without a cluster they are listed, too. Those of
 * the configuration's own have their inputs beside them.
 */
export async function listAddons(
  addons: Config['addons'],
  own: ReadonlyMap<string, InputEntries>,
  open: () => Promise<Cluster>,
  signal: AbortSignal,
): Promise<AddonList> {
  const listed = Object.entries(addons).map(([name, { state, description, needs, inputs = own.get(name) ?? {} }]) => ({
    ...{ name, state, inputs: Object.entries(inputs).map(([input, entry]) => inputOf(input, entry)) },
    ...(needs === undefined ? {} : { needs }),
    ...(description === undefined ? {} : { description }),
  }));
  let cluster: Cluster | undefined;
  try {
    cluster = await open();
    const discovery = await cluster.discovery(signal);
    return {
      addons: listed.map((addon) => withMissing(addon, discovery)),
      cluster: cluster.name,
    };
  } catch (error) {
    // A wrong flag or file is no cluster that can't be asked.
    if (!(error instanceof DeployError) || error.code !== 'refused') throw error;
    return { addons: listed, unknown: error.message };
  } finally {
    cluster?.close();
  }
}

function withMissing(addon: ListedAddon, discovery: Discovery): ListedAddon {
  return addon.needs === undefined ? addon : { ...addon, missing: missingNeeds(addon.needs, discovery) };
}

function inputOf(name: string, { description = '', default: usual, sources }: InputEntry): AddonInput {
  return {
    ...{ name, description, outputs: outputsIn(sources) },
    ...(usual === undefined || usual === '' ? {} : { default: String(usual) }),
  };
}
