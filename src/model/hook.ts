/** A Job that a deploy runs before or after its workloads, and waits for: a migration, a smoke test. */
export interface Hook {
  readonly run: 'before' | 'after';
  /**
   * When its Job is deleted: to run again; already once it has succeeded; never, and then it runs only where no Job of its
   * name is there.
   */
  readonly delete: 'before-next' | 'on-success' | 'never';
  /** The lighter one runs first. */
  readonly weight: number;
}
