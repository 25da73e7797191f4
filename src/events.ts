import type { CleanupPlan } from './model/cleanup.ts';
import type { Finding } from './model/finding.ts';
import type { Input } from './model/input.ts';
import type { JsonObject } from './model/json.ts';
import type { ObjectRef } from './model/object.ts';
import type { ChangeOp, Plan, Target } from './model/plan.ts';
import type { LastEvent, ReplicaCount } from './model/readiness.ts';
import type { ReleaseStatus } from './model/release.ts';
import type { ReportContent } from './model/report.ts';
import type { ApplicationStatus, LogLine } from './model/status.ts';
import type { PodTimes } from './model/timeline.ts';

/** What happens in a run, as it happens. Domain code emits these; reporters in ui/ show them. */
export type DeployEvent =
  | { readonly type: 'target'; readonly target: Target }
  | { readonly type: 'inputs'; readonly inputs: readonly Input[] }
  /** `isResult`: it is what was asked for, and goes to stdout. */
  | { readonly type: 'plan'; readonly plan: Plan; readonly isResult: boolean }
  /** What a cleanup will delete and leave. */
  | { readonly type: 'cleanup'; readonly plan: CleanupPlan }
  /** The record of a release was written: it begins, or has ended. */
  | { readonly type: 'release'; readonly number: number; readonly status: ReleaseStatus }
  | { readonly type: 'wave'; readonly number: number; readonly name: string; readonly objects: number }
  | { readonly type: 'applied'; readonly object: ObjectRef; readonly op: ChangeOp; readonly elapsedMs: number }
  /** What an object waits for; `failing`: a certain failure, others are still being collected. `count` for workloads. */
  | {
      readonly type: 'progress' | 'failing';
      readonly object: ObjectRef;
      readonly count?: ReplicaCount;
      readonly why: string;
      /** The newest Event of the object and its pods. */
      readonly lastEvent?: LastEvent;
      readonly elapsedMs: number;
    }
  | {
      readonly type: 'ready';
      readonly object: ObjectRef;
      readonly count?: ReplicaCount;
      readonly detail: string;
      readonly elapsedMs: number;
    }
  /** The pods of what was waited for, as they were when the wait ended, well or badly; `seen`: RFC 3339, on the API server's clock. */
  | { readonly type: 'pods'; readonly seen: string; readonly pods: readonly PodTimes[] }
  | { readonly type: 'finding'; readonly finding: Finding }
  /** One line of a container's log: a result. `source` is its prefix, `index` tells sources apart. */
  | { readonly type: 'log'; readonly line: LogLine }
  /** How an application is now, again whenever that changes. */
  | { readonly type: 'status'; readonly status: ApplicationStatus }
  /** A step of longer work (building the control plane, waiting for a server). */
  | { readonly type: 'step'; readonly name: string; readonly message: string }
  /** Something that may take long begins or is over: shown while it goes on, to people only. */
  | { readonly type: 'activity'; readonly message: string; readonly isOver: boolean }
  /** Shown with --verbose only. */
  | { readonly type: 'detail'; readonly message: string };

/** A question that only a person can answer. `flag` names what answers it without asking. */
export type Question =
  | { readonly type: 'confirm'; readonly message: string; readonly flag: string }
  | {
      readonly type: 'text';
      readonly message: string;
      readonly secret: boolean;
      readonly flag: string;
      /** What Enter alone means; of one that isn't secret. */
      readonly default?: string;
    }
  | {
      readonly type: 'choice';
      readonly message: string;
      /** The first is the default. */
      readonly choices: readonly Choice[];
      readonly flag: string;
    };

/** One answer to choose: what comes back, what is shown, and what then happens. */
export interface Choice {
  readonly value: string;
  readonly name: string;
  readonly description?: string;
}

/** The flags with which another command looks at the same place: ` -n shop --sandbox`. */
export interface PlaceFlags {
  /** For `up` and `plan`, which need all that a plan is made from. */
  readonly deploy: string;
  /** For `verify` and `doctor`, which also need to know the manifests. */
  readonly verify: string;
  /** For `status` and `logs`. */
  readonly look: string;
  /** For the commands that work on releases: they also ask whose. */
  readonly owner: string;
  /** For kubectl. */
  readonly kubectl: string;
}

/**
 * How domain code reaches the outside: it notifies, and it asks. It never prints.
 * `ask` throws DeployError('usage') where nobody can be asked: the message names the flag.
 */
export interface Host {
  readonly canAsk: boolean;
  emit(event: DeployEvent): void;
  /** From now on everything that goes out passes through `redact`, so that no secret value can slip into a message. */
  protect(redact: (text: string) => string): void;
  /** From now on the commands that hints name carry these flags: they can be pasted, and look at the same place. */
  place(flags: PlaceFlags): void;
  confirm(question: Extract<Question, { type: 'confirm' }>, signal: AbortSignal): Promise<boolean>;
  text(question: Extract<Question, { type: 'text' }>, signal: AbortSignal): Promise<string>;
  /** The value of the chosen answer. */
  choose(question: Extract<Question, { type: 'choice' }>, signal: AbortSignal): Promise<string>;
}

/** Does something that may take long: whoever waits at a terminal reads `message` meanwhile, such as `Asking AWS`. */
export async function during<T>(message: string, host: Pick<Host, 'emit'>, work: () => Promise<T>): Promise<T> {
  host.emit({ type: 'activity', message, isOver: false });
  try {
    return await work();
  } finally {
    host.emit({ type: 'activity', message, isOver: true });
  }
}

/** How text is marked. Colour marks state only, and the words say it too. */
export interface Style {
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
  readonly good: (text: string) => string;
  readonly waiting: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly strong: (text: string) => string;
  /** One of a few colours by which sources of lines are told apart. */
  readonly tint: (text: string, index: number) => string;
  /** A text from elsewhere, such as a value of a manifest, before it is coloured: free of secrets, and nothing in it is hidden. */
  readonly value: (text: string) => string;
  /** A hint, its commands with the flags of this run. */
  readonly hint: (text: string) => string;
  readonly marks: {
    readonly done: string;
    readonly failed: string;
    readonly between: string;
    readonly arrow: string;
    /** Three letters for the parts of a bar: done, begun, open. */
    readonly bar: string;
  };
}

/** What a command returns. */
export interface Result {
  readonly ok: boolean;
  readonly exitCode: number;
  readonly findings: readonly Finding[];
  /** Machine-readable fields of the result event. */
  readonly data: JsonObject;
  /**
   * The result as text for stdout (human and plain output); empty where there is nothing to print. A function is given
   * the terminal's style, and what it returns is freed of control characters.
   */
  readonly text: string | ((style: Style) => string);
  /** Of `verify` and `doctor`: every check, and what it found. */
  readonly checks?: readonly CheckOutcome[];
  /** What a report (`--report`) shows of it beside the events of the run. */
  readonly report?: ReportContent;
}

/** What one check came to. */
export interface CheckOutcome {
  /** Stable: area/what, such as hpa/metrics. */
  readonly id: string;
  /** What it looks at. */
  readonly summary: string;
  /** `skipped`: there was nothing to look at, or it could not look; `detail` says which. */
  readonly status: 'passed' | 'warned' | 'failed' | 'skipped';
  /** What was seen; empty where findings say it. */
  readonly detail: string;
  readonly findings: readonly Finding[];
}
