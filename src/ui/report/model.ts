import type { CheckOutcome } from '../../events.ts';
import type { Finding } from '../../model/finding.ts';
import type { Endpoint, FieldChange } from '../../model/plan.ts';
import type { Timeline } from '../../model/timeline.ts';

/** A name and what it is. */
export type Fact = readonly [name: string, value: string];

/** How a run ended. */
export interface Outcome {
  readonly state: 'good' | 'bad' | 'waiting';
  /** One word: done, failed, interrupted. */
  readonly word: string;
  /** Sentences: what, why. */
  readonly message?: string;
  readonly why?: string;
  /** What to do. */
  readonly fix?: string;
}

/** An input as everybody may see it. */
export interface ShownInput {
  readonly name: string;
  readonly value: string;
  readonly source: string;
}

/** An object of a plan or a record. */
export interface ShownObject {
  readonly op: 'create' | 'update' | 'delete' | 'unchanged' | 'recorded';
  readonly object: string;
  /** The file and the line that it came from. */
  readonly origin: string;
  readonly fields: readonly FieldChange[];
  readonly notes: readonly string[];
}

export interface ShownWave {
  /** `Wave config`. */
  readonly name: string;
  readonly objects: readonly ShownObject[];
}

/** A plan, or what a record has. */
export interface ShownPlan {
  readonly title: 'Plan' | 'Objects';
  /** `2 to create`, `preflight ok (7 checks)`. */
  readonly counts: readonly string[];
  readonly waves: readonly ShownWave[];
}

/** One release of a run: an `up` that goes back by itself makes two. */
export interface Round {
  readonly release?: number;
  readonly plan?: ShownPlan;
  readonly timeline?: Timeline;
}

/** All that the page of a report shows. A value: the page is made of nothing else. */
export interface Report {
  readonly command: string;
  readonly application: string;
  readonly outcome: Outcome;
  readonly about: readonly Fact[];
  readonly target: readonly Fact[];
  readonly inputs: readonly ShownInput[];
  readonly rounds: readonly Round[];
  readonly findings: readonly Finding[];
  readonly checks: readonly CheckOutcome[];
  readonly endpoints: readonly Endpoint[];
  /** Images that ran, of a release that was recorded. */
  readonly images: readonly Fact[];
}
