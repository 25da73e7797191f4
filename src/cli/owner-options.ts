import type { OptionSpec } from './command.ts';
import { placeOptions } from './look-options.ts';

/** Names one of several applications of a namespace. */
export const applicationOption: OptionSpec = {
  flags: '--application <name>',
  description: 'whose releases (default: of the configuration, else the only one there)',
};

/** Flags that say whose releases a command works on. */
export const ownerOptions: readonly OptionSpec[] = [...placeOptions, applicationOption];
