import type { InputEntry } from '../config/schema.ts';
import type { Origin } from '../model/object.ts';

/** An input as a run looks for it. */
export type InputSpec = Omit<InputEntry, 'secret'> & {
  readonly secret: boolean;
  /** Why it is secret, where no configuration says so: `fills a Secret`. */
  readonly secretSince?: string;
  /** The configuration says `secret: false`: a value is none either where its place is one for secrets. */
  readonly isPublic?: boolean;
  /** Its first placeholder. */
  readonly origin?: Origin;
  /** Only the manifests name it. */
  readonly isUndeclared?: boolean;
};

export type InputSpecs = Readonly<Record<string, InputSpec>>;
