import type { PlaceholderStyle } from '../config/schema.ts';
import type { FoundImage, Proposal } from './evidence.ts';

/** A fact, and how it is known. */
export interface Told<T> {
  readonly value: T;
  readonly reason: string;
}

/** All that goes into a configuration. Paths are relative to the file. */
export interface ConfigDraft {
  readonly application: Told<string>;
  readonly namespace: Told<string>;
  readonly manifests: readonly string[];
  readonly overlays: readonly { readonly name: string; readonly path: string; readonly namespace?: string }[];
  readonly terraform: { readonly dir: string } | { readonly outputs: string } | undefined;
  readonly proposals: readonly Proposal[];
  readonly styles: readonly PlaceholderStyle[];
  readonly texts: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly images: readonly FoundImage[];
  /** The names of those that have no version. */
  readonly moving: readonly string[];
  readonly expect: Readonly<Partial<Record<'account' | 'cluster' | 'region', Told<string>>>>;
}
