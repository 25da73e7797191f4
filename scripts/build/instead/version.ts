import type { version as original } from '../../../src/version.ts';

declare const embeddedVersion: string;

/** The version that this file was made of. */
export const version: typeof original = () => embeddedVersion;
