import type { BuiltInSettings, builtInSettings as original } from '../../../src/config/built-in.ts';

declare const embeddedBuiltIn: BuiltInSettings;

/** What the built-in configuration said when this was built. */
export const builtInSettings: typeof original = () => embeddedBuiltIn;
