import type { Severity } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';
import type { ObjectRef } from '../model/object.ts';
import type { LintFacts } from './facts.ts';

/** Something that a rule has to say of a manifest. */
export interface Flaw {
  readonly manifest: Manifest;
  /** The field that it is about: its line is shown. */
  readonly path: string;
  /** A clause: the object is named before it. */
  readonly cause: string;
  /** What to do; else what the rule says. */
  readonly fix?: string;
  readonly evidence?: readonly string[];
  /** An object that the manifests lack: who has a cluster at hand looks whether it is there. */
  readonly lacks?: ObjectRef;
  /** What else is so, a line each. */
  readonly hits?: readonly string[];
  /** Where it weighs more or less than the rule. */
  readonly severity?: Severity;
}

/** One thing that is wrong or unwise with manifests. Pure: a file each; the list is in rules/index.ts. */
export interface Rule {
  /** The id of its findings, stable: `<area>/<what>`. */
  readonly id: string;
  /** An error only for what the API server refuses, or what can't work; advice is `info`. */
  readonly severity: Severity;
  /** What it looks for, for the README. */
  readonly summary: string;
  /** What to do, starting with a verb. */
  readonly fix: string;
  /**
   * Where a cluster is at hand, something else says it: the dry run of what the API server refuses (`server`), or a check of
   * the preflight. Then the rule speaks only in `lint`.
   */
  readonly leftTo?: 'server' | 'preflight';
  /** Of a rule that is left to the server: what can't even be asked there. That is said wherever manifests are judged. */
  readonly unaskable?: (facts: LintFacts) => readonly Flaw[];
  run(facts: LintFacts): readonly Flaw[];
}
