import type { Cluster } from '../cluster/cluster.ts';
import type { Finding } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';
import type { ObjectRef } from '../model/object.ts';
import type { Plan, Target } from '../model/plan.ts';
import type { Commit, ImageOverride, LeftObject, RecordedInput } from '../model/release.ts';
import type { Ledger } from './ledger.ts';
import type { ClusterFacts } from './target.ts';

/** What shall be in the cluster: from files and inputs, or from the record of a release. */
export interface Desired {
  /** `up`, `rollback to 3`. */
  readonly action: string;
  /** Rendered and stamped. */
  readonly manifests: readonly Manifest[];
  readonly inputs: readonly RecordedInput[];
  /** The texts that a record must keep apart. */
  readonly secretValues: readonly string[];
  readonly overrides: readonly ImageOverride[];
  readonly findings: readonly Finding[];
  /** Only a deploy from manifests runs hooks: an older migration must not meet a newer schema. */
  readonly runsHooks: boolean;
  /** The one object that may change; absent: all of them. */
  readonly only?: ObjectRef;
  /** The git commit that it comes from, looked up once. */
  readonly commit: (signal: AbortSignal) => Promise<Commit | undefined>;
}

/** A plan, and all that executing it needs. The caller closes the cluster. */
export interface Planned {
  readonly plan: Plan;
  readonly desired: Desired;
  readonly ledger: Ledger;
  /** Objects of earlier releases that may still be there when it is done. */
  readonly left: readonly LeftObject[];
  readonly cluster: Cluster;
  /** The same plan for the cluster as it is now: nobody is asked for an input twice. */
  readonly again: (signal: AbortSignal) => Promise<Planned>;
}

/** The cluster, what it says of itself, and what has been deployed there. */
export interface View {
  readonly cluster: Cluster;
  readonly facts: ClusterFacts;
  readonly ledger: Ledger;
}

/** Where a plan is made for. */
export interface Whereabouts {
  readonly target: Target;
  readonly view: View;
}
