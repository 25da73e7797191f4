import type { Json } from './json.ts';
import type { ObjectRef, Origin } from './object.ts';
import type { ReleaseSummary } from './release.ts';

/** An input of a field, as it may be shown. */
export interface ExplainedInput {
  readonly name: string;
  /** `****` for a secret one; absent where no source has a value. */
  readonly value?: string;
  /** `terraform output redis_endpoint`. */
  readonly source?: string;
  /** What a composed one is made of. */
  readonly parts: readonly ExplainedInput[];
  /** What the newest release had, where that was something else. */
  readonly before?: { readonly value: string; readonly source: string };
}

/** Where the value of a field comes from, and what became of it. */
export interface ExplainedField {
  readonly object: ObjectRef;
  /** `data.redis-endpoint`, `spec.template.spec.containers[app].image`. */
  readonly path: string;
  readonly origin: Origin;
  /** As it stands in the file, placeholders included; absent where nothing is filled in. */
  readonly written?: string;
  /** What is deployed now. `****` for a secret. */
  readonly value?: Json;
  /** Why nothing is, where there is no value. */
  readonly lack?: string;
  readonly inputs: readonly ExplainedInput[];
  /** Absent where the cluster wasn't asked. */
  readonly live?: LiveField;
}

/** A field in the cluster. */
export interface LiveField {
  readonly state: 'same' | 'other' | 'absent';
  readonly value?: Json;
  /** The field manager that set it last, and when, in milliseconds since the epoch. */
  readonly manager?: string;
  readonly changedMs?: number;
  /** It was changed after the newest release. */
  readonly isChanged: boolean;
}

/** What `explain` was asked about. */
export type Explained =
  | { readonly kind: 'object'; readonly object: ObjectRef; readonly origin: Origin }
  | { readonly kind: 'input'; readonly input: ExplainedInput };

/** The answer of `explain`. */
export interface Explanation {
  readonly about: Explained;
  readonly fields: readonly ExplainedField[];
  readonly release?: ReleaseSummary;
  /** Why the cluster has nothing to say. */
  readonly unknown?: string;
  /** Of the API server, in milliseconds since the epoch. */
  readonly nowMs: number;
}
