import type { Finding } from '../../../model/finding.ts';
import type { Application } from '../application.ts';
import type { Scope } from '../values.ts';

/** What manifests of add-ons are made once for each of. */
export interface Collection {
  /** As the annotation `oms-deploy.io/for-each` names it. */
  readonly name: string;
  /** What `$[...]` stands for, for each of them. */
  readonly items: (application: Application) => readonly Scope[];
  /** What is to be said of the application where something is made for them. */
  readonly notes?: (application: Application) => readonly Finding[];
}
