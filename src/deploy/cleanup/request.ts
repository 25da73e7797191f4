import type { Author } from '../../model/release.ts';
import type { LockOptions } from '../carry-out.ts';
import type { PlaceRequest } from '../open-place.ts';

/** What is cleaned up, and what was agreed to beforehand. */
export interface CleanupRequest {
  readonly place: PlaceRequest;
  /** Only the application's objects go. */
  readonly keepNamespace: boolean;
  /** Claims, other namespaces and definitions go, too. */
  readonly withData: boolean;
  readonly yes: boolean;
  /** The namespace, typed beforehand. */
  readonly confirm?: string;
  /** What isn't of oms-deploy may go with the namespace. */
  readonly foreign: boolean;
  /** What is stuck loses its finalizers. */
  readonly removeFinalizers: boolean;
  /** For the whole cleanup, in milliseconds. */
  readonly timeoutMs: number;
  readonly lock: LockOptions;
  readonly author: Author;
}
